/** Rules about BGP peers and BFD profiles. */
import { nameless, peer, PEER_FIELDS, resource } from "./objects.ts";
import type { Rows } from "./row.ts";

/** Rows by rule. */
export const PEER_RULES = {
  myASNMissing: [{
    refused: peer({ myASN: 0 }),
    says: ["spec.myASN: Cannot use 0"],
  }],
  peerASNMissing: [{
    refused: peer({ peerASN: 0 }),
    says: ["spec.peerASN: Cannot use 0"],
  }],
  peerASNAndDynamicASN: [{
    refused: peer({ dynamicASN: "external" }),
    says: [
      'spec.dynamicASN: Cannot use dynamicASN "external" besides peerASN 64501',
    ],
  }],
  dynamicASNInvalid: [{
    refused: peer({ peerASN: 0, dynamicASN: "any" }),
    says: ["spec.dynamicASN", '"any"'],
  }],
  ebgpMultiHopOnIBGP: [{
    refused: peer({ peerASN: 64500, ebgpMultiHop: true }),
    says: ["spec.ebgpMultiHop: Cannot use ebgpMultiHop with peerASN 64500"],
  }],
  peerAddressMissing: [{
    refused: peer({ peerAddress: "" }),
    says: ['spec.peerAddress: Cannot use ""'],
  }],
  peerAddressAndInterface: [{
    refused: peer({ interface: "eth0" }),
    says: [
      'spec.interface: Cannot use interface "eth0" besides peerAddress 192.0.2.253',
    ],
  }],
  peerAddressInvalid: [
    {
      refused: peer({ peerAddress: "router.example" }),
      says: ['spec.peerAddress: Cannot use "router.example"'],
    },
    {
      refused: peer({ peerAddress: "router.example" }, "v1beta1"),
      says: ['spec.peerAddress: Cannot use "router.example"'],
    },
  ],
  routerIDInvalid: [
    {
      refused: peer({ routerID: "2001:db8::1" }),
      says: ['spec.routerID: Cannot use routerID "2001:db8::1"'],
    },
    {
      // MetalLB looks at nothing else when it sees this field.
      refused: peer({ disableMP: true, routerID: "0.0.0.0" }),
      says: ['spec.routerID: Cannot use routerID "0.0.0.0"'],
    },
  ],
  sourceAddressInvalid: [{
    refused: peer({ sourceAddress: "eth0" }),
    says: ['spec.sourceAddress: Cannot use "eth0"'],
  }],
  holdTimeInvalid: [
    {
      refused: peer({ holdTime: "2s" }),
      says: ["spec.holdTime: Cannot use a hold time of 2s"],
    },
    {
      refused: peer({ holdTime: "90" }),
      says: ['spec.holdTime: Cannot read "90"'],
    },
  ],
  keepaliveTimeInvalid: [{
    refused: peer({ holdTime: "30s", keepaliveTime: "31s" }),
    says: ["spec.keepaliveTime: Cannot use a keepalive time of 31s"],
  }],
  connectTimeInvalid: [
    { refused: peer({ connectTime: "0s" }), says: ["spec.connectTime", "0s"] },
    {
      refused: peer({ connectTime: "soon" }),
      says: ["spec.connectTime"],
    },
  ],
  passwordAndSecret: [{
    refused: peer({ password: "x", passwordSecret: { name: "router-a" } }),
    says: [
      'spec.password: Cannot use a password besides the Secret "router-a"',
    ],
  }],
  // The webhooks may not read Secrets; ConfigurationState tells later.
  secretMissing: [{ stored: peer({ passwordSecret: { name: "later" } }) }],
  secretType: [{ stored: peer({ passwordSecret: { name: "later" } }) }],
  secretWithoutPassword: [{
    stored: peer({ passwordSecret: { name: "later" } }),
  }],
  duplicatePeer: [{ exists: resource("BGPPeer", "router-a", PEER_FIELDS) }],
  bfdProfileMissing: [{
    warned: peer({ bfdProfile: "later" }),
    says: ['spec.bfdProfile: Refers to BFDProfile "later"'],
  }],
  duplicateBFDProfile: [{ exists: resource("BFDProfile", "fast", {}) }],
  bfdProfileNameMissing: [{
    posted: nameless("BFDProfile"),
    says: ["name or generateName is required"],
  }],
  bfdValueOutOfRange: [{
    refused: resource("BFDProfile", "bad", { receiveInterval: 9 }),
    says: ["spec.receiveInterval", "9"],
  }],
  deprecatedField: [{
    warned: peer({ disableMP: true }),
    says: ["spec.disableMP: Is deprecated"],
  }],
  bfdProfileInUse: [{
    kept: ["bfdprofile", "fast"],
    says: [
      'Cannot delete BFDProfile "fast": spec.bfdProfile of BGPPeer "router-a" refers to it',
    ],
  }],
} as const satisfies Rows;
