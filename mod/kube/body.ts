/** Reading answers: as a whole up to a limit, or line by line. */

/** A body or a line is longer than the limit. */
export class TooLarge extends RangeError {
  /** Name of the class, for logs. */
  override readonly name = "TooLarge";
}

/** Reads a body as text and gives up beyond `limit` bytes. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let result = "";
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limit) throw new TooLarge(`The answer exceeds ${limit} bytes`);
    result += decoder.decode(chunk, { stream: true });
  }
  return result + decoder.decode();
}

const NEWLINE = 0x0a;

/** Gives the lines of a body as they become complete; empty ones are left out. */
export async function* readLines(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): AsyncGenerator<string> {
  const line = new LineBuffer(limit);
  for await (const chunk of body ?? []) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      line.add(chunk.subarray(start, end));
      start = end + 1;
      const text = line.take();
      if (text !== "") yield text;
    }
    line.add(chunk.subarray(start));
  }
  // A last line without its end was cut off; half an event is none.
}

/** The bytes of a line that is not complete yet. */
class LineBuffer {
  readonly #limit: number;
  #decoder = new TextDecoder();
  #text = "";
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > this.#limit) {
      throw new TooLarge(`A line of the watch exceeds ${this.#limit} bytes`);
    }
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  take(): string {
    const text = this.#text + this.#decoder.decode();
    this.#text = "";
    this.#size = 0;
    return text;
  }
}
