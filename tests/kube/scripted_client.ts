/** A client that does what a script says, for tests of the reflector. */
import {
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListPage,
  type Resource,
  type WatchEvent,
} from "../../mod/kube/mod.ts";

/** Answer to one call. */
export type Step<T> =
  | { readonly list: ListPage<T> | KubeError }
  | {
    readonly watch: readonly WatchEvent<T>[];
    /** How it ends; default: the server closes it. */
    readonly error?: KubeError;
    /** Called when the watch begins. */
    readonly during?: () => void;
  };

/** What was asked, in the order of the calls. */
export type Asked =
  | {
    readonly verb: "list";
    readonly continueToken?: string;
    readonly limit?: number;
  }
  | {
    readonly verb: "watch";
    readonly resourceVersion: string;
    readonly timeoutSeconds?: number;
  };

/** Answers list and watch from a script; hangs until the abort after its end. */
export class ScriptedClient<Scripted extends KubeObject> {
  readonly #steps: Step<Scripted>[];
  readonly #finished = Promise.withResolvers<void>();
  /** What was asked. */
  readonly asked: Asked[] = [];

  constructor(steps: readonly Step<Scripted>[]) {
    this.#steps = [...steps];
  }

  /** Resolves when a call finds the script at its end. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** This client as the port; the other verbs throw. */
  asClient(): KubeClient {
    const refuse = (): never => {
      throw new Error("The script has only lists and watches");
    };
    return {
      list: (_, options) => this.#list(options ?? {}) as never,
      watch: (_, options) => this.#watch(options) as never,
      get: refuse,
      create: refuse,
      replace: refuse,
      patch: refuse,
      delete: refuse,
    };
  }

  async #list(
    options: {
      readonly continueToken?: string;
      readonly limit?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<ListPage<Scripted>> {
    const { signal, limit, continueToken } = options;
    this.asked.push({
      verb: "list",
      ...(continueToken !== undefined && { continueToken }),
      ...(limit !== undefined && { limit }),
    });
    const step = this.#steps.shift();
    if (step === undefined) return await this.#hang(signal);
    if (!("list" in step)) throw new Error("Expected a watch, got a list");
    if (step.list instanceof KubeError) throw step.list;
    return step.list;
  }

  async *#watch(
    options: {
      readonly resourceVersion: string;
      readonly timeoutSeconds?: number;
      readonly signal?: AbortSignal;
      readonly onOpen?: () => void;
    },
  ): AsyncGenerator<WatchEvent<Scripted>> {
    const { resourceVersion, timeoutSeconds } = options;
    this.asked.push({
      verb: "watch",
      resourceVersion,
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    });
    const step = this.#steps.shift();
    if (step === undefined) {
      options.onOpen?.();
      await this.#hang(options.signal);
      return;
    }
    if (!("watch" in step)) throw new Error("Expected a list, got a watch");
    if (step.error === undefined || step.watch.length > 0) options.onOpen?.();
    step.during?.();
    yield* step.watch;
    if (step.error !== undefined) throw step.error;
  }

  #hang(signal: AbortSignal | undefined): Promise<never> {
    this.#finished.resolve();
    return new Promise((_, reject) => {
      const fail = (): void =>
        reject(new KubeError("Aborted", { code: 0, reason: "aborted" }));
      if (signal?.aborted === true) fail();
      else signal?.addEventListener("abort", fail, { once: true });
    });
  }
}

/** A kind with nothing but metadata. */
export const THINGS: Resource<KubeObject> = {
  group: "",
  version: "v1",
  plural: "things",
  kind: "Thing",
  namespaced: true,
  project: ({ metadata }) => ({ metadata } as KubeObject),
};

/** A thing in the namespace `ns`. */
export function thing(
  name: string,
  resourceVersion: string,
  uid = `uid-${name}`,
): KubeObject {
  return { metadata: { name, namespace: "ns", resourceVersion, uid } };
}
