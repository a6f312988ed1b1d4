/** Talks to the client process of the lab. */
import type { ClientAnswers, ClientRequest } from "./client_protocol.ts";
import type { LabProcess } from "./process.ts";

type Resolve = (answer: unknown) => void;

/** The client, as the lab sees it. */
export class Client {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #waiting = new Map<number, Resolve>();
  #next = 1;

  /** Takes the process, started as a dialogue. */
  constructor(process: LabProcess) {
    this.#writer = process.input();
    this.#read(process.lines());
  }

  /** Asks for one thing and waits for the answer. */
  async ask<K extends ClientRequest["kind"]>(
    request: Extract<ClientRequest, { kind: K }>,
  ): Promise<ClientAnswers[K]> {
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    const line = JSON.stringify({ ...request, id }) + "\n";
    await this.#writer.write(new TextEncoder().encode(line));
    return await answer as ClientAnswers[K];
  }

  async #read(lines: ReadableStream<string>): Promise<void> {
    for await (const line of lines) {
      const { id, answer } = JSON.parse(line);
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    }
  }
}
