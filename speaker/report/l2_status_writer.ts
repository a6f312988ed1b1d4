/** Keeps the `ServiceL2Status` objects of this node. */
import {
  KubeError,
  type OwnerReference,
  Reflector,
} from "../../mod/kube/mod.ts";
import {
  L2_STATUS_RECORDS,
  type L2StatusRecord,
  type L2StatusStep,
  leftovers,
  planL2Status,
  selectorOfNode,
  selectorOfOthers,
  type WantedL2Status,
} from "../../mod/report/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import { WorkQueue } from "../../mod/work/mod.ts";
import type { Announcement, Announcements } from "./announcements.ts";
import { L2StatusCalls, type L2StatusCallsOptions } from "./l2_status_calls.ts";
import { OwnRecords } from "./own_records.ts";

/** What a {@linkcode L2StatusWriter} needs. */
export interface L2StatusWriterOptions extends L2StatusCallsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Name of the own node. */
  readonly node: string;
  /** The Pod that the objects go away with; `undefined` = not known. */
  readonly owner: () => Promise<OwnerReference | undefined>;
  /** What this node announces. */
  readonly announcements: Pick<Announcements, "of" | "services">;
  /** Nodes whose speakers are alive. */
  readonly members: () => readonly string[];
  /** Told of a Service that this node has begun to announce, or other addresses of it. */
  readonly onAssigned: (service: string) => void;
  /** Told what keeps objects from being followed or written. */
  readonly onFailure: (error: unknown) => void;
}

/** Services in work at once. */
const CONCURRENCY = 4;
/** A search for the leftovers of so many Services asks for each of them, of more for all. */
const FEW = 10;
/** The queue's key for that search: no Service has this name. */
const SEARCH = "";
/** Waits after a failure, in ms. */
const BASE_DELAY = 1000;
const MAX_DELAY = 60_000;
/** An object that others delete again and again is made once in so many ms. */
const RENEWAL_PERIOD = 10_000;
/** A living node gets this long to delete an object of its own, in ms. */
const RIVAL_GRACE = 30_000;

/** Writes what differs, a few Services at a time. */
export class L2StatusWriter {
  readonly #options: L2StatusWriterOptions;
  readonly #calls: L2StatusCalls;
  readonly #own = new OwnRecords();
  readonly #reflector: Reflector<L2StatusRecord>;
  readonly #queue: WorkQueue;
  /** Addresses by Service, as they were told of last. */
  readonly #told = new Map<string, string>();
  /** When an object was made last, by Service. */
  readonly #madeAt = new Map<string, number>();
  /** Services of which other nodes may have objects. */
  readonly #unsearched = new Set<string>();
  readonly #stop = new AbortController();
  #isOpen = false;

