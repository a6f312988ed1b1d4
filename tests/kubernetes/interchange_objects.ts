/** Objects for the comparison of our CRDs with MetalLB's. */
import type { Manifest } from "./crds.ts";

const V1BETA1 = "metallb.io/v1beta1";
const V1BETA2 = "metallb.io/v1beta2";

/** One object of each kind that only a program writes, with its status. */
export function statusObjects(): readonly Manifest[] {
  const service = {
    node: "node-1",
    serviceName: "web",
    serviceNamespace: "default",
  };
  return [
    {
      apiVersion: V1BETA1,
      kind: "ServiceL2Status",
      metadata: { name: "l2", labels: { "metallb.io/node": "node-1" } },
      status: { ...service, interfaces: [{ name: "eth0" }] },
    },
    {
      apiVersion: V1BETA1,
      kind: "ServiceBGPStatus",
      metadata: { name: "bgp" },
      status: { ...service, peers: ["router-a"] },
    },
    {
      apiVersion: V1BETA1,
      kind: "ConfigurationState",
      metadata: { name: "controller" },
      status: {
        result: "Invalid",
        errorSummary: "pools overlap",
        conditions: [{
          type: "poolReconcilerValid",
          status: "False",
          reason: "ConfigurationError",
          message: "pools overlap",
          lastTransitionTime: "2026-01-02T03:04:05Z",
        }],
      },
    },
    {
      apiVersion: V1BETA1,
      kind: "IPAddressPool",
      metadata: { name: "counted" },
      spec: { addresses: ["192.0.2.0/24"] },
      status: {
        assignedIPv4: 1,
        assignedIPv6: 0,
        availableIPv4: 255,
        availableIPv6: 0,
      },
    },
    { apiVersion: V1BETA1, kind: "L2Advertisement", metadata: { name: "no" } },
  ];
}

function peer(spec: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: V1BETA2,
    kind: "BGPPeer",
    spec: { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...spec },
  };
}

function other(kind: string, spec: unknown): Manifest {
  return { apiVersion: V1BETA1, kind, spec };
}

/** Objects that break one rule of their schema each, by the rule. */
export function invalidObjects(): Readonly<Record<string, Manifest>> {
  const selector = [{ matchLabels: { a: "b" } }];
  return {
    "a pool without spec": { apiVersion: V1BETA1, kind: "IPAddressPool" },
    "a pool without addresses": other("IPAddressPool", {}),
    "addresses as text": other("IPAddressPool", { addresses: "192.0.2.0/24" }),
    "a weight of 0": other("L2Advertisement", {
      preferredNodeSelectors: [{ weight: 0, preference: {} }],
    }),
    "a weight of 101": other("L2Advertisement", {
      preferredNodeSelectors: [{ weight: 101, preference: {} }],
    }),
    "a preference without a selector": other("L2Advertisement", {
      preferredNodeSelectors: [{ weight: 1 }],
    }),
    "an expression without an operator": other("L2Advertisement", {
      nodeSelectors: [{ matchExpressions: [{ key: "a" }] }],
    }),
    "aggregation with selectors": other("BGPAdvertisement", {
      aggregationLength: 24,
      serviceSelectors: selector,
    }),
    "IPv6 aggregation with selectors": other("BGPAdvertisement", {
      aggregationLengthV6: 64,
      serviceSelectors: selector,
    }),
    "aggregation to length 0": other("BGPAdvertisement", {
      aggregationLength: 0,
    }),
    "eleven prepends": other("BGPAdvertisement", { asPathPrepend: 11 }),
    "a negative ASN": peer({ myASN: -1 }),
    "an ASN of 33 bits": peer({ peerASN: 2 ** 32 }),
    "a local ASN of 0": peer({ localASN: 0 }),
    "an unknown dynamicASN": peer({ dynamicASN: "other" }),
    "port 0": peer({ peerPort: 0 }),
    "port 16385": peer({ peerPort: 16_385 }),
    "half a second to connect": peer({ connectTime: "500ms" }),
    "a second and a half to connect": peer({ connectTime: "1500ms" }),
    "a day to connect": peer({ connectTime: "24h" }),
    "a multiplier of 1": other("BFDProfile", { detectMultiplier: 1 }),
    "an interval of 9 ms": other("BFDProfile", { receiveInterval: 9 }),
    "a minute and more between packets": other("BFDProfile", {
      transmitInterval: 60_001,
    }),
    "a TTL of 255": other("BFDProfile", { minimumTtl: 255 }),
  };
}
