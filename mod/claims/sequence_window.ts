/** How far back a number may lie that comes late. */
const WINDOW = 32;

/**
 * Which numbers of a growing sequence have come, so that none is taken twice
 * (as RFC 4303 §3.4.3 does it).
 */
export class SequenceWindow {
  #highest = 0;
  /** Bit n: the number n + 1 below the highest has come. */
  #seen = 0;

  /** Forgets all numbers. */
  clear(): void {
    this.#highest = 0;
    this.#seen = 0;
  }

  /** Takes a number: the newest so far, one that was overtaken, or one that came before or too late. */
  take(sequence: number): "new" | "late" | "old" {
    const behind = this.#highest - sequence;
    if (behind < 0) {
      this.#advance(-behind);
      this.#highest = sequence;
      return "new";
    }
    if (behind === 0 || behind > WINDOW) return "old";
    const bit = 1 << (behind - 1);
    if ((this.#seen & bit) !== 0) return "old";
    this.#seen |= bit;
    return "late";
  }

  #advance(by: number): void {
    const previous = by > WINDOW ? 0 : 1 << (by - 1);
    this.#seen = by >= WINDOW ? previous : this.#seen << by | previous;
  }
}
