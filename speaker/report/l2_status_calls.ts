/** The calls about `ServiceL2Status` objects, each when it is its turn. */
import { SERVICE_L2_STATUSES } from "../../mod/config/mod.ts";
import { type KubeClient, listPages } from "../../mod/kube/mod.ts";
import {
  L2_STATUS_RECORDS,
  l2StatusDescription,
  l2StatusMetadata,
  type L2StatusRecord,
  l2StatusState,
  type WantedL2Status,
} from "../../mod/report/mod.ts";

/** What the calls need. */
export interface L2StatusCallsOptions {
  readonly client: KubeClient;
  /** Namespace of the objects. */
  readonly namespace: string;
  /** Waits for the turn of a call. */
  readonly turn: (signal: AbortSignal) => Promise<unknown>;
  /** Told of every call that was to change something. */
  readonly onWrite: (result: "ok" | "failed") => void;
}

/** Every call throws {@linkcode KubeError}. */
export class L2StatusCalls {
  readonly #options: L2StatusCallsOptions;

  /** Nothing is sent yet. */
  constructor(options: L2StatusCallsOptions) {
    this.#options = options;
  }

  /** Selected objects, page by page. */
  async *list(
    labelSelector: string,
    signal: AbortSignal,
  ): AsyncGenerator<L2StatusRecord> {
    const { client, namespace, turn } = this.#options;
    const selection = { namespace, labelSelector, signal };
    await turn(signal);
    for await (const page of listPages(client, L2_STATUS_RECORDS, selection)) {
      yield* page.items;
      if (page.continueToken !== undefined) await turn(signal);
    }
  }

  /** Makes an object, which has no status before the next call. */
  async create(
    wanted: WantedL2Status,
    signal: AbortSignal,
  ): Promise<L2StatusRecord> {
    const { client, namespace } = this.#options;
    const metadata = l2StatusMetadata(wanted, namespace);
    const object = { metadata, spec: {} };
    const answer = await this.#write(
      () => client.create(SERVICE_L2_STATUSES, object, { signal }),
      signal,
    );
    const { name, resourceVersion } = answer.metadata;
    return L2_STATUS_RECORDS.project({
      metadata: { ...metadata, name, resourceVersion },
    });
  }

  /** Writes the annotations and the owner. */
  describe(
    name: string,
    wanted: WantedL2Status,
    signal: AbortSignal,
  ): Promise<L2StatusRecord> {
    const { client, namespace } = this.#options;
    const body = { metadata: l2StatusDescription(wanted) };
    const patch = { type: "merge", body } as const;
    return this.#write(
      () =>
        client.patch(L2_STATUS_RECORDS, { namespace, name }, patch, { signal }),
      signal,
    );
  }

  /** Writes the status. */
  state(
    name: string,
    wanted: WantedL2Status,
    signal: AbortSignal,
  ): Promise<L2StatusRecord> {
    const { client, namespace } = this.#options;
    const body = { status: l2StatusState(wanted) };
    const patch = { type: "merge", body } as const;
    return this.#write(
      () =>
        client.patch(L2_STATUS_RECORDS, { namespace, name }, patch, {
          signal,
          subresource: "status",
        }),
      signal,
    );
  }

  /** Deletes an object. */
  delete(name: string, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.#options;
    return this.#write(
      () => client.delete(L2_STATUS_RECORDS, { namespace, name }, { signal }),
      signal,
    );
  }

  async #write<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { turn, onWrite } = this.#options;
    await turn(signal);
    try {
      const answer = await call();
      onWrite("ok");
      return answer;
    } catch (error) {
      onWrite("failed");
      throw error;
    }
  }
}
