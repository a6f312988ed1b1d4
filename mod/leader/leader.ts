/**
 * Who of several replicas leads, told from one Lease that all of them write
 * conditionally.
 *
 * A replica that wants to lead times the Lease by its own clock, from the last
 * change that it observed, and takes it only when nothing has changed for the
 * whole duration. The leader counts from the moment before it sent its last
 * successful renewal, and stops earlier than that. So, whatever the network
 * does, the one has stopped before the other begins, provided that clocks run
 * at the same speed within the margin between the two times.
 */

/** The Lease as the API shows it. */
export interface LeaseRecord {
  /** Who holds it; `""` when it was given back. */
  readonly holder: string;
  /** How long the holder claims it after a renewal, in ms. */
  readonly durationMs: number;
  /** Text that differs after every write, such as the resourceVersion. */
  readonly renewal: string;
}

/** What a replica is to do about the Lease. */
export type Claim =
  /** There is none: create it as the holder. */
  | { readonly kind: "create" }
  /** Nobody holds it any more: write it, if it is still as it was seen. */
  | { readonly kind: "take" }
  /** It is ours: renew it, if it is still as it was seen. */
  | { readonly kind: "renew" }
  /** Somebody else holds it; look again after so many ms at most. */
  | { readonly kind: "wait"; readonly ms: number };

/** One moment on both clocks, in ms. */
export interface Moment {
  /** A clock that never goes back, and may stand still while a machine sleeps. */
  readonly now: number;
  /** The date, which goes on meanwhile, and may jump. */
  readonly date: number;
}

/** Settings of a {@linkcode LeaderElection}. */
export interface LeaderElectionOptions {
  /** Name of this replica; no two may have the same. */
  readonly self: string;
  /** An unchanged Lease of another replica is over after so many ms. */
  readonly durationMs: number;
  /**
   * The own Lease may be relied on for so many ms after a renewal was sent;
   * less than `durationMs` by what clocks and calls under way may differ.
   */
  readonly relyMs: number;
  /**
   * Whoever did not look at the clocks for so long, in ms, has been standing
   * still, and renews before it relies on the Lease again.
   */
  readonly stallMs: number;
}

/** The decisions of one replica. It reads no clock: moments are passed in. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  /** The other's Lease as last seen, and since when it looks like that. */
  #seen: { readonly renewal: string; readonly since: number } | undefined;
  /** When the last successful renewal was sent; `-Infinity` = not ours. */
  #renewedAt = -Infinity;
  /** Renewals sent before this are not relied on. */
  #doubtedAt = -Infinity;
  #looked: Moment | undefined;

  /** A replica that knows of no Lease. */
  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  /** Decides on the Lease that a call just showed; `undefined` = there is none. */
  decide(record: LeaseRecord | undefined, now: number): Claim {
    const { self, durationMs } = this.#options;
    if (record === undefined) return { kind: "create" };
    if (record.holder === self) return { kind: "renew" };
    this.lost();
    if (record.holder === "") return { kind: "take" };
    if (this.#seen?.renewal !== record.renewal) {
      this.#seen = { renewal: record.renewal, since: now };
    }
    const end = this.#seen.since + Math.max(durationMs, record.durationMs);
    return now >= end ? { kind: "take" } : { kind: "wait", ms: end - now };
  }

  /** Takes in that a conditional write of ours, sent at `sentAt`, succeeded. */
  renewed(sentAt: number): void {
    this.#renewedAt = Math.max(this.#renewedAt, sentAt);
    this.#seen = undefined;
  }

  /** Takes in that the Lease is somebody else's, or given back. */
  lost(): void {
    this.#renewedAt = -Infinity;
  }

  /**
   * Whether this replica leads and may write at this moment. Has to be asked
   * at least every `stallMs`, or it renews first.
   */
  mayWrite(moment: Moment): boolean {
    this.#look(moment);
    return this.#renewedAt >= this.#doubtedAt &&
      moment.now < this.#renewedAt + this.#options.relyMs;
  }

  /** Notices that time has passed in which this process did not run. */
  #look(moment: Moment): void {
    const last = this.#looked;
    this.#looked = moment;
    if (last === undefined) return;
    const { stallMs } = this.#options;
    const stood = moment.now - last.now > stallMs;
    const slept = moment.date - last.date > stallMs;
    if (stood || slept) this.#doubtedAt = moment.now;
  }
}