  /** Makes a writer that knows nothing yet. */
  constructor(options: L2StatusWriterOptions) {
    this.#options = options;
    this.#calls = new L2StatusCalls(options);
    const { client, clock, random, namespace, node, onFailure } = options;
    this.#reflector = new Reflector(client, L2_STATUS_RECORDS, {
      selection: { namespace, labelSelector: selectorOfNode(node) },
      clock,
      random,
      onChange: (changes) => {
        for (const { type, object } of changes) this.#seen(type, object);
      },
      onFailure: ({ error }) => onFailure(error),
    });
    this.#queue = new WorkQueue({
      work: (key, signal) =>
        key === SEARCH ? this.#search(signal) : this.#work(key, signal),
      concurrency: CONCURRENCY,
      clock,
      random,
      baseDelay: BASE_DELAY,
      maxDelay: MAX_DELAY,
      onFailure: (_, error) => onFailure(error),
      onIdle: () => {},
    });
  }

  /** Resolves when the own objects are known. */
  get synced(): Promise<void> {
    return this.#reflector.synced;
  }

  /** Services that wait for a write or are in work. */
  get waiting(): number {
    return this.#queue.depth;
  }

  /** Follows the own objects until it is stopped. */
  async run(): Promise<void> {
    await this.#reflector.start(this.#stop.signal);
  }

  /** Begins to write: about all Services that have objects or should have. */
  open(): void {
    this.#isOpen = true;
    const { announcements } = this.#options;
    for (const service of announcements.services) this.#unsearched.add(service);
    const services = new Set([
      ...announcements.services,
      ...this.#own.services,
    ]);
    for (const service of services) this.changed(service);
  }

  /** Looks at a Service for which something else is announced now. */
  changed(service: string): void {
    if (this.#isOpen) this.#queue.add(service);
  }

  /** Ends; what is under way gets so many ms. */
  async stop(grace: number): Promise<void> {
    this.#isOpen = false;
    this.#stop.abort();
    await this.#queue.stop(grace);
  }

  /** Somebody else may have changed or deleted an object. */
  #seen(type: "ADDED" | "MODIFIED" | "DELETED", record: L2StatusRecord): void {
    const { service, metadata } = record;
    if (type === "DELETED") this.#own.forget(service, metadata.name);
    else this.#own.note(record);
    const wanted = this.#options.announcements.of(service);
    const isDue = wanted === undefined
      ? this.#own.of(service).length > 0
      : planL2Status(
        this.#whole(service, wanted, undefined),
        this.#own.of(service),
      )
        .length > 0;
    if (isDue) this.changed(service);
  }

  #whole(
    service: string,
    announcement: Announcement,
    owner: OwnerReference | undefined,
  ): WantedL2Status {
    const { node } = this.#options;
    const [kept] = this.#own.of(service);
    const since = kept === undefined || kept.since === ""
      ? announcement.since
      : kept.since;
    return { ...announcement, since, service, node, owner };
  }

  async #work(service: string, signal: AbortSignal): Promise<void> {
    const announcement = this.#options.announcements.of(service);
    if (announcement === undefined) {
      this.#told.delete(service);
      this.#madeAt.delete(service);
      this.#unsearched.delete(service);
      await this.#perform(planL2Status(undefined, this.#own.of(service)), {
        service,
        signal,
      });
      return;
    }
    if (this.#own.of(service).length === 0) {
      if (this.#waitsToRenew(service)) return;
      this.#unsearched.add(service);
    }
    const owner = await this.#options.owner();
    const known = this.#told.get(service) ?? this.#own.of(service)[0]?.ips;
    const wanted = this.#whole(service, announcement, owner);
    const steps = planL2Status(wanted, this.#own.of(service));
    await this.#perform(steps, { service, signal, wanted });
    this.#told.set(service, wanted.ips);
    if (known !== wanted.ips) this.#options.onAssigned(service);
    // Last in the queue: what is announced comes before what is left over.
    if (this.#unsearched.has(service)) this.#queue.add(SEARCH);
  }

  /**
   * Whether an object was made a moment ago and is gone: a speaker of MetalLB's
   * that believes to announce the Service deletes it each time, as this node
   * deletes that one's when it is no member.
   */
  #waitsToRenew(service: string): boolean {
    const { clock } = this.#options;
    const dueAt = (this.#madeAt.get(service) ?? -Infinity) + RENEWAL_PERIOD;
    const wait = dueAt - clock.now();
    if (wait <= 0) return false;
    clock.sleep(wait, this.#stop.signal).then(() => this.changed(service));
    return true;
  }

  /**
   * Looks for what other nodes have left, once for all Services that this node
   * has begun to announce: the cache has the own objects only.
   */
  async #search(signal: AbortSignal): Promise<void> {
    const services = new Set(this.#unsearched);
    const others: L2StatusRecord[] = [];
    for await (const record of this.#records(services, signal)) {
      if (services.has(record.service)) others.push(record);
    }
    const found = Map.groupBy(others, ({ service }) => service);
    for (const service of services) {
      // What was withdrawn meanwhile is not this node's business any more.
      if (!this.#unsearched.has(service)) continue;
      await this.#tidy(found.get(service) ?? [], { service, signal });
      this.#unsearched.delete(service);
    }
  }

  async *#records(
    services: ReadonlySet<string>,
    signal: AbortSignal,
  ): AsyncGenerator<L2StatusRecord> {
    const { node } = this.#options;
    const selectors = services.size > FEW
      ? [selectorOfOthers(node)]
      : Array.from(services, (service) => selectorOfOthers(node, service));
    for (const selector of selectors) yield* this.#calls.list(selector, signal);
  }

  async #tidy(others: readonly L2StatusRecord[], job: Job): Promise<void> {
    const { members, clock } = this.#options;
    const { names, isRivalled } = leftovers(others, members());
    for (const name of names) await this.#delete(name, job);
    if (!isRivalled) return;
    clock.sleep(RIVAL_GRACE, this.#stop.signal)
      .then(() => this.#searchAgain(job.service));
  }

  #searchAgain(service: string): void {
    if (this.#options.announcements.of(service) === undefined) return;
    this.#unsearched.add(service);
    this.changed(SEARCH);
  }

  async #perform(steps: readonly L2StatusStep[], job: Job): Promise<void> {
    for (const step of steps) {
      switch (step.kind) {
        case "create":
          await this.#create(job);
          break;
        case "describe":
        case "state":
          await this.#patch(step.name, step.kind, job);
          break;
        case "delete":
          await this.#delete(step.name, job);
      }
    }
  }

  async #create({ wanted, signal }: Job): Promise<void> {
    if (wanted === undefined) return;
    const made = await this.#calls.create(wanted, signal);
    this.#madeAt.set(wanted.service, this.#options.clock.now());
    this.#own.note(made);
    await this.#patch(made.metadata.name, "state", { wanted, signal });
  }

  async #patch(
    name: string,
    part: "describe" | "state",
    { wanted, signal }: Pick<Job, "wanted" | "signal">,
  ): Promise<void> {
    if (wanted === undefined) return;
    try {
      this.#own.note(await this.#calls[part](name, wanted, signal));
    } catch (error) {
      if (isNotFound(error)) this.#own.forget(wanted.service, name);
      throw error;
    }
  }

  async #delete(name: string, { service, signal }: Job): Promise<void> {
    try {
      await this.#calls.delete(name, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#own.forget(service, name);
  }
}

/** One look at one Service. */
interface Job {
  readonly service: string;
  readonly signal: AbortSignal;
  /** The object that it should have; absent = none. */
  readonly wanted?: WantedL2Status;
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}
