/** Records Events about Services, after everything that matters more. */
import {
  type Event,
  EVENTS,
  type KubeClient,
  objectKey,
  type Service,
} from "../kube/mod.ts";
import type { Clock } from "../time/mod.ts";

/** Events that wait at most; the oldest are given up first. */
const MAX_WAITING = 10_000;
/** Events that are sent at once, unless told otherwise. */
const DEFAULT_CONCURRENCY = 4;
/** An unchanged state is told again after so many ms: Events expire in an hour. */
const REPEAT_AFTER = 30 * 60_000;

/** Something that is to be told of a Service. */
export interface ServiceReport {
  /** Whether somebody should look. */
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
}

/** What the recorder needs. */
export interface EventRecorderOptions {
  /** The API. */
  readonly client: KubeClient;
  /** Time. */
  readonly clock: Clock;
  /** Who the Events say they are from; dashboards look for MetalLB's names. */
  readonly component: string;
  /**
   * The reason that tells of a success: always told, and every earlier
   * complaint is news again after it.
   */
  readonly success: string;
  /** Whether nothing more urgent is waiting. */
  readonly mayWrite: () => boolean;
  /** Events that are sent at once. Default 4. */
  readonly concurrency?: number;
  /** Waits for the turn of a call. Default: no wait. */
  readonly turn?: (signal: AbortSignal) => Promise<unknown>;
  /** Told of an Event that was given up, and why. */
  readonly onDropped: (error: unknown) => void;
}

interface Told {
  readonly message: string;
  readonly at: number;
}

/**
 * A queue of Events that is sent while nothing more urgent is waiting. What
 * was said of a Service last is not said again until it changes.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: Event[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #told = new Map<string, Map<string, Told>>();
  readonly #stop = new AbortController();

  /** Makes an empty recorder. */
  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Queues an Event, unless it says what was said last. */
  record(service: Service, event: ServiceReport): void {
    if (this.#stop.signal.aborted || !this.#isNews(service, event)) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting.shift();
      this.#options.onDropped(new Error("too many Events are waiting"));
    }
    this.#waiting.push(this.#eventObject(service, event));
    this.pump();
  }

  /** Events that wait to be sent. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Gives up what waits: another replica speaks from now on. */
  clear(): void {
    this.#waiting.length = 0;
    this.#told.clear();
  }

  /** Forgets what was said of a Service that is gone. */
  forget(key: string): void {
    this.#told.delete(key);
  }

  /** Sends what waits, if it may. */
  pump(): void {
    const { mayWrite, concurrency = DEFAULT_CONCURRENCY } = this.#options;
    while (
      mayWrite() && this.#running.size < concurrency &&
      !this.#stop.signal.aborted
    ) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      const sent = this.#send(event);
      this.#running.add(sent);
      sent.finally(() => {
        this.#running.delete(sent);
        this.pump();
      });
    }
  }

  /** Gives up what waits; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  async #send(event: Event): Promise<void> {
    const { client, turn, onDropped } = this.#options;
    const { signal } = this.#stop;
    try {
      await turn?.(signal);
      await client.create(EVENTS, event, { signal });
    } catch (error) {
      if (!signal.aborted) onDropped(error);
    }
  }

  #isNews(service: Service, event: ServiceReport): boolean {
    const key = objectKey(service);
    if (event.reason === this.#options.success) {
      this.#told.delete(key);
      return true;
    }
    const told = this.#told.get(key) ?? new Map<string, Told>();
    this.#told.set(key, told);
    const now = this.#options.clock.now();
    const last = told.get(event.reason);
    if (last?.message === event.message && now - last.at < REPEAT_AFTER) {
      return false;
    }
    told.set(event.reason, { message: event.message, at: now });
    return true;
  }

  #eventObject(service: Service, event: ServiceReport): Event {
    const { name, namespace = "default", uid, resourceVersion } =
      service.metadata;
    const now = this.#options.clock.date().toISOString()
      .replace(/\.\d+Z$/, "Z");
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace, name: "", generateName: `${name}.` },
      involvedObject: {
        apiVersion: "v1",
        kind: "Service",
        namespace,
        name,
        ...uid === undefined ? {} : { uid },
        ...resourceVersion === undefined ? {} : { resourceVersion },
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component: this.#options.component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
  }
}
