/**
 * The files in which the client writes down what it sees. They are numbered:
 * the next one is begun when one is long enough, and one that has been read goes
 * away, so that hours of records need no more room than minutes.
 */
import type { WireRecord } from "./wire.ts";

/** A file that has become so long is followed by another, in bytes. */
export const LONGEST_FILE = 4_000_000;

/** Path of a file of records, counted from 1. */
export function wireFile(folder: string, number: number): string {
  return `${folder}/wire-${number}.jsonl`;
}

/** Reads records as they are written. */
export class WireLog {
  readonly #folder: string;
  readonly #keeps: boolean;
  readonly #decoder = new TextDecoder();
  #number = 1;
  #offset = 0;
  #rest = "";

  /**
   * @param folder Of the files, which need not be there yet.
   * @param keeps Whether files that have been read stay.
   */
  constructor(folder: string, keeps: boolean) {
    this.#folder = folder;
    this.#keeps = keeps;
  }

  /** What has been written since the last call. */
  async read(): Promise<WireRecord[]> {
    const records: WireRecord[] = [];
    for (;;) {
      // Looked for before the rest is read: then nothing more is written there.
      const isOver = await isThere(wireFile(this.#folder, this.#number + 1));
      const lines = (this.#rest + await this.#text()).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) records.push(JSON.parse(line));
      if (!isOver) return records;
      if (!this.#keeps) await Deno.remove(this.#path);
      this.#number++;
      this.#offset = 0;
    }
  }

  get #path(): string {
    return wireFile(this.#folder, this.#number);
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

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes records down. */
export class WireWriter implements Disposable {
  readonly #folder: string;
  readonly #longest: number;
  readonly #encoder = new TextEncoder();
  #number = 1;
  #length = 0;
  #file: Deno.FsFile;

  /**
   * Begins the first file.
   *
   * @param longest From how many bytes on another file follows.
   */
  constructor(folder: string, longest: number = LONGEST_FILE) {
    this.#folder = folder;
    this.#longest = longest;
    this.#file = this.#begin();
  }

  /** Writes whole lines. */
  write(lines: string): void {
    if (this.#length >= this.#longest) {
      this.#number++;
      this.#length = 0;
      const full = this.#file;
      this.#file = this.#begin();
      full.close();
    }
    this.#length += this.#file.writeSync(this.#encoder.encode(lines));
  }

  /** Ends the last file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #begin(): Deno.FsFile {
    const path = wireFile(this.#folder, this.#number);
    return Deno.openSync(path, { append: true, create: true });
  }
}
