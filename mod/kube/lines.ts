/** Reading the body of a watch line by line. */

/** A line is longer than the limit. */
export class TooLarge extends RangeError {
  /** Name of the class, for logs. */
  override readonly name = "TooLarge";
}

const NEWLINE = 0x0a;
/** What is read at once, in bytes: some events. */
const ROOM = 16 * 1024;

/** Gives the lines of a body as they become complete; empty ones are left out. */
export async function* readLines(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): AsyncGenerator<string> {
  if (body === null) return;
  const line = new LineBuffer(limit);
  for await (const chunk of chunksOf(body)) {
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

/**
 * The chunks of a body, each good until the next one. Left to itself the runtime
 * takes a new buffer of 64 KB for each chunk, and those of some minutes wait
 * until the heap is collected: where it lets us, we bring one of our own.
 */
function chunksOf(
  body: ReadableStream<Uint8Array>,
): AsyncIterable<Uint8Array> {
  try {
    return readInto(new Uint8Array(ROOM), body.getReader({ mode: "byob" }));
  } catch {
    // No stream of bytes: its chunks are made already.
    return body;
  }
}

async function* readInto(
  room: Uint8Array<ArrayBuffer>,
  reader: ReadableStreamBYOBReader,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { value, done } = await reader.read(room);
      if (done) return;
      yield value;
      room = new Uint8Array(value.buffer);
    }
  } finally {
    // A body that failed has told so already.
    await reader.cancel().catch(() => {});
  }
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
