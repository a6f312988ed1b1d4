/** Holds the controller's Lease, and says whether this replica may write. */
import {
  type KubeClient,
  KubeError,
  type Lease,
  LEASES,
} from "../mod/kube/mod.ts";
import {
  type Claim,
  LeaderElection,
  type LeaseRecord,
} from "../mod/leader/mod.ts";
import { type Clock, Deadline } from "../mod/time/mod.ts";

/** Name of the Lease, in the namespace of the controller. */
export const LEASE_NAME = "herald-controller";

/** How replicas agree on one. */
export interface ElectionSettings {
  /** Name of this replica; no two may have the same. */
  readonly identity: string;
  /** A Lease that is not renewed for so many ms is over. */
  readonly durationMs: number;
  /** Time between renewals, in ms; less than a third of the duration. */
  readonly renewMs: number;
}

/** What a {@linkcode Leadership} needs. */
export interface LeadershipOptions extends ElectionSettings {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  /** Told when this replica begins to lead, and when another one does. */
  readonly onChange: (leads: boolean) => void;
  /** Told of every failed call about the Lease. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes stop at this part of the duration; the rest is margin. */
const RELIED_PART = 2 / 3;
/** A loop that was not heard of for so many renewals stood still. */
const STALLED_RENEWALS = 1.5;

/** One replica's part in the election. */
export class Leadership {
  /** Resolves after the first attempt, whatever came of it. */
  readonly attempted: Promise<void>;
  readonly #options: LeadershipOptions;
  readonly #election: LeaderElection;
  readonly #markAttempted: () => void;
  #lease: Lease | undefined;
  #leads = false;
  #ended = false;
  #attemptedAt = -Infinity;
  /** Wakes the loop before its time. */
  #wake = new AbortController();
  /** Resolved after every attempt. */
  #round = Promise.withResolvers<void>();

  /** Takes no part yet. */
  constructor(options: LeadershipOptions) {
    const { identity, durationMs, renewMs } = options;
    this.#options = options;
    this.#election = new LeaderElection({
      self: identity,
      durationMs,
      relyMs: durationMs * RELIED_PART,
      stallMs: renewMs * STALLED_RENEWALS,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.attempted = promise;
    this.#markAttempted = resolve;
  }

  /** Whether this replica has taken the Lease and nobody else has since. */
  get leads(): boolean {
    return this.#leads;
  }

  /** Who holds the Lease as far as is known; `""` = nobody. */
  get holder(): string {
    return this.#lease?.spec?.holderIdentity ?? "";
  }

