/**
 * One thing that the packet loop does in every round. The loop calls its tasks
 * in order; each looks at the clock, does what is due, and names the time by
 * which it must be called again.
 *
 * The loop knows many kinds of tasks, so the engine compiles each by itself;
 * were they one function, its parts would be compiled with boxed numbers
 * between them, which is garbage in every round.
 */
export interface LoopTask {
  /** Does what is due; allocates nothing when nothing but frames is. */
  run(): void;
  /** Frees what it holds, when the loop ends. */
  close(): void;
}

/** Longest wait of the loop, in ms: it shows that it lives at least this often. */
const LONGEST_WAIT = 200;

const NOW = 0;
const DEADLINE = 1;

/**
 * The time of the present round, and the time by which the next must begin, in
 * ms since boot, sleep included. Kept in an array because numbers with fractions
 * are boxed elsewhere.
 */
export class LoopClock {
  readonly #cells = new Float64Array(2);

  /** Begins a round: at this time, with nothing due. */
  begin(now: number): void {
    this.#cells[NOW] = now;
    this.#cells[DEADLINE] = now + LONGEST_WAIT;
  }

  /** When the present round began. */
  get now(): number {
    return this.#cells[NOW] ?? 0;
  }

  /** When the next round must begin. */
  get deadline(): number {
    return this.#cells[DEADLINE] ?? 0;
  }

  /** Makes the next round begin no later than this; what is overdue is due now, for nobody was late yet. */
  wakeBy(time: number): void {
    if (time >= this.deadline) return;
    this.#cells[DEADLINE] = Math.max(time, this.now);
  }
}
