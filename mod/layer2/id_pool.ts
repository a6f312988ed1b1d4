interface Id {
  readonly number: number;
  /** The first generation in which the number stands for the key. */
  readonly since: number;
}

/** Small numbers for keys; a key keeps its number as long as it is assigned. */
export class IdPool {
  /** Numbers that were given back; used before new ones. */
  readonly #free: number[] = [];
  readonly #end: number;
  #next: number;
  #ids = new Map<string, Id>();

  /**
   * Begins with all numbers free.
   *
   * @param first The lowest number.
   * @param count How many there are.
   */
  constructor(first: number, count: number) {
    this.#next = first;
    this.#end = first + count;
  }

  /** The number of a key, if that is so in this generation already. */
  get(key: string, generation: number): number | undefined {
    const id = this.#ids.get(key);
    return id !== undefined && id.since <= generation ? id.number : undefined;
  }

  /** Numbers of exactly these keys from a generation on; `undefined` for those that find none free. */
  assign(
    keys: readonly string[],
    generation: number,
  ): (number | undefined)[] {
    const kept = new Map<string, Id>();
    for (const key of keys) {
      const id = this.#ids.get(key);
      if (id !== undefined) kept.set(key, id);
    }
    for (const [key, id] of this.#ids) {
      if (!kept.has(key)) this.#free.push(id.number);
    }
    this.#ids = kept;
    return keys.map((key) =>
      kept.get(key)?.number ?? this.#take(key, generation)
    );
  }

  #take(key: string, since: number): number | undefined {
    const number = this.#free.pop() ??
      (this.#next < this.#end ? this.#next++ : undefined);
    if (number !== undefined) this.#ids.set(key, { number, since });
    return number;
  }
}
