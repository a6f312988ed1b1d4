/** The client of a role of which several replicas run: limited, and with permission to write. */
import {
  type CallOptions,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListPage,
  type ObjectKey,
  type Patch,
  type Resource,
  type Selection,
  type Subresource,
  type WatchEvent,
} from "../mod/kube/mod.ts";
import type { RateLimiter } from "../mod/work/mod.ts";

/** What a {@linkcode GuardedClient} needs. */
export interface GuardedClientOptions {
  readonly client: KubeClient;
  readonly limiter: RateLimiter;
  /** Waits until writes are allowed; false when the signal aborted before. */
  readonly permission: (signal: AbortSignal) => Promise<boolean>;
  /** Told how long a call waited for its turn, in ms. */
  readonly onWait: (ms: number) => void;
}

const NEVER = new AbortController().signal;

/**
 * Every call waits for its turn; a write waits for permission besides, and
 * asks for it last, so that nothing lies between the check and the call.
 */
export class GuardedClient implements KubeClient {
  readonly #options: GuardedClientOptions;

  /** Guards a client. */
  constructor(options: GuardedClientOptions) {
    this.#options = options;
  }

  /** {@inheritDoc KubeClient.list} */
  list<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & CallOptions & {
      readonly limit?: number;
      readonly continueToken?: string;
    } = {},
  ): Promise<ListPage<T>> {
    return this.#read(
      options,
      () => this.#options.client.list(resource, options),
    );
  }

  /** {@inheritDoc KubeClient.watch} */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & CallOptions & {
      readonly resourceVersion: string;
      readonly timeoutSeconds?: number;
      readonly onOpen?: () => void;
    },
  ): AsyncIterable<WatchEvent<T>> {
    return this.#options.client.watch(resource, options);
  }

  /** {@inheritDoc KubeClient.get} */
  get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#read(
      options,
      () => this.#options.client.get(resource, key, options),
    );
  }

  /** {@inheritDoc KubeClient.create} */
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#write(
      `create ${resource.plural}`,
      options,
      () => this.#options.client.create(resource, object, options),
    );
  }

  /** {@inheritDoc KubeClient.replace} */
  replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions & { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    return this.#write(
      `update ${resource.plural}`,
      options,
      () => this.#options.client.replace(resource, object, options),
    );
  }

  /** {@inheritDoc KubeClient.patch} */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: CallOptions & { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    return this.#write(
      `patch ${resource.plural}`,
      options,
      () => this.#options.client.patch(resource, key, patch, options),
    );
  }

  /** {@inheritDoc KubeClient.delete} */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions & { readonly resourceVersion?: string } = {},
  ): Promise<void> {
    return this.#write(
      `delete ${resource.plural}`,
      options,
      () => this.#options.client.delete(resource, key, options),
    );
  }

  async #read<T>(
    { signal }: CallOptions,
    call: () => Promise<T>,
  ): Promise<T> {
    await this.#turn(signal);
    return await call();
  }

  async #write<T>(
    action: string,
    { signal = NEVER }: CallOptions,
    call: () => Promise<T>,
  ): Promise<T> {
    await this.#turn(signal);
    if (!await this.#options.permission(signal)) {
      const message = `Cannot ${action}: the call was aborted while it ` +
        "waited for the Lease";
      throw new KubeError(message, { code: 0, reason: "aborted" });
    }
    return await call();
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    this.#options.onWait(await this.#options.limiter.take(signal));
  }
}
