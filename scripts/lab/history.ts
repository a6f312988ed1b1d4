/** What happened in the lab, in order, for the report and the live view. */

/** One thing that happened. */
export type LabEvent =
  & {
    /** Milliseconds since the lab started. */
    readonly atMs: number;
  }
  & (
    | { readonly kind: "step"; readonly text: string }
    | { readonly kind: "nodeKilled" | "nodeStarted"; readonly node: string }
    | {
      /** An address was seen on the LAN at another MAC address than before. */
      readonly kind: "moved";
      readonly ip: string;
      readonly mac: string;
      /** The node with that MAC address; null when it is none of ours. */
      readonly node: string | null;
      readonly form: string;
    }
  );

/** An event before it has its time. */
export type NewEvent = LabEvent extends infer E
  ? E extends LabEvent ? Omit<E, "atMs"> : never
  : never;

/** Milliseconds since the epoch, with fractions, as all processes use. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** The events of one lab. */
export class History {
  readonly #startedMs = wallClock();
  readonly #events: LabEvent[] = [];

  /** All events so far, oldest first. */
  get events(): readonly LabEvent[] {
    return this.#events;
  }

  /**
   * Adds an event, before those that happened later and were told of sooner.
   *
   * @param event What happened.
   * @param at When, in milliseconds since the epoch; absent = now.
   */
  add(event: NewEvent, at: number = wallClock()): void {
    const atMs = Math.round((at - this.#startedMs) * 10) / 10;
    const before = this.#events.findLastIndex((each) => each.atMs <= atMs);
    this.#events.splice(before + 1, 0, { ...event, atMs });
  }
}
