/** Streams for gossip: one message each way over TCP. */
import {
  type Endpoint,
  StreamAssembler,
  type StreamFailure,
  type StreamSide,
} from "../../mod/swim/mod.ts";
import { type Clock, Deadline } from "../../mod/time/mod.ts";
import { Tasks } from "../../mod/work/mod.ts";

/** Streams of others that are open at once; each may hold 4 MiB. */
export const MAX_ACCEPTED_STREAMS = 16;

/** Bytes read at once. */
const CHUNK_LENGTH = 64 * 1024;

/** Pause after a stream could not be accepted, in ms: descriptors may have run out. */
const ACCEPT_RETRY = 100;

/** A whole message, or why there is none. */
export type Received =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly reason: StreamFailure };

/** How a stream is used. */
export interface StreamOptions {
  readonly clock: Clock;
  /** Time for everything, connecting included, in ms. */
  readonly timeout: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Whether only an encrypted message will be read. */
  readonly isEncrypted: boolean;
}

function failed(reason: StreamFailure): Received {
  return { kind: "failed", reason };
}

/** Opens a stream, sends a message, and gives the answer. */
export async function exchange(
  { ip: hostname, port }: Endpoint,
  message: Uint8Array,
  { clock, timeout, signal, isEncrypted }: StreamOptions,
): Promise<Received> {
  using deadline = new Deadline(clock, timeout, signal);
  const connection = await connect(hostname, port, deadline.signal);
  if (connection === undefined) {
    return failed(deadline.expired ? "timedOut" : "unreachable");
  }
  using stream = new Stream(connection, deadline);
  return await stream.run(async () => {
    await stream.write(message);
    return await stream.read("reply", isEncrypted);
  });
}

async function connect(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn | undefined> {
  try {
    return await Deno.connect({ hostname, port, signal });
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return undefined;
  }
}

/** One connection, which ends with its deadline. */
class Stream implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #deadline: Deadline;
  #isClosed = false;

  constructor(connection: Deno.TcpConn, deadline: Deadline) {
    this.#connection = connection;
    this.#deadline = deadline;
    deadline.signal.addEventListener("abort", this.#close);
    if (deadline.signal.aborted) this.#close();
  }

  readonly #close = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  };

  /** Does something with it; what breaks it is told as its end. */
  async run(action: () => Promise<Received>): Promise<Received> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return failed(this.#deadline.expired ? "timedOut" : "closed");
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
  }

  async read(side: StreamSide, isEncrypted: boolean): Promise<Received> {
    const assembler = new StreamAssembler({ side, isEncrypted });
    const chunk = new Uint8Array(CHUNK_LENGTH);
    for (;;) {
      const count = await this.#connection.read(chunk);
      if (count === null) return failed("closed");
      const assembly = assembler.push(chunk.subarray(0, count));
      if (assembly.kind === "refused") return failed(assembly.reason);
      if (assembly.kind === "complete") {
        return { kind: "message", bytes: assembly.message };
      }
    }
  }

  [Symbol.dispose](): void {
    this.#deadline.signal.removeEventListener("abort", this.#close);
    this.#close();
  }
}

/** What a server does with the streams of others. */
export interface StreamHandlers {
  /** A whole message came; gives the answer, or nothing to close without one. */
  readonly onRequest: (
    bytes: Uint8Array,
    from: Endpoint,
  ) => Uint8Array | undefined;
  /** A stream gave no message. */
  readonly onRefused: (reason: StreamFailure, from: Endpoint) => void;
  /** No stream can be accepted for a while. */
  readonly onError: (error: Error) => void;
}

/** What a server accepts streams with. */
export interface StreamServerOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** How the next stream is used. */
  readonly options: () => StreamOptions;
}

/** Accepts the streams of others. */
export class StreamServer {
  readonly #listener: Deno.TcpListener;
  readonly #options: StreamServerOptions;
  readonly #handlers: StreamHandlers;
  readonly #open = new Tasks();
  readonly #accepting: Promise<void>;

  /**
   * Listens. It ends with the signal.
   *
   * @throws {Error} When the address is not ours, or the port is taken.
   */
  constructor(
    { ip: hostname, port }: Endpoint,
    options: StreamServerOptions,
    handlers: StreamHandlers,
  ) {
    this.#listener = Deno.listen({ hostname, port });
    this.#options = options;
    this.#handlers = handlers;
    options.signal.addEventListener("abort", () => this.#listener.close());
    this.#accepting = this.#accept();
  }

  /** Resolves when the signal was given and all streams are closed. */
  async ended(): Promise<void> {
    await this.#accepting;
    await this.#open.ended();
  }

  async #accept(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        this.#start(await this.#listener.accept());
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Error)) throw error;
        this.#handlers.onError(error);
        await this.#options.options().clock.sleep(ACCEPT_RETRY, signal);
      }
    }
  }

  #start(connection: Deno.TcpConn): void {
    const { hostname: ip, port } = connection.remoteAddr;
    if (this.#open.size >= MAX_ACCEPTED_STREAMS) {
      connection.close();
      this.#handlers.onRefused("tooManyStreams", { ip, port });
      return;
    }
    this.#open.add(this.#serve(connection, { ip, port }));
  }

  async #serve(connection: Deno.TcpConn, from: Endpoint): Promise<void> {
    const { clock, timeout, signal, isEncrypted } = this.#options.options();
    using deadline = new Deadline(clock, timeout, signal);
    using stream = new Stream(connection, deadline);
    const received = await stream.run(async () => {
      const received = await stream.read("request", isEncrypted);
      if (received.kind === "failed") return received;
      const answer = this.#handlers.onRequest(received.bytes, from);
      if (answer !== undefined) await stream.write(answer);
      return received;
    });
    if (received.kind === "failed" && !signal.aborted) {
      this.#handlers.onRefused(received.reason, from);
    }
  }
}
