/**
 * Finds where a message of a stream ends while it is still arriving. A message
 * does not tell its length unless it is encrypted, and its sender keeps the
 * stream open for the answer; so its structure is followed, once and without
 * decoding it.
 */
import { Reader, WireError } from "../net/mod.ts";
import { MAX_STREAM_LENGTH } from "./limits.ts";
import { MessageType } from "./message_type.ts";
import { PUSH_PULL_HEADER, USER_HEADER } from "./messages.ts";
import { type Shape, shapeOf } from "./msgpack_shape.ts";
import type { RecordCodec } from "./record.ts";
import type { StreamSide } from "./stream.ts";

/** What the bytes so far make. */
export type Assembly =
  /** The message goes on. */
  | { readonly kind: "partial" }
  /** It is complete; bytes after it are left out. */
  | { readonly kind: "complete"; readonly message: Uint8Array }
  /** It will never be one that may be read. */
  | { readonly kind: "refused"; readonly reason: AssemblyRefusal };

/** Why a message is not worth waiting for. */
export type AssemblyRefusal =
  | "malformed"
  | "unknownType"
  | "tooLarge"
  /** It is not encrypted, and would not be read. */
  | "undecryptable";

/** What an assembler has to expect. */
export interface AssemblerOptions {
  /** Only a request may have a label in front. */
  readonly side: StreamSide;
  /** Whether only an encrypted message will be read. */
  readonly isEncrypted: boolean;
}

/** A step of following the structure: it goes on when the message has so many bytes. */
type Steps<T> = Generator<number, T, void>;

/** Ends the steps with a refusal. */
class Refused extends Error {
  override readonly name = "Refused";
  readonly reason: AssemblyRefusal;

  constructor(reason: AssemblyRefusal, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Takes the bytes of one direction of a stream until they make a message. */
export class StreamAssembler {
  readonly #options: AssemblerOptions;
  readonly #steps: Steps<void>;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  #length = 0;
  /** Up to where the structure has been followed. */
  #position = 0;
  /** Bytes without which it cannot be followed further. */
  #needed = 0;

  /** Begins with no bytes. */
  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#steps = this.#followMessage();
  }

  /** Takes the next bytes. After anything but `partial` there is nothing more to push. */
  push(bytes: Uint8Array): Assembly {
    if (this.#length + bytes.length > 2 * MAX_STREAM_LENGTH) {
      return { kind: "refused", reason: "tooLarge" };
    }
    this.#append(bytes);
    try {
      return this.#follow();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { kind: "refused", reason: error.reason };
    }
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  #follow(): Assembly {
    while (this.#length >= this.#needed) {
      const step = this.#steps.next();
      if (step.done === true) {
        return {
          kind: "complete",
          message: this.#buffer.slice(0, this.#position),
        };
      }
      this.#needed = step.value;
      if (this.#needed > MAX_STREAM_LENGTH) throw new Refused("tooLarge");
    }
    return { kind: "partial" };
  }

  *#followMessage(): Steps<void> {
    let type = yield* this.#byte();
    if (type === MessageType.label && this.#options.side === "request") {
      yield* this.#pass(yield* this.#byte());
      type = yield* this.#byte();
    }
    if (type === MessageType.encrypt) {
      yield* this.#pass(yield* this.#number(4));
      return;
    }
    if (this.#options.isEncrypted) throw new Refused("undecryptable");
    yield* this.#followPlain(type);
  }

  *#followPlain(type: number): Steps<void> {
    switch (type) {
      case MessageType.ping:
      case MessageType.ack:
      case MessageType.error:
      case MessageType.compress:
        yield* this.#values(1);
        return;
      case MessageType.pushPull: {
        const header = yield* this.#record(PUSH_PULL_HEADER);
        yield* this.#values(header.nodes);
        yield* this.#pass(header.userStateLength);
        return;
      }
      case MessageType.user:
        yield* this.#pass((yield* this.#record(USER_HEADER)).length);
        return;
      default:
        throw new Refused("unknownType");
    }
  }

  /** Passes over a record and reads it: it says what follows. */
  *#record<T extends object>(codec: RecordCodec<T>): Steps<T> {
    const start = this.#position;
    yield* this.#values(1);
    const bytes = this.#buffer.subarray(start, this.#position);
    try {
      return codec.read(new Reader(bytes));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new Refused("malformed", { cause: error });
    }
  }

  *#values(count: number): Steps<void> {
    for (let left = count; left > 0; left--) {
      const shape = shapeOf(yield* this.#byte());
      if (shape === undefined) throw new Refused("malformed");
      left += yield* this.#value(shape);
    }
  }

  /** Passes over what follows a value's first byte; gives how many values it holds. */
  *#value(shape: Shape): Steps<number> {
    switch (shape.kind) {
      case "bytes":
        yield* this.#pass(shape.count);
        return 0;
      case "values":
        return shape.count;
      case "lengthThenBytes":
        yield* this.#pass((yield* this.#number(shape.size)) + shape.extra);
        return 0;
      case "lengthThenValues":
        return (yield* this.#number(shape.size)) * shape.perEntry;
    }
  }

  *#pass(count: number): Steps<number> {
    const start = this.#position;
    this.#position += count;
    if (this.#position > this.#length) yield this.#position;
    return start;
  }

  *#byte(): Steps<number> {
    return yield* this.#number(1);
  }

  *#number(size: 1 | 2 | 4): Steps<number> {
    const start = yield* this.#pass(size);
    let value = 0;
    for (let at = start; at < start + size; at++) {
      value = value * 256 + (this.#buffer[at] ?? 0);
    }
    return value;
  }
}
