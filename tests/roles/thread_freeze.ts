/** Stops one thread of another process, as a hang of that thread would. */
import { openLibrary } from "../../ffi/mod.ts";

const SYMBOLS = {
  ptrace: { parameters: ["i32", "i32", "u64", "u64"], result: "i64" }, // enum request, pid_t pid, void *addr, void *data
} as const satisfies Deno.ForeignLibraryInterface;

const PTRACE_DETACH = 17;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;

/** A thread that stands still until it is disposed of. */
export class FrozenThread implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #thread: number;

  /**
   * Stops a thread.
   *
   * @throws {Error} When that is not allowed.
   */
  constructor(thread: number) {
    using native = openLibrary();
    this.#library = Deno.dlopen(native.path, SYMBOLS);
    this.#thread = thread;
    if (!this.#trace(PTRACE_SEIZE) || !this.#trace(PTRACE_INTERRUPT)) {
      this.#library.close();
      throw new Error(`Cannot stop thread ${thread}: ptrace is not allowed`);
    }
  }

  /** Lets it go on; a process cannot end while a thread of it is held. */
  [Symbol.dispose](): void {
    this.#trace(PTRACE_DETACH);
    this.#library.close();
  }

  #trace(request: number): boolean {
    const { ptrace } = this.#library.symbols;
    return ptrace(request, this.#thread, 0n, 0n) === 0n;
  }
}

/** The numbers of a process's threads by their names. */
export async function threadsOf(pid: number): Promise<Map<string, number>> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-L", "-o", "lwp=,comm=", "-p", String(pid)],
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return new Map(lines.map((line) => {
    const [number = "", ...name] = line.trim().split(/\s+/);
    return [name.join(" "), Number(number)];
  }));
}
