/** How late a member may be before it has stood still, in ms. */
const STALL = 50;

/** Between two looks at whether anything still comes, in ms. */
const ROUND = 20;

/** So many looks in time without a packet, and all has been read that waited. */
const SILENT_ROUNDS = 3;

/** A member that packets or a busy machine never leave alone acts after so many looks. */
const MOST_LOOKS = 20;

/**
 * Keeps a member that stood still from holding its own silence for that of
 * others: when it goes on, answers that came in time may still wait to be read,
 * and no runtime promises to hand them over before an overdue timer. How long
 * that takes depends on how busy the machine is, so looks are counted, not time.
 */
export class StallGuard {
  #due = NaN;
  /** When it has to run at the latest, in ms, to be in time. */
  #wanted = Infinity;
  #isReading = false;
  /** When it looks next, in ms; how often it has, and how often in silence. */
  #nextLook = 0;
  #looks = 0;
  #silentRounds = 0;

  /** Takes in that the member runs: if late, it has stood still until now. */
  wake(now: number): void {
    if (now - this.#wanted <= STALL) return;
    this.#isReading = true;
    this.#nextLook = now + ROUND;
    this.#looks = 0;
    this.#silentRounds = 0;
    this.#due = NaN;
    this.#wanted = Infinity;
  }

  /** Takes in what is due after a step. It may be overdue, and is not late for it. */
  expect(due: number, now: number): void {
    if (this.#isReading || due === this.#due) return;
    this.#due = due;
    this.#wanted = Math.max(due, now);
  }

  /** Takes in that a packet came. */
  heard(): void {
    this.#silentRounds = 0;
  }

  /** Whether what is due now has to wait for what may still be read. */
  holdsBack(now: number): boolean {
    if (!this.#isReading) return false;
    if (now < this.#nextLook) return true;
    // Late again, it has stood still again.
    if (now - this.#nextLook > STALL) this.#silentRounds = 0;
    else this.#silentRounds++;
    this.#looks++;
    this.#nextLook = now + ROUND;
    this.#isReading = this.#silentRounds < SILENT_ROUNDS &&
      this.#looks < MOST_LOOKS;
    return this.#isReading;
  }

  /** When to act that is due at a time, or to look, in ms. */
  next(due: number): number {
    return this.#isReading ? this.#nextLook : due;
  }
}
