/**
 * A list of records that are made once and filled again and again, so that a
 * message that is read or written ten times a second leaves no garbage.
 */
export class RecordList<T> {
  readonly #make: () => T;
  readonly #records: T[] = [];
  #length = 0;

  /**
   * Makes an empty list.
   *
   * @param make Makes a record, whatever is in it.
   */
  constructor(make: () => T) {
    this.#make = make;
  }

  /** Records in use. */
  get length(): number {
    return this.#length;
  }

  /** Forgets all records. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds a record; it holds what it held before, so every field is to be set. */
  add(): T {
    let record = this.#records[this.#length];
    if (record === undefined) {
      record = this.#make();
      this.#records.push(record);
    }
    this.#length++;
    return record;
  }

  /**
   * The record at an index.
   *
   * @throws {RangeError} When there is none.
   */
  at(index: number): T {
    const record = this.#records[index];
    if (record === undefined || index >= this.#length) {
      throw new RangeError(
        `Cannot take record ${index}: there are ${this.#length}`,
      );
    }
    return record;
  }
}
