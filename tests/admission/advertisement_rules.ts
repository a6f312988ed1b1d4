/** Rules about advertisements and communities. */
import { bgp, l2, resource } from "./objects.ts";
import type { Rows } from "./row.ts";

const twice = { matchLabels: { rack: "a" } };

/** Rows by rule. */
export const ADVERTISEMENT_RULES = {
  duplicatePools: [
    {
      refused: l2({ ipAddressPools: ["office", "office"] }),
      says: ['spec.ipAddressPools[1]: Cannot list "office" twice'],
    },
    {
      refused: bgp({ ipAddressPools: ["six", "six"] }),
      says: ['spec.ipAddressPools[1]: Cannot list "six" twice'],
    },
  ],
  duplicatePeers: [{
    refused: bgp({ peers: ["router-a", "router-a"] }),
    says: ['spec.peers[1]: Cannot list "router-a" twice'],
  }],
  duplicateBGPAdvertisement: [{
    exists: resource("BGPAdvertisement", "routes", {
      ipAddressPools: ["later"],
    }),
  }],
  duplicateCommunity: [
    {
      refused: bgp({ communities: ["64500:1", "64500:1"] }),
      says: ['spec.communities[1]: Cannot list "64500:1" twice'],
    },
    {
      refused: resource("Community", "bad", {
        communities: [{ name: "no-export", value: "64500:1" }],
      }),
      says: [
        'spec.communities[0].name: Cannot define "no-export" twice: Community "well-known" defines it already',
      ],
    },
  ],
  communityValueInvalid: [
    {
      refused: bgp({ communities: ["64500:99999"] }),
      says: ['spec.communities[0]: Cannot use "64500:99999" as a community'],
    },
    {
      refused: resource("Community", "bad", {
        communities: [{ name: "x", value: "large:1:2:4294967296" }],
      }),
      says: [
        'spec.communities[0].value: Cannot use "large:1:2:4294967296" as a community',
      ],
    },
  ],
  communityFormatInvalid: [
    {
      refused: resource("Community", "bad", {
        communities: [{ name: "x", value: "no-such" }],
      }),
      says: ['spec.communities[0].value: Cannot use "no-such" as a community'],
    },
    {
      refused: bgp({ communities: ["1:2:3"] }),
      says: ['spec.communities[0]: Refers to "1:2:3"'],
    },
    {
      warned: bgp({
        ipAddressPools: ["six"],
        peers: ["router-a"],
        communities: ["later"],
      }),
      says: ['spec.communities[0]: Refers to "later"'],
    },
  ],
  aggregationLengthOutOfRange: [
    {
      refused: bgp({ aggregationLength: 33 }),
      says: ["spec.aggregationLength: Cannot use 33"],
    },
    {
      refused: bgp({ aggregationLengthV6: 129 }),
      says: ["spec.aggregationLengthV6: Cannot use 129"],
    },
  ],
  aggregationLengthTooShort: [
    {
      refused: bgp({ ipAddressPools: ["six"], aggregationLengthV6: 64 }),
      says: [
        'spec.aggregationLengthV6: Cannot use 64: it would announce more than "2001:db8::/120" of IPAddressPool "six"',
      ],
    },
    {
      refused: bgp({ aggregationLength: 24, ipAddressPools: ["office"] }),
      says: [
        'spec.aggregationLength: Cannot use 24: it would announce more than "192.0.2.100-192.0.2.150" of IPAddressPool "office"',
      ],
    },
  ],
  serviceSelectorsWithAggregation: [{
    refused: bgp({ aggregationLength: 24, serviceSelectors: [twice] }),
    says: ["spec: Invalid value", "aggregationLength 32"],
  }],
  localPrefConflict: [{
    refused: bgp({
      ipAddressPools: ["office"],
      localPref: 200,
      asPathPrepend: 1,
    }),
    says: [
      'spec.localPref: Cannot use 200: BGPAdvertisement "routes" announces the same prefixes of IPAddressPool "office"',
    ],
  }],
  asPathPrependConflict: [{
    refused: bgp({
      ipAddressPools: ["office"],
      localPref: 100,
      asPathPrepend: 2,
    }),
    says: [
      'spec.asPathPrepend: Cannot use 2: BGPAdvertisement "routes" announces the same prefixes of IPAddressPool "office"',
    ],
  }],
  bfdEchoWithIPv6: [
    {
      // The advertisement that brings both together.
      refused: bgp({ ipAddressPools: ["six"], peers: ["router-echo"] }),
      says: [
        'spec.peers: Cannot announce the IPv6 addresses of IPAddressPool "six" to BGPPeer "router-echo": its BFDProfile "echo" has echoMode',
      ],
    },
  ],
  unknownPool: [
    {
      warned: l2({ ipAddressPools: ["later"] }),
      says: ['spec.ipAddressPools[0]: Refers to IPAddressPool "later"'],
    },
    {
      warned: bgp({ ipAddressPools: ["later"] }),
      says: ['spec.ipAddressPools[0]: Refers to IPAddressPool "later"'],
    },
  ],
  unknownPeer: [{
    warned: bgp({ ipAddressPools: ["six"], peers: ["later"] }),
    says: ['spec.peers[0]: Refers to BGPPeer "later"'],
  }],
  noNodeSelected: [{
    warned: l2({ nodeSelectors: [{ matchLabels: { rack: "later" } }] }),
    says: ["spec.nodeSelectors: Selects no node"],
  }],
  // The webhooks do not see Nodes, and what is wrong with one stops nobody else.
  drainInvalid: [{
    stored: {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "unclear",
        annotations: { "herald-lb.io/drain": "yes" },
      },
    },
  }],
  failbackInvalid: [{
    warned: resource("L2Advertisement", "bad", {}, {
      annotations: { "herald-lb.io/failback": "soon" },
    }),
    says: [
      'metadata.annotations["herald-lb.io/failback"]: The annotation takes immediate, never, or a number of seconds, not "soon"',
    ],
  }],
} as const satisfies Rows;
