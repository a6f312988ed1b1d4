/** Milliseconds between two announcements of one address on one interface. */
export const ANNOUNCEMENT_INTERVAL = 1100;

/** Milliseconds after the first announcement in which it is repeated. */
export const ANNOUNCEMENT_WINDOW = 5000;

/** How fast announcements may leave. */
export interface Pacing {
  /** Frames a second, over all interfaces. */
  readonly framesPerSecond: number;
  /** Frames that may leave at once after a pause. */
  readonly burst: number;
}

/**
 * Fast enough for a thousand addresses in a second; switches that inspect ARP
 * and shut a port above a rate (often 15 a second) need less.
 */
export const DEFAULT_PACING: Pacing = { framesPerSecond: 2000, burst: 64 };

/** One announcement that is due. */
export interface Announcement {
  /** Id of the address. */
  readonly id: number;
  /** Slot of the interface. */
  readonly slot: number;
}

/** An address being announced on an interface. */
interface Burst extends Announcement {
  readonly frames: number;
  /** When its first announcement left, in ms; `undefined` before. */
  firstSent: number | undefined;
  due: number;
  isCancelled: boolean;
}

/**
 * When which address is announced: once at once, then every
 * {@linkcode ANNOUNCEMENT_INTERVAL} ms until {@linkcode ANNOUNCEMENT_WINDOW} ms
 * after its first announcement, which makes five. Paced by a token bucket; the
 * first announcement of every address goes before any repetition.
 *
 * It has no clock: every method that needs the time is given it, in ms.
 */
export class AnnouncementSchedule {
  readonly #pacing: Pacing;
  readonly #firsts: BurstQueue = new BurstQueue();
  // All repetitions wait equally long, so the queue is in order of due time.
  readonly #repeats: BurstQueue = new BurstQueue();
  readonly #bursts = new Map<number, Burst>();
  #tokens: number;
  #filledAt = 0;

  /**
   * Makes an empty schedule with a full bucket.
   *
   * @param pacing How fast announcements may leave.
   */
  constructor(pacing: Pacing = DEFAULT_PACING) {
    this.#pacing = pacing;
    this.#tokens = pacing.burst;
  }

  /** Bursts that are not over. */
  get size(): number {
    return this.#bursts.size;
  }

  /**
   * Begins a burst; one under way for the same address and interface ends.
   *
   * @param announcement What to announce where.
   * @param frames Frames that one announcement takes, for the pacing.
   */
  start({ id, slot }: Announcement, frames: number): void {
    this.stop({ id, slot });
    const burst: Burst = {
      id,
      slot,
      frames,
      firstSent: undefined,
      due: 0,
      isCancelled: false,
    };
    this.#bursts.set(keyOf(burst), burst);
    this.#firsts.push(burst);
  }

  /** Ends the burst of an address on an interface, if there is one. */
  stop(announcement: Announcement): void {
    const burst = this.#bursts.get(keyOf(announcement));
    if (burst === undefined) return;
    burst.isCancelled = true;
    this.#bursts.delete(keyOf(burst));
  }

  /** The announcement to send now, if one is due and the pacing allows it. */
  take(now: number): Announcement | undefined {
    const burst = this.#next(now);
    if (burst === undefined) return undefined;
    this.#refill(now);
    if (this.#tokens < this.#needed(burst)) return undefined;
    this.#tokens -= burst.frames;
    (burst.firstSent === undefined ? this.#firsts : this.#repeats).shift();
    burst.firstSent ??= now;
    burst.due = now + ANNOUNCEMENT_INTERVAL;
    if (burst.due < burst.firstSent + ANNOUNCEMENT_WINDOW) {
      this.#repeats.push(burst);
    } else {
      this.#bursts.delete(keyOf(burst));
    }
    return burst;
  }

  /** Time at which {@linkcode take} is to be asked again; `Infinity` when nothing waits. */
  deadline(now: number): number {
    const first = this.#firsts.head();
    const head = first ?? this.#repeats.head();
    if (head === undefined) return Infinity;
    this.#refill(now);
    const missing = Math.max(0, this.#needed(head) - this.#tokens);
    const paced = now + (missing * 1000) / this.#pacing.framesPerSecond;
    return Math.max(head.due, paced);
  }

  /** The burst whose turn it is: the oldest without an announcement, else the first due one. */
  #next(now: number): Burst | undefined {
    const first = this.#firsts.head();
    if (first !== undefined) return first;
    const repeat = this.#repeats.head();
    return repeat === undefined || repeat.due > now ? undefined : repeat;
  }

  /** An announcement of more frames than the bucket holds waits for a full bucket. */
  #needed(burst: Burst): number {
    return Math.min(burst.frames, this.#pacing.burst);
  }

  #refill(now: number): void {
    const gained = ((now - this.#filledAt) * this.#pacing.framesPerSecond) /
      1000;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#pacing.burst, this.#tokens + gained);
  }
}

function keyOf({ id, slot }: Announcement): number {
  return id * 64 + slot;
}

/** First in, first out; cancelled bursts are passed over. */
class BurstQueue {
  #items: Burst[] = [];
  #start = 0;

  push(burst: Burst): void {
    this.#items.push(burst);
  }

  head(): Burst | undefined {
    for (;;) {
      const burst = this.#items[this.#start];
      if (burst === undefined || !burst.isCancelled) return burst;
      this.shift();
    }
  }

  shift(): void {
    this.#start++;
    if (this.#start * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
