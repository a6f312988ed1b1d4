/** Asks on interfaces and hears what is answered. */
import {
  CaptureHandle,
  GONE,
  monotonicNow,
  NativeError,
  type NativeLibrary,
  PollSet,
} from "../../ffi/mod.ts";
import { equalIp, type Ip } from "../../mod/net/mod.ts";
import {
  type Answer,
  ANSWER_FILTER,
  type AskingPort,
  question,
  readAnswer,
} from "../../mod/ping/mod.ts";

/** An answer with where and when it was heard. */
export interface Heard extends Answer {
  /** Name of the interface. */
  readonly interface: string;
  /** Time since the question left on it, in ms. */
  readonly ms: number;
}

/** An advertisement with several options; more of a frame is not needed. */
const SNAP_LENGTH = 512;
/** Answers to one question need little room. */
const RING_BYTES = 128 * 1024;

interface Listener {
  readonly port: AskingPort;
  readonly handle: CaptureHandle;
  readonly slot: number;
  askedAt: number;
}

/**
 * The interfaces that are asked on. It only ever sends questions. While it
 * waits for answers, everything else in the process waits too.
 */
export class Wire implements Disposable {
  readonly #library: NativeLibrary;
  readonly #poll: PollSet;
  readonly #listeners: Listener[] = [];
  readonly #failures: string[] = [];
  readonly #out = new Uint8Array(SNAP_LENGTH);
  readonly #in = new Uint8Array(SNAP_LENGTH);

  /**
   * Begins to listen.
   *
   * @throws {NativeError} When not one of the interfaces can be opened.
   */
  constructor(library: NativeLibrary, ports: readonly AskingPort[]) {
    this.#library = library;
    this.#poll = new PollSet(library, Math.max(1, ports.length));
    let failure: NativeError | undefined;
    for (const port of ports) {
      try {
        this.#listeners.push(this.#open(port));
      } catch (error) {
        if (!(error instanceof NativeError)) throw error;
        failure = error;
        this.#failures.push(error.message);
      }
    }
    if (failure !== undefined && this.#listeners.length === 0) throw failure;
  }

  /** What went wrong so far, a sentence each. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /**
   * Asks for addresses on all interfaces, listens for a time, and gives what
   * was heard about these addresses in that time. What waits at its end counts:
   * the process may have stood still.
   *
   * @param patience How long to listen, in ms.
   */
  ask(targets: readonly Ip[], patience: number): readonly Heard[] {
    for (const listener of this.#listeners) this.#send(targets, listener);
    const heard: Heard[] = [];
    const end = monotonicNow(this.#library) + patience;
    let left = patience;
    do {
      left = end - monotonicNow(this.#library);
      if (this.#poll.wait(left) === 0) break;
      for (const listener of this.#listeners) {
        heard.push(...this.#drain(listener));
      }
    } while (left > 0);
    return heard.filter(({ ip }) => targets.some((one) => equalIp(one, ip)));
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    for (const { handle } of this.#listeners) handle.close();
  }

  #open(port: AskingPort): Listener {
    const handle = CaptureHandle.open(this.#library, port.name, {
      snapLength: SNAP_LENGTH,
      bufferBytes: RING_BYTES,
    });
    try {
      handle.setFilter(ANSWER_FILTER);
      return { port, handle, slot: this.#poll.add(handle.fd), askedAt: 0 };
    } catch (error) {
      handle.close();
      throw error;
    }
  }

  #send(targets: readonly Ip[], listener: Listener): void {
    const { port, handle } = listener;
    listener.askedAt = monotonicNow(this.#library);
    for (const target of targets) {
      if (target.family === "IPv6" && port.ipv6 === undefined) continue;
      const frame = question(target, port);
      this.#out.set(frame);
      if (handle.send(this.#out, frame.length)) continue;
      this.#failures.push(handle.failure?.message ?? `${port.name} failed`);
    }
  }

  #drain({ port, handle, slot, askedAt }: Listener): Heard[] {
    const heard: Heard[] = [];
    if (this.#poll.revents(slot) === 0) return heard;
    for (;;) {
      const length = handle.next(this.#in);
      if (length === GONE) {
        this.#poll.remove(slot);
        this.#failures.push(handle.failure?.message ?? `${port.name} is gone`);
        return heard;
      }
      if (length === 0) return heard;
      const answer = readAnswer(this.#in.subarray(0, length));
      const ms = monotonicNow(this.#library) - askedAt;
      if (answer !== undefined) {
        heard.push({ ...answer, interface: port.name, ms });
      }
    }
  }
}
