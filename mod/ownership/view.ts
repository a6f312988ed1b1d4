/**
 * What the order of a group depends on, as plain records: the translation
 * from Kubernetes objects is `mod/config`'s.
 */

/** A node of the cluster, as far as ownership cares. */
export interface NodeRecord {
  /** Name of the node. */
  readonly name: string;
  /** Whether the condition NetworkUnavailable is True. */
  readonly networkUnavailable: boolean;
  /** Whether the exclude label is set and heeded. */
  readonly excluded: boolean;
}

/** An advertisement that reaches the group's pool and matches its Service. */
export interface AdvertisementRecord {
  /** Names of the resources that say the same, for explanations. */
  readonly names: readonly string[];
  /** Nodes that it selects. */
  readonly nodes: ReadonlySet<string>;
  /** Interfaces to announce on; empty = all. */
  readonly interfaces: readonly string[];
  /** Whether it is restricted to some Services. */
  readonly selectsServices: boolean;
  /** Weight by node; nodes without one score 0. */
  readonly preference: ReadonlyMap<string, number>;
}

/** Everything that decides who owns a group of addresses. */
export interface OwnershipView {
  /** Canonical text of the first ingress address. */
  readonly key: string;
  /**
   * Nodes whose speaker is alive; `null` = unknown or switched off: every node
   * counts as alive.
   */
  readonly members: readonly string[] | null;
  /** All nodes of the cluster. */
  readonly nodes: readonly NodeRecord[];
  /** Advertisements of the pool that match the Service, whatever their nodes. */
  readonly advertisements: readonly AdvertisementRecord[];
  /**
   * The endpoints that can serve: the node of each, `null` where the API names
   * none.
   */
  readonly servingEndpoints: readonly (string | null)[];
  /** `spec.externalTrafficPolicy`. */
  readonly trafficPolicy: "Cluster" | "Local";
  /** Whether the Service allows others to share its addresses. */
  readonly sharesAddress: boolean;
}
