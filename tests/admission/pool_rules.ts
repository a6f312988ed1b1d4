/** Rules about pools, and what all kinds have in common. */
import {
  bgp,
  l2,
  nameless,
  NAMESPACE,
  peer,
  PEER_FIELDS,
  pool,
  resource,
  scopedPool,
} from "./objects.ts";
import type { Row, Rows } from "./row.ts";

const twice = { matchLabels: { rack: "a" } };
const SHOWN = '{"matchLabels":{"rack":"a"}}';

/** Rows by rule. */
export const POOL_RULES = {
  fieldInvalid: [
    {
      refused: pool("bad", {
        addresses: ["203.0.113.0/24"],
        autoAssign: "yes",
      }),
      says: ["spec.autoAssign", "boolean"],
    },
    {
      // The API server takes any number here, and the resolver none of that size.
      refused: scopedPool({ priority: 2 ** 60 }),
      says: ["spec.serviceAllocation.priority", "1152921504606847000"],
    },
  ],
  unknownField: [{
    refused: pool("bad", { adresses: ["203.0.113.0/24"], addresses: [] }),
    says: ['unknown field "spec.adresses"'],
  }],
  poolNameMissing: [{
    posted: nameless("IPAddressPool"),
    says: ["name or generateName is required"],
  }],
  poolWithoutAddresses: [{
    refused: pool("bad", { addresses: [] }),
    says: ["spec.addresses: Cannot use an empty list"],
  }],
  cidrInvalid: [{
    refused: pool("bad", { addresses: ["203.0.113.0/24", "203.0.113.0/33"] }),
    says: ['spec.addresses[1]: Cannot parse "203.0.113.0/33"'],
  }],
  rangeEndpointInvalid: [{
    refused: pool("bad", { addresses: ["203.0.113.1-7"] }),
    says: ['spec.addresses[0]: Cannot parse "203.0.113.1-7"'],
  }],
  rangeReversed: [{
    refused: pool("bad", { addresses: ["203.0.113.9-203.0.113.1"] }),
    says: ['spec.addresses[0]: Cannot parse "203.0.113.9-203.0.113.1"'],
  }],
  rangeMixedFamilies: [{
    refused: pool("bad", { addresses: ["203.0.113.1-2001:db8::1"] }),
    says: ['spec.addresses[0]: Cannot parse "203.0.113.1-2001:db8::1"'],
  }],
  duplicatePool: [{
    exists: pool("office", { addresses: ["203.0.113.0/24"] }),
  }],
  overlap: [
    {
      refused: pool("bad", { addresses: ["192.0.2.0/24"] }),
      says: [
        'spec.addresses[0]: Cannot use "192.0.2.0/24": it overlaps "192.0.2.100-192.0.2.150" of IPAddressPool "office"',
      ],
    },
    {
      refused: pool("office", {
        addresses: ["192.0.2.100-192.0.2.150", "2001:db8::80/121"],
      }),
      says: [
        'spec.addresses[1]: Cannot use "2001:db8::80/121": it overlaps "2001:db8::/120" of IPAddressPool "six"',
      ],
    },
    {
      refused: pool("bad", { addresses: ["203.0.113.0/24", "203.0.113.9/32"] }),
      says: [
        'spec.addresses[1]: Cannot use "203.0.113.9/32": it overlaps "203.0.113.0/24" of spec.addresses[0]',
      ],
    },
  ],
  duplicateNamespaces: [{
    refused: scopedPool({ namespaces: ["a", "b", "a"] }),
    says: ['spec.serviceAllocation.namespaces[2]: Cannot list namespace "a"'],
  }],
  duplicateNamespaceSelectors: [{
    refused: scopedPool({ namespaceSelectors: [twice, twice] }),
    says: ["spec.serviceAllocation.namespaceSelectors[1]", SHOWN],
  }],
  duplicateServiceSelectors: [
    {
      refused: scopedPool({ serviceSelectors: [twice, twice] }),
      says: ["spec.serviceAllocation.serviceSelectors[1]", SHOWN],
    },
    {
      refused: l2({ serviceSelectors: [twice, twice] }),
      says: ["spec.serviceSelectors[1]", SHOWN],
    },
    {
      refused: bgp({ serviceSelectors: [twice, twice] }),
      says: ["spec.serviceSelectors[1]", SHOWN],
    },
  ],
  duplicateNodeSelectors: [
    {
      refused: l2({ nodeSelectors: [twice, twice] }),
      says: ["spec.nodeSelectors[1]", SHOWN],
    },
    {
      refused: bgp({ nodeSelectors: [twice, twice] }),
      says: ["spec.nodeSelectors[1]", SHOWN],
    },
    {
      refused: peer({ nodeSelectors: [twice, twice] }),
      says: ["spec.nodeSelectors[1]", SHOWN],
    },
  ],
  duplicatePoolSelectors: [
    {
      refused: l2({ ipAddressPoolSelectors: [twice, twice] }),
      says: ["spec.ipAddressPoolSelectors[1]", SHOWN],
    },
    {
      refused: bgp({ ipAddressPoolSelectors: [twice, twice] }),
      says: ["spec.ipAddressPoolSelectors[1]", SHOWN],
    },
  ],
  duplicateMatchExpressions: [
    {
      refused: l2({
        nodeSelectors: [{
          matchExpressions: [
            { key: "rack", operator: "Exists" },
            { key: "rack", operator: "Exists" },
          ],
        }],
      }),
      says: ["spec.nodeSelectors[0].matchExpressions[1]", '"key":"rack"'],
    },
    {
      refused: l2({
        nodeSelectors: [{
          matchExpressions: [{ key: "r", operator: "In", values: ["a", "a"] }],
        }],
      }),
      says: [
        'spec.nodeSelectors[0].matchExpressions[0]: Cannot use the value "a" twice',
      ],
    },
  ],
  selectorInvalid: [
    {
      refused: l2({ nodeSelectors: [{ matchLabels: { rack: "not valid!" } }] }),
      says: [
        'spec.nodeSelectors[0]: Cannot use "not valid!" as a value of label "rack"',
      ],
    },
    {
      refused: l2({
        preferredNodeSelectors: [{
          weight: 1,
          preference: { matchExpressions: [{ key: "r", operator: "Near" }] },
        }],
      }),
      says: [
        'spec.preferredNodeSelectors[0].preference: Cannot use operator "Near" for label "r"',
      ],
    },
    {
      refused: scopedPool({
        serviceSelectors: [{
          matchExpressions: [{ key: "r", operator: "In" }],
        }],
      }),
      says: [
        'spec.serviceAllocation.serviceSelectors[0]: Cannot use operator In for label "r"',
      ],
    },
  ],
  wrongNamespace: [
    "IPAddressPool",
    "L2Advertisement",
    "BGPAdvertisement",
    "BGPPeer",
    "BFDProfile",
    "Community",
  ].map((kind): Row => {
    const spec = kind === "IPAddressPool"
      ? { addresses: ["203.0.113.0/24"] }
      : kind === "BGPPeer"
      ? PEER_FIELDS
      : {};
    const metadata = { name: "bad", namespace: "default" };
    return {
      refused: { ...resource(kind, "bad", spec), metadata },
      says: [
        `metadata.namespace: Cannot use "default": ${kind} objects are read in namespace "${NAMESPACE}" only`,
      ],
    };
  }),
} as const satisfies Rows;
