/** Something that happens at a time. */
export interface Timed {
  /** When, in ms. */
  time: number;
  /** Of two at one time, the one with the lower number happens first. */
  order: number;
}

/** Events by time: a binary heap. */
export class EventQueue<T extends Timed> {
  readonly #heap: T[] = [];
  #order = 0;

  /** Events that wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** Adds an event. */
  push(event: T): void {
    event.order = this.#order++;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  /** Takes the first event. */
  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an event where the first was. */
  #sink(event: T): void {
    const heap = this.#heap;
    const size = heap.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let below = heap[child];
      const right = heap[child + 1];
      if (
        right !== undefined && below !== undefined && isBefore(right, below)
      ) {
        child++;
        below = right;
      }
      if (below === undefined || isBefore(event, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = event;
  }
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.time < b.time || a.time === b.time && a.order < b.order;
}
