/** Something that may be due at a time; it stands in one agenda at most. */
export class Appointment<T> {
  /** What is due. */
  readonly of: T;
  /** When; `Infinity` = never. */
  at: number = Infinity;
  /** Where it stands. */
  agenda: Agenda<T> | undefined = undefined;
  /** Its place there. */
  place: number = -1;

  /** Of something that is never due so far. */
  constructor(of: T) {
    this.of = of;
  }
}

/**
 * What is due when: a binary heap, so that it costs nothing to know that nothing
 * is due, and the logarithm of their number to change one of many.
 */
export class Agenda<T> {
  readonly #heap: Appointment<T>[] = [];

  /** When the first is due; `Infinity` = none ever is. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** What is due first. */
  get first(): T | undefined {
    return this.#heap[0]?.of;
  }

  /** Makes something due at a time, in this agenda and no other; `Infinity` = never. */
  set(appointment: Appointment<T>, at: number): void {
    if (appointment.agenda !== undefined && appointment.agenda !== this) {
      appointment.agenda.#remove(appointment);
    }
    if (at === Infinity) {
      if (appointment.agenda === this) this.#remove(appointment);
      return;
    }
    const isLater = at > appointment.at;
    appointment.at = at;
    if (appointment.agenda === undefined) {
      appointment.agenda = this;
      this.#put(appointment, this.#heap.length);
      this.#rise(appointment);
    } else if (isLater) this.#sink(appointment);
    else this.#rise(appointment);
  }

  /** Takes out what is due first, if it is due by now. */
  take(now: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#remove(first);
    return first.of;
  }

  #remove(appointment: Appointment<T>): void {
    const { place } = appointment;
    const last = this.#heap.pop();
    appointment.agenda = undefined;
    appointment.at = Infinity;
    appointment.place = -1;
    if (last === undefined || last === appointment) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #put(appointment: Appointment<T>, place: number): void {
    this.#heap[place] = appointment;
    appointment.place = place;
  }

  #rise(appointment: Appointment<T>): void {
    while (appointment.place > 0) {
      const place = appointment.place;
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.at <= appointment.at) return;
      this.#put(parent, place);
      this.#put(appointment, above);
    }
  }

  #sink(appointment: Appointment<T>): void {
    for (;;) {
      const place = appointment.place;
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child = right !== undefined && left !== undefined &&
          right.at < left.at
        ? right
        : left;
      if (child === undefined || child.at >= appointment.at) return;
      const below = child.place;
      this.#put(child, place);
      this.#put(appointment, below);
    }
  }
}
