/** `BGPAdvertisement` of `metallb.io/v1beta1`. */
import type { KindDefinition } from "./kind.ts";
import { type LabelSelector, labelSelector } from "./label_selector.ts";
import { integer, list, object, text, unsigned, withRules } from "./schema.ts";

/** `BGPAdvertisement.spec`. */
export interface BgpAdvertisementSpec {
  /** Length of the IPv4 prefixes that are announced; 1 to 32. */
  readonly aggregationLength: number;
  /** Length of the IPv6 prefixes that are announced; up to 128. */
  readonly aggregationLengthV6: number;
  /** LOCAL_PREF towards peers of the same AS; 0 = none set. */
  readonly localPref: number;
  /** How often the own ASN is added to the path; 1 to 10, absent = never. */
  readonly asPathPrepend?: number;
  /** Communities: `N:N`, `large:N:N:N`, or an alias of a `Community`. */
  readonly communities: readonly string[];
  /** Pools by name. */
  readonly ipAddressPools: readonly string[];
  /** Pools by label, in addition; without names and selectors: all pools. */
  readonly ipAddressPoolSelectors: readonly LabelSelector[];
  /** Nodes that announce (any selector); empty = all. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Names of the `BGPPeer` objects to announce to; empty = all. */
  readonly peers: readonly string[];
  /** Services by label (any selector); empty = all. */
  readonly serviceSelectors: readonly LabelSelector[];
}

const spec = object<BgpAdvertisementSpec>({
  aggregationLength: {
    schema: integer({ format: "int32", minimum: 1 }),
    description:
      "Length of the IPv4 prefixes that are announced: 32 announces every address, less announces the prefix around it.",
    default: 32,
  },
  aggregationLengthV6: {
    schema: integer({ format: "int32" }),
    description:
      "Length of the IPv6 prefixes that are announced: 128 announces every address.",
    default: 128,
  },
  localPref: {
    schema: unsigned(32, { format: "int32" }),
    description:
      "LOCAL_PREF of the routes towards peers of the same AS: the highest wins there.",
  },
  asPathPrepend: {
    schema: unsigned(8, { minimum: 1, maximum: 10 }),
    description:
      "How many times more the own ASN stands in the path, which makes the route less attractive.",
    optional: true,
  },
  communities: {
    schema: list(text),
    description:
      "BGP communities of the routes: standard (1234:1), large (large:1234:1:2), or the name of an alias in a Community.",
  },
  ipAddressPools: { schema: list(text), description: "Pools by name." },
  ipAddressPoolSelectors: {
    schema: list(labelSelector),
    description:
      "Pools by label, in addition to those named. With neither, all pools are meant.",
  },
  nodeSelectors: {
    schema: list(labelSelector),
    description:
      "Nodes that announce; one matching selector is enough. Empty means all nodes.",
  },
  peers: {
    schema: list(text),
    description:
      "Names of the BGPPeers to announce to. Empty means all of them.",
  },
  serviceSelectors: {
    schema: list(labelSelector),
    description:
      "Services by label; one matching selector is enough. Empty means all. Only with the default aggregation.",
  },
});

/** The kind `BGPAdvertisement`. */
export const BGP_ADVERTISEMENT: KindDefinition<BgpAdvertisementSpec> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "BGPAdvertisement",
  plural: "bgpadvertisements",
  singular: "bgpadvertisement",
  description: "Announces the addresses of pools to BGP peers.",
  specDescription: "What is announced, by whom, to whom, and how.",
  specPresence: "optional",
  spec: withRules(spec, [{
    rule:
      "!has(self.serviceSelectors) || self.serviceSelectors.size() == 0 || ((!has(self.aggregationLength) || self.aggregationLength == 32) && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))",
    message:
      "serviceSelectors can be used only with aggregationLength 32 and aggregationLengthV6 128, because a prefix of several addresses cannot follow one Service",
  }]),
  statusDescription: "Nothing yet.",
  status: object<Record<never, never>>({}),
  columns: [
    {
      name: "IPAddressPools",
      type: "string",
      description: "Pools by name.",
      jsonPath: ".spec.ipAddressPools",
    },
    {
      name: "IPAddressPool Selectors",
      type: "string",
      description: "Pools by label.",
      jsonPath: ".spec.ipAddressPoolSelectors",
    },
    {
      name: "Peers",
      type: "string",
      description: "Peers to announce to.",
      jsonPath: ".spec.peers",
    },
    {
      name: "Node Selectors",
      type: "string",
      description: "Nodes that announce.",
      jsonPath: ".spec.nodeSelectors",
      priority: 10,
    },
  ],
};
