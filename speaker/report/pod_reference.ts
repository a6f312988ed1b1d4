/** The Pod that what this speaker writes goes away with. */
import {
  defineResource,
  type KubeClient,
  KubeError,
  type KubeObject,
  type OwnerReference,
  type Resource,
} from "../../mod/kube/mod.ts";

const PODS: Resource<KubeObject> = defineResource({
  group: "",
  version: "v1",
  plural: "pods",
  kind: "Pod",
  namespaced: true,
  fields: () => ({}),
});

/** What a {@linkcode PodReference} needs. */
export interface PodReferenceOptions {
  readonly client: KubeClient;
  /** Namespace of the Pod. */
  readonly namespace: string;
  /** Name of the Pod; `undefined` = there is none, or it is not known. */
  readonly name: string | undefined;
  /** Its UID; without one the API is asked. */
  readonly uid: string | undefined;
  /** Told why there is no reference though the name is known. */
  readonly onFailure: (error: KubeError) => void;
}

/** Finds out once. */
export class PodReference {
  readonly #options: PodReferenceOptions;
  #found: Promise<OwnerReference | undefined> | undefined;

  /** Nothing has been asked yet. */
  constructor(options: PodReferenceOptions) {
    this.#options = options;
  }

  /**
   * The reference; `undefined` = what is written stays when the Pod goes.
   *
   * @throws {KubeError} When the API does not answer; the next call asks again.
   */
  get(): Promise<OwnerReference | undefined> {
    this.#found ??= this.#find().catch((error) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  async #find(): Promise<OwnerReference | undefined> {
    const { client, namespace, name, uid, onFailure } = this.#options;
    if (name === undefined) return undefined;
    try {
      const found = uid ??
        (await client.get(PODS, { namespace, name })).metadata.uid;
      return found === undefined
        ? undefined
        : { apiVersion: "v1", kind: "Pod", name, uid: found };
    } catch (error) {
      const isFinal = error instanceof KubeError &&
        [403, 404].includes(error.code);
      if (!isFinal) throw error;
      onFailure(error);
      return undefined;
    }
  }
}
