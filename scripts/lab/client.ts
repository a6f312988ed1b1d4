/**
 * The client of the lab, in its own namespace: reads requests from stdin and
 * writes answers to stdout. Times are milliseconds since the epoch.
 */
import { createSocket, type Socket } from "node:dgram";
import type {
  ClientAnswers,
  ClientRequest,
  NumberedRequest,
} from "./client_protocol.ts";
import type { Probe } from "./probes.ts";
import { TextLineStream } from "./text_lines.ts";
import { pause } from "./waiting.ts";

/** Time by which an answer to a datagram may come later than the answer to a later one. */
const DATAGRAM_TIMEOUT_MS = 250;
/** Time that an answer may take on a machine that is busy: what takes longer is lost. */
const LATEST_MS = 5000;
/** Between two looks whether the last answer has come, in milliseconds. */
const LOOK_MS = 20;
/** Time that a new connection may take: less than a second SYN would. */
const CONNECTION_TIMEOUT_MS = 900;

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Sends probes and tells which were answered. */
interface Transport {
  /** Time that an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  send(sequence: number): void;
  close(): void;
}

type Answered = (sequence: number) => void;

/** One flow of datagrams, each echoed. */
function datagrams(host: string, port: number, answered: Answered): Transport {
  const socket: Socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  // An unreachable address is a lost probe, not a failure of the client.
  socket.on("error", () => {});
  socket.on("message", (message: Uint8Array) => {
    answered(Number(new TextDecoder().decode(message)));
  });
  return {
    timeoutMs: DATAGRAM_TIMEOUT_MS,
    send: (sequence) => socket.send(String(sequence), port, host, () => {}),
    close: () => socket.close(),
  };
}

/** A new connection for every probe. */
function connections(
  host: string,
  port: number,
  answered: Answered,
): Transport {
  return {
    timeoutMs: CONNECTION_TIMEOUT_MS,
    send: async (sequence) => {
      const { ok } = await http(host, port, CONNECTION_TIMEOUT_MS);
      if (ok) answered(sequence);
    },
    close: () => {},
  };
}

/** Sends numbered probes at a steady rate and notes which are answered. */
class Prober {
  readonly #sent: number[] = [];
  readonly #answered: (number | null)[] = [];
  readonly #transport: Transport;
  readonly #timer: ReturnType<typeof setInterval>;
  #count = 0;
  #last = 0;

  constructor(open: (answered: Answered) => Transport, everyMs: number) {
    this.#transport = open((sequence) => this.#note(sequence));
    const started = performance.now();
    // Timers drift under load: what is due is sent, so the rate holds.
    this.#timer = setInterval(() => {
      const due = (performance.now() - started) / everyMs;
      while (this.#sent.length < due) this.#send();
    }, everyMs);
  }

  #send(): void {
    const sequence = this.#sent.push(now()) - 1;
    this.#answered.push(null);
    this.#transport.send(sequence);
  }

  #note(sequence: number): void {
    if (this.#answered[sequence] !== null) return;
    this.#last = now();
    this.#answered[sequence] = this.#last;
    this.#count += 1;
  }

  progress(): ClientAnswers["probeCount"] {
    return {
      sent: this.#sent.length,
      answered: this.#count,
      lastAnsweredMs: this.#last,
    };
  }

  async stop(): Promise<readonly Probe[]> {
    clearInterval(this.#timer);
    const end = performance.now() + LATEST_MS;
    while (this.#answered.at(-1) === null && performance.now() < end) {
      await pause(LOOK_MS);
    }
    await pause(this.#transport.timeoutMs);
    this.#transport.close();
    return this.#sent.map((sentMs, index) => ({
      sentMs,
      answeredMs: this.#answered[index] ?? null,
    }));
  }
}

async function exchange(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<string> {
  // A connection of its own per request, so that each is balanced anew.
  const connection = await Deno.connect({ hostname: host, port, signal });
  const close = (): void => connection.close();
  signal.addEventListener("abort", close);
  try {
    await connection.write(new TextEncoder().encode(
      `GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n`,
    ));
    return await new Response(connection.readable).text();
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function http(
  host: string,
  port: number,
  timeoutMs: number,
): Promise<ClientAnswers["http"]> {
  try {
    const text = await exchange(host, port, AbortSignal.timeout(timeoutMs));
    const body = text.slice(text.indexOf("\r\n\r\n") + 4);
    if (!text.startsWith("HTTP/1.1 200")) {
      return { ok: false, error: `unexpected answer "${text.slice(0, 60)}"` };
    }
    return { ok: true, answer: JSON.parse(body) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.name : "" };
  }
}

let prober: Prober | undefined;

async function handle(request: ClientRequest): Promise<unknown> {
  switch (request.kind) {
    case "http":
      return await http(request.host, request.port, request.timeoutMs);
    case "startProbes": {
      const { by, host, port, everyMs } = request;
      const open = by === "datagrams" ? datagrams : connections;
      prober = new Prober((answered) => open(host, port, answered), everyMs);
      return {};
    }
    case "probeCount":
      return prober?.progress();
    case "stopProbes": {
      const probes = await prober?.stop() ?? [];
      prober = undefined;
      return { probes };
    }
  }
}

async function serve(request: NumberedRequest): Promise<void> {
  const answer = { id: request.id, answer: await handle(request) };
  const line = new TextEncoder().encode(JSON.stringify(answer) + "\n");
  for (let at = 0; at < line.length;) {
    at += Deno.stdout.writeSync(line.subarray(at));
  }
}

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) serve(JSON.parse(line));
