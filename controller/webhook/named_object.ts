/** Following one object by its name: no more rights than that are needed. */
import type { Logger } from "@logtape/logtape";
import {
  type KubeClient,
  type KubeObject,
  Reflector,
  type Resource,
} from "../../mod/kube/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";

/** What following takes. */
export interface FollowOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** A number in `[0, 1)`, for jitter. */
  readonly random: () => number;
  readonly log: Logger;
}

/** One object, as the server has it. */
export class NamedObject<T extends KubeObject> {
  readonly #reflector: Reflector<T>;

  /**
   * Follows nothing yet.
   *
   * @param onChange Called when the object is there, gone or another.
   */
  constructor(
    resource: Resource<T>,
    { name, namespace }: { readonly name: string; readonly namespace?: string },
    { client, clock, random, log }: FollowOptions,
    onChange: () => void,
  ) {
    this.#reflector = new Reflector(client, resource, {
      selection: {
        fieldSelector: `metadata.name=${name}`,
        ...namespace === undefined ? {} : { namespace },
      },
      clock,
      random,
      onChange,
      onFailure: ({ error, delayMs }) =>
        log.warn(
          "Cannot watch {kind} {name}, next try in {delay} ms: {error}",
          {
            kind: resource.plural,
            name,
            delay: Math.round(delayMs),
            error: error.message,
          },
        ),
    });
  }

  /** The object; `null` when there is none, `undefined` when nobody knows. */
  get current(): T | null | undefined {
    if (this.#reflector.state.kind === "unsynced") return undefined;
    const [object = null] = this.#reflector.store.values();
    return object;
  }

  /** Why nobody knows, as far as that is known. */
  get problem(): string | undefined {
    const { state } = this.#reflector;
    return state.kind === "unsynced" ? state.error?.message : undefined;
  }

  /** Follows until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.start(signal);
  }
}