  /** Whether a write may be sent at this moment. */
  mayWrite(): boolean {
    const { clock } = this.#options;
    return this.#election.mayWrite({
      now: clock.now(),
      date: clock.date().getTime(),
    });
  }

  /** Waits until a write may be sent; false when the signal aborted before. */
  async permission(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && !this.#ended) {
      if (this.mayWrite()) return true;
      this.#hurry();
      await this.#nextRound(signal);
    }
    return false;
  }

  /**
   * Waits for the end of the next attempt; no longer when the signal aborts, on
   * which nothing may stay: it may live as long as the process.
   */
  async #nextRound(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => resolve();
    signal.addEventListener("abort", end);
    this.#round.promise.then(end);
    await promise;
    signal.removeEventListener("abort", end);
  }

  /** Takes part until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = await this.#attempt(signal);
      this.#markAttempted();
      this.#round.resolve();
      this.#round = Promise.withResolvers();
      if (!signal.aborted) await this.#rest(pause, signal);
    }
    this.#ended = true;
    this.#markAttempted();
    this.#round.resolve();
  }

  /** Gives the Lease back; to be called when nothing is being written any more. */
  async release(): Promise<void> {
    const wasOurs = this.mayWrite();
    this.#election.lost();
    this.#change(false);
    if (!wasOurs) return;
    try {
      await this.#within((signal) => this.#patch("", signal));
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    const either = AbortSignal.any([signal, this.#wake.signal]);
    await this.#options.clock.sleep(ms, either);
  }

  /** A leader in doubt renews now, unless it has just tried. */
  #hurry(): void {
    const { clock, renewMs } = this.#options;
    const since = clock.now() - this.#attemptedAt;
    if (this.#leads && since >= renewMs / 4) this.#wake.abort();
  }

  /** One look at the Lease; gives the time until the next, in ms. */
  async #attempt(signal: AbortSignal): Promise<number> {
    const { renewMs, onFailure, clock } = this.#options;
    this.#attemptedAt = clock.now();
    // Time in which nothing ran shows here at the latest.
    this.mayWrite();
    try {
      return await this.#within((limited) => this.#claim(limited), signal);
    } catch (error) {
      // The Lease may have been written all the same: look before the next.
      this.#lease = undefined;
      if (signal.aborted) return 0;
      if (!(error instanceof KubeError && error.code === 409)) onFailure(error);
      return error instanceof KubeError && error.code === 409 ? 0 : renewMs / 2;
    }
  }

  async #claim(signal: AbortSignal): Promise<number> {
    const { clock, identity, renewMs } = this.#options;
    const known = this.#lease?.spec?.holderIdentity === identity;
    if (!known) this.#lease = await this.#read(signal);
    const claim = this.#election.decide(record(this.#lease), clock.now());
    if (claim.kind === "wait") {
      this.#change(false);
      return Math.min(claim.ms, renewMs);
    }
    const sentAt = clock.now();
    this.#lease = await this.#write(claim, signal);
    this.#election.renewed(sentAt);
    this.#change(true);
    return renewMs;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace } = this.#options;
    try {
      const key = { namespace, name: LEASE_NAME };
      return await client.get(LEASES, key, { signal });
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  #write(claim: Claim, signal: AbortSignal): Promise<Lease> {
    const { client, namespace, identity, clock } = this.#options;
    if (claim.kind !== "create") return this.#patch(identity, signal);
    return client.create(LEASES, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: LEASE_NAME,
        namespace,
        labels: { "herald-lb.io/component": "controller" },
      },
      spec: {
        ...this.#times(identity),
        acquireTime: microTime(clock.date()),
        leaseTransitions: 0,
      },
    }, { signal });
  }

  /** Writes the Lease, if it is as it was seen last. */
  #patch(holder: string, signal: AbortSignal): Promise<Lease> {
    const { client, namespace, clock } = this.#options;
    const { metadata, spec = {} } = this.#lease ?? { metadata: {} };
    const { resourceVersion } = metadata as Partial<Lease["metadata"]>;
    const isTaken = holder !== "" && spec.holderIdentity !== holder;
    const taken = {
      acquireTime: microTime(clock.date()),
      leaseTransitions: (spec.leaseTransitions ?? 0) + 1,
    };
    const body = {
      metadata: { resourceVersion },
      spec: { ...this.#times(holder), ...isTaken ? taken : {} },
    };
    const key = { namespace, name: LEASE_NAME };
    return client.patch(LEASES, key, { type: "merge", body }, { signal });
  }

  #times(holder: string): NonNullable<Lease["spec"]> {
    const { durationMs, clock } = this.#options;
    return {
      holderIdentity: holder,
      leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
      renewTime: microTime(clock.date()),
    };
  }

  /** A call that hangs must not stop the next ones. */
  async #within<T>(
    call: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { clock, durationMs } = this.#options;
    using limit = new Deadline(clock, durationMs / 3, signal);
    return await call(limit.signal);
  }

  #change(leads: boolean): void {
    if (leads === this.#leads) return;
    this.#leads = leads;
    this.#options.onChange(leads);
  }
}

function record(lease: Lease | undefined): LeaseRecord | undefined {
  if (lease === undefined) return undefined;
  const { holderIdentity = "", leaseDurationSeconds = 0 } = lease.spec ?? {};
  return {
    holder: holderIdentity,
    durationMs: leaseDurationSeconds * 1000,
    renewal: lease.metadata.resourceVersion ?? "",
  };
}

/** metav1.MicroTime takes six digits, Date gives three. */
function microTime(date: Date): string {
  return date.toISOString().replace("Z", "000Z");
}
