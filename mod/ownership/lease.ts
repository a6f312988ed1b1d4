/**
 * Which speakers are alive, told from one Lease per speaker.
 *
 * A follower times the others' leases by its own clock, from the last change
 * that it observed, never by the times written in them. It does so only while
 * it has proof that the API works for it: its own renewals succeed and come
 * back to it on the same watch as the others'. Without that proof nobody
 * expires and the view stays as it is; when the proof returns, every timer
 * starts anew, so that an outage of the API never looks like the death of all.
 */

/** A speaker's Lease as the API shows it. */
export interface LeaseSighting {
  /** Name of the speaker's node. */
  readonly node: string;
  /**
   * Text that differs after every renewal, for example holder, renewTime and
   * resourceVersion together. Seeing the same text again is no sign of life.
   */
  readonly renewal: string;
  /**
   * Whether it was renewed long ago by its own account. Believed only of a
   * lease that is seen for the first time: it counts from its next renewal on.
   */
  readonly isStale?: boolean;
}

/** Settings of a {@linkcode LeaseView}. */
export interface LeaseViewOptions {
  /** Name of the own node. */
  readonly self: string;
  /** Without a change for this long a lease has expired, in ms; default 6000. */
  readonly expireMs?: number;
  /**
   * How long one successful own renewal proves that the API works, in ms.
   * Default half of `expireMs`. Needs to be more than the renewal interval,
   * and less than `expireMs` without that interval: then an outage that begins
   * right after everybody's renewal suspends the timers before any runs out.
   */
  readonly proofMs?: number;
}

interface Peer {
  renewal: string;
  since: number;
  alive: boolean;
}

/**
 * The lease detector. Every method takes the present time in ms of any clock
 * that never goes back.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LeaseView } from "./mod.ts";
 *
 * const view = new LeaseView({ self: "a" });
 * view.observe({ node: "a", renewal: "1" }, 0);
 * view.observe({ node: "b", renewal: "1" }, 0);
 * view.ownRenewal(true, 0);
 * assertEquals(view.members(1000), ["a", "b"]);
 * view.remove("b", 1000);
 * assertEquals(view.members(1000), ["a"]);
 * ```
 */
export class LeaseView {
  readonly #self: string;
  readonly #expireMs: number;
  readonly #proofMs: number;
  readonly #peers = new Map<string, Peer>();
  /** Last success of an own renewal; `-Infinity` after a failure. */
  #renewedAt = -Infinity;
  /** When the last own renewal came back on the watch. */
  #seenAt = -Infinity;
  /** Until when the timers may run; `-Infinity` = suspended. */
  #provenUntil = -Infinity;

  /** A view in which no lease has been seen. */
  constructor(options: LeaseViewOptions) {
    this.#self = options.self;
    this.#expireMs = options.expireMs ?? 6000;
    this.#proofMs = options.proofMs ?? this.#expireMs / 2;
  }

  /** Takes in a lease that a list or the watch delivered, the own one too. */
  observe(sighting: LeaseSighting, now: number): void {
    const { node, renewal, isStale = false } = sighting;
    const peer = this.#peers.get(node);
    if (peer?.renewal === renewal) return;
    if (peer === undefined) {
      this.#peers.set(node, { renewal, since: now, alive: !isStale });
    } else {
      Object.assign(peer, { renewal, since: now, alive: true });
    }
    if (node === this.#self) {
      this.#expire(now);
      this.#seenAt = now;
      this.#weighProof(now);
    }
  }

  /** Takes in that a lease was deleted: its speaker is gone at once. */
  remove(node: string, now: number): void {
    this.#expire(now);
    this.#peers.delete(node);
    if (node === this.#self) {
      this.#seenAt = -Infinity;
      this.#weighProof(now);
    }
  }

  /** Takes in the outcome of an own renewal. */
  ownRenewal(ok: boolean, now: number): void {
    this.#expire(now);
    this.#renewedAt = ok ? now : -Infinity;
    this.#weighProof(now);
  }

  /** Names of the nodes whose speakers count as alive, sorted. */
  members(now: number): readonly string[] {
    this.#expire(now);
    return [...this.#peers]
      .filter(([, { alive }]) => alive)
      .map(([node]) => node)
      .sort();
  }

  /** Whether nobody can expire at present, for lack of proof. */
  frozen(now: number): boolean {
    return now > this.#provenUntil;
  }

  /**
   * When the next lease would expire, unless something is observed before;
   * `null` when the proof in hand does not reach that far.
   */
  nextExpiry(): number | null {
    let next = Infinity;
    for (const [node, { alive, since }] of this.#peers) {
      if (alive && node !== this.#self) {
        next = Math.min(next, since + this.#expireMs);
      }
    }
    return next <= this.#provenUntil ? next : null;
  }

  #expire(now: number): void {
    const until = Math.min(now, this.#provenUntil);
    for (const [node, peer] of this.#peers) {
      if (node !== this.#self && until >= peer.since + this.#expireMs) {
        peer.alive = false;
      }
    }
  }

  #weighProof(now: number): void {
    const until = Math.min(this.#renewedAt, this.#seenAt) + this.#proofMs;
    const resumes = until >= now && now > this.#provenUntil;
    if (resumes) {
      for (const peer of this.#peers.values()) peer.since = now;
    }
    // What is past has been weighed; an old proof must not speak for an outage.
    this.#provenUntil = until >= now ? until : -Infinity;
  }
}
