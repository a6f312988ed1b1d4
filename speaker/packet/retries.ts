import type { SlottedInterface } from "../../mod/layer2/mod.ts";

/** Milliseconds before an interface that failed is tried again for the first time. */
const FIRST_DELAY = 200;
/**
 * Longest time between two tries, in ms. A try that fails holds all answers up
 * for some 15 ms, while the kernel takes its socket apart.
 */
const LONGEST_DELAY = 5000;

interface Failure {
  readonly index: number;
  readonly name: string;
  /** What was told; `undefined` when nothing was. */
  readonly message: string | undefined;
  readonly delay: number;
  readonly dueAt: number;
}

/**
 * When interfaces that could not be opened, or failed, are tried again: soon
 * the first time, then ever less often. Times are passed in, in ms.
 */
export class Retries {
  readonly #bySlot = new Map<number, Failure>();

  /** Whether nothing is to be tried again. */
  get isEmpty(): boolean {
    return this.#bySlot.size === 0;
  }

  /** When the first of them is due; `Infinity` when there is none. */
  get dueAt(): number {
    let first = Infinity;
    for (const { dueAt } of this.#bySlot.values()) {
      if (dueAt < first) first = dueAt;
    }
    return first;
  }

  /** Whether an interface may be tried: it is due, or has not failed yet. */
  isDue(link: SlottedInterface, now: number): boolean {
    const failure = this.#of(link);
    return failure === undefined || failure.dueAt <= now;
  }

  /**
   * An open interface failed. It is never due in the same round, in which it
   * must be seen missing: its groups and announcements end with it.
   */
  lost(link: SlottedInterface, now: number): void {
    this.#put(link, { message: undefined, delay: FIRST_DELAY, now });
  }

  /** A try failed. Returns whether that is news. */
  refused(link: SlottedInterface, now: number, message: string): boolean {
    const before = this.#of(link);
    const delay = before === undefined
      ? FIRST_DELAY
      : Math.min(2 * before.delay, LONGEST_DELAY);
    this.#put(link, { message, delay, now });
    return before?.message !== message;
  }

  /** The interface in the slot was opened. */
  opened(slot: number): void {
    this.#bySlot.delete(slot);
  }

  /** Forgets all but these interfaces. */
  keep(wanted: readonly SlottedInterface[]): void {
    for (const slot of this.#bySlot.keys()) {
      if (!wanted.some((link) => link.slot === slot)) this.#bySlot.delete(slot);
    }
  }

  /** What is known of an interface: another one in its slot, or of its name, begins anew. */
  #of({ slot, index, name }: SlottedInterface): Failure | undefined {
    const failure = this.#bySlot.get(slot);
    const isSame = failure?.index === index && failure.name === name;
    return isSame ? failure : undefined;
  }

  #put(
    { slot, index, name }: SlottedInterface,
    { message, delay, now }: {
      message: string | undefined;
      delay: number;
      now: number;
    },
  ): void {
    const dueAt = now + delay;
    this.#bySlot.set(slot, { index, name, message, delay, dueAt });
  }
}
