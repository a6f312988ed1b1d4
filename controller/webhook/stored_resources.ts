/** The resources as they are stored at this moment. */
import {
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEERS,
  COMMUNITIES,
  type ConfigResources,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
} from "../../mod/config/mod.ts";
import {
  type KubeClient,
  listAll,
  type Node,
  NODES,
  type Resource,
} from "../../mod/kube/mod.ts";

/** Nodes are selected by their labels; all else of them is large. */
const NODE_LABELS: Resource<Node> = { ...NODES, metadataOnly: true };

/**
 * Lists the resources for every decision instead of following them: a cache
 * lags behind the write before, and that is the one with which the next write
 * of a file of manifests has to be compared. Configuration is written rarely;
 * following six kinds all the time would cost more.
 *
 * What is asked for while a list is under way gets the list that begins next,
 * and shares it: it is no older than the question, and however many ask, there
 * is one list at a time.
 */
export class StoredResources {
  readonly #client: KubeClient;
  readonly #namespace: string;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<ConfigResources> | undefined;

  /** Reads the resources of a namespace, and all nodes. */
  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /**
   * Reads what is stored now, or later.
   *
   * @throws {KubeError} When a list fails.
   */
  read(): Promise<ConfigResources> {
    this.#next ??= this.#current.then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<ConfigResources> {
    const listed = this.#list();
    this.#next = undefined;
    // Whoever comes next waits for the end, not for the success.
    this.#current = listed.catch(() => {});
    return listed;
  }

  async #list(): Promise<ConfigResources> {
    const client = this.#client;
    const own = { namespace: this.#namespace };
    const [
      pools,
      l2Advertisements,
      bgpAdvertisements,
      peers,
      bfdProfiles,
      communities,
      nodes,
    ] = await Promise.all([
      listAll(client, IP_ADDRESS_POOLS, own),
      listAll(client, L2_ADVERTISEMENTS, own),
      listAll(client, BGP_ADVERTISEMENTS, own),
      listAll(client, BGP_PEERS, own),
      listAll(client, BFD_PROFILES, own),
      listAll(client, COMMUNITIES, own),
      listAll(client, NODE_LABELS),
    ]);
    return {
      pools,
      l2Advertisements,
      bgpAdvertisements,
      peers,
      bfdProfiles,
      communities,
      nodes,
      // Which namespaces a pool admits is no matter of right and wrong.
      namespaces: [],
    };
  }
}
