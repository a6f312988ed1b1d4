/** The Secret by which the speakers protect what they tell each other. */
import {
  defineResource,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Resource,
} from "../mod/kube/mod.ts";

/** A Secret that is only ever created: nobody reads it over the API. */
interface NewSecret extends KubeObject {
  /** Its texts by file name. */
  readonly stringData?: Readonly<Record<string, string>>;
}

const SECRETS: Resource<NewSecret> = defineResource({
  group: "",
  version: "v1",
  plural: "secrets",
  kind: "Secret",
  namespaced: true,
  // What it holds is not to be kept in memory.
  fields: () => ({}),
});

/** The file that MetalLB's speakers and ours read. */
const FILE = "secretkey";
/** 256 bits, as much as the key that is made of it. */
const SECRET_BYTES = 32;
const CONFLICT = 409;

/** What {@linkcode ensureMemberlistSecret} needs. */
export interface MemberlistSecretOptions {
  readonly client: Pick<KubeClient, "create">;
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** Fills an array with random bytes. */
  readonly fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/**
 * Makes the Secret unless it is there: one that exists is never changed, since
 * the speakers would part.
 *
 * @returns Whether it was made.
 * @throws {KubeError} When the API server refuses.
 */
export async function ensureMemberlistSecret(
  { client, namespace, name, fillRandom }: MemberlistSecretOptions,
): Promise<boolean> {
  const bytes = new Uint8Array(SECRET_BYTES);
  fillRandom(bytes);
  try {
    await client.create(SECRETS, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData: { [FILE]: bytes.toBase64() },
    });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.code === CONFLICT) return false;
    throw error;
  }
}
