import { MAX_COMPOUND_PARTS } from "./compound.ts";
import { retransmitLimit } from "./timing.ts";

/** User messages that wait to be gossiped at most; beyond, the oldest is given up. */
export const MAX_USER_BROADCASTS = 64;

/** Messages that one packet takes at most: a compound, less what they are added to. */
const MAX_TAKEN = MAX_COMPOUND_PARTS - 2;

/** A message on its way to everybody. */
export interface Broadcast {
  /** The member that it is about; absent for user messages, which replace nothing. */
  readonly about?: string;
  /** The message with its type byte. */
  readonly message: Uint8Array;
}

interface Entry extends Broadcast {
  transmits: number;
  readonly age: number;
}

/**
 * Messages that are gossiped: each a limited number of times, those that were
 * sent least first. A newer one about the same member replaces the older.
 */
export class BroadcastQueue {
  /** See `retransmitMult` in the settings. */
  retransmitMult: number;
  readonly #aboutMembers = new Map<string, Entry>();
  #entries: Entry[] = [];
  #isSorted = true;
  #count = 0;

  /**
   * Makes an empty queue.
   *
   * @param retransmitMult See `retransmitMult` in the settings.
   */
  constructor(retransmitMult: number) {
    this.retransmitMult = retransmitMult;
  }

  /** How many messages wait to be sent again. */
  get size(): number {
    return this.#entries.length;
  }

  /** Whether a message has neither been sent often enough nor been replaced. */
  holds(broadcast: Broadcast): boolean {
    return this.#entries.some((entry) => entry.message === broadcast.message);
  }

  /** Adds a message. */
  add(broadcast: Broadcast): void {
    const entry = { ...broadcast, transmits: 0, age: this.#count++ };
    if (broadcast.about === undefined) this.#makeRoom();
    else {
      const older = this.#aboutMembers.get(broadcast.about);
      if (older !== undefined) this.#remove(older);
      this.#aboutMembers.set(broadcast.about, entry);
    }
    this.#entries.push(entry);
    this.#isSorted = false;
  }

  #makeRoom(): void {
    const users = this.#entries.filter(({ about }) => about === undefined);
    if (users.length < MAX_USER_BROADCASTS) return;
    const oldest = users.reduce((a, b) => a.age < b.age ? a : b);
    this.#remove(oldest);
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((each) => each !== entry);
    if (
      entry.about !== undefined &&
      this.#aboutMembers.get(entry.about) === entry
    ) {
      this.#aboutMembers.delete(entry.about);
    }
  }

  /**
   * Takes messages for one packet, and counts them as sent.
   *
   * @param room Bytes that are left in the packet.
   * @param overhead Bytes that each message costs besides its own.
   * @param members How many are known.
   */
  take(room: number, overhead: number, members: number): Uint8Array[] {
    if (this.#entries.length === 0) return [];
    this.#sort();
    const limit = retransmitLimit(this.retransmitMult, members);
    const taken: Uint8Array[] = [];
    let left = room;
    for (const entry of this.#entries) {
      if (taken.length === MAX_TAKEN) break;
      if (entry.message.length + overhead > left) continue;
      left -= entry.message.length + overhead;
      taken.push(entry.message);
      entry.transmits++;
      this.#isSorted = false;
    }
    for (
      const entry of this.#entries.filter((each) => each.transmits >= limit)
    ) {
      this.#remove(entry);
    }
    return taken;
  }

  /** Least sent first; of those the longest, so that the shorter fill up; then the newest. */
  #sort(): void {
    if (this.#isSorted) return;
    this.#isSorted = true;
    this.#entries.sort((a, b) =>
      a.transmits - b.transmits ||
      b.message.length - a.message.length || b.age - a.age
    );
  }
}
