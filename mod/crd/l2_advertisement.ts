/** `L2Advertisement` of `metallb.io/v1beta1`. */
import type { KindDefinition } from "./kind.ts";
import { type LabelSelector, labelSelector } from "./label_selector.ts";
import { integer, list, object, text } from "./schema.ts";

/** A soft preference for the nodes that match. */
export interface PreferredNodeSelector {
  /** What a matching node's score gains; 1 to 100. */
  readonly weight: number;
  /** Which nodes. */
  readonly preference: LabelSelector;
}

/** `L2Advertisement.spec`. */
export interface L2AdvertisementSpec {
  /** Pools by name. */
  readonly ipAddressPools: readonly string[];
  /** Pools by label, in addition; without names and selectors: all pools. */
  readonly ipAddressPoolSelectors: readonly LabelSelector[];
  /** Nodes that may announce (any selector); empty = all. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Names of the interfaces to announce on; empty = all. */
  readonly interfaces: readonly string[];
  /** Services by label (any selector); empty = all. */
  readonly serviceSelectors: readonly LabelSelector[];
  /** Preferences among the nodes. */
  readonly preferredNodeSelectors: readonly PreferredNodeSelector[];
}

const preferredNodeSelector = object<PreferredNodeSelector>({
  weight: {
    schema: integer({ format: "int32", minimum: 1, maximum: 100 }),
    description: "Added to the score of every node that matches.",
    required: true,
  },
  preference: {
    schema: labelSelector,
    description: "The nodes that are preferred.",
    required: true,
  },
});

/** The kind `L2Advertisement`. */
export const L2_ADVERTISEMENT: KindDefinition<L2AdvertisementSpec> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "L2Advertisement",
  plural: "l2advertisements",
  singular: "l2advertisement",
  description:
    "Announces the addresses of pools on the local network (ARP and NDP).",
  specDescription: "What is announced, by whom and where.",
  specPresence: "optional",
  spec: object<L2AdvertisementSpec>({
    ipAddressPools: {
      schema: list(text),
      description: "Pools by name.",
    },
    ipAddressPoolSelectors: {
      schema: list(labelSelector),
      description:
        "Pools by label, in addition to those named. With neither, all pools are meant.",
    },
    nodeSelectors: {
      schema: list(labelSelector),
      description:
        "Nodes that may announce; one matching selector is enough. Empty means all nodes.",
    },
    interfaces: {
      schema: list(text),
      description:
        "Names of the network interfaces to announce on. Empty means all.",
    },
    serviceSelectors: {
      schema: list(labelSelector),
      description:
        "Services by label; one matching selector is enough. Empty means all Services.",
    },
    preferredNodeSelectors: {
      schema: list(preferredNodeSelector),
      description:
        "Nodes to choose first: the sum of the matching weights ranks before the hash.",
    },
  }),
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
      name: "Interfaces",
      type: "string",
      description: "Interfaces to announce on.",
      jsonPath: ".spec.interfaces",
    },
    {
      name: "Node Selectors",
      type: "string",
      description: "Nodes that may announce.",
      jsonPath: ".spec.nodeSelectors",
      priority: 10,
    },
  ],
};
