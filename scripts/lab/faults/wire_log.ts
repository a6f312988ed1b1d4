/** The file in which the client writes down what it sees. */
import type { WireRecord } from "./wire.ts";

/** Reads records as they are written. */
export class WireLog {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #offset = 0;
  #rest = "";

  /** @param path Of the file, which need not be there yet. */
  constructor(path: string) {
    this.#path = path;
  }

  /** What has been written since the last call. */
  async read(): Promise<WireRecord[]> {
    const lines = (this.#rest + await this.#text()).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => JSON.parse(line));
  }

  async #text(): Promise<string> {
    try {
      using file = await Deno.open(this.#path);
      await file.seek(this.#offset, Deno.SeekMode.Start);
      const bytes = await new Response(file.readable).bytes();
      this.#offset += bytes.length;
      return this.#decoder.decode(bytes, { stream: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}
