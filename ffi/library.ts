import { NativeError } from "./native_error.ts";
import { type NativeSymbols, SYMBOLS } from "./symbols.ts";

/** Something that must be closed before the library that it calls. */
export interface Closable {
  /** Frees the native resource; a second call does nothing. */
  close(): void;
}

/**
 * The places where libpcap is looked for, in this order; nowhere else.
 *
 * A scoped `--allow-ffi` compares paths as text, so permission sets and this
 * list must spell them alike: Debian and Ubuntu (amd64, arm64), then Fedora and
 * its relatives, then Arch and Alpine.
 */
export const LIBRARY_PATHS: readonly string[] = [
  "/usr/lib/x86_64-linux-gnu/libpcap.so.0.8",
  "/usr/lib/aarch64-linux-gnu/libpcap.so.0.8",
  "/usr/lib64/libpcap.so.1",
  "/usr/lib/libpcap.so.1",
];

const OTHER_ARCHITECTURE: Readonly<Record<typeof Deno.build.arch, string>> = {
  x86_64: "/aarch64-linux-gnu/",
  aarch64: "/x86_64-linux-gnu/",
};

/** Options of {@link openLibrary}. */
export interface OpenLibraryOptions {
  /** Absolute paths to try instead of {@link LIBRARY_PATHS}. */
  readonly paths?: readonly string[];
}

let symbolsIn: (library: NativeLibrary) => NativeSymbols;
let ownedBy: (library: NativeLibrary) => Set<Closable>;

/**
 * An open libpcap, and libc through it.
 *
 * It knows the handles and descriptors opened on it and closes them before
 * itself, so that nothing can call into an unloaded library.
 */
export class NativeLibrary implements Disposable {
  /** The path that was opened. */
  readonly path: string;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #owned = new Set<Closable>();
  #open = true;

  static {
    symbolsIn = (library) => {
      if (!library.#open) {
        throw new NativeError(
          `Cannot call into "${library.path}": the library was closed`,
          { operation: "dlsym", reason: "closed" },
        );
      }
      return library.#library.symbols;
    };
    ownedBy = (library) => library.#owned;
  }

  /**
   * Loads the library at `path`; {@link openLibrary} is the usual way.
   *
   * @throws {Deno.errors.NotCapable} without ffi permission for the path.
   * @throws {Error} when the file cannot be loaded or lacks a function.
   */
  constructor(path: string) {
    this.path = path;
    this.#library = Deno.dlopen(path, SYMBOLS);
  }

  /** Closes what is still open on the library, then the library; idempotent. */
  close(): void {
    if (!this.#open) return;
    for (const resource of [...this.#owned]) resource.close();
    this.#open = false;
    this.#library.close();
  }

  /** Same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The functions of an open library.
 *
 * @throws {NativeError} `closed`.
 */
export function symbolsOf(library: NativeLibrary): NativeSymbols {
  return symbolsIn(library);
}

/** Makes the library close `resource` before itself. */
export function adopt(library: NativeLibrary, resource: Closable): void {
  ownedBy(library).add(resource);
}

/** Ends what {@link adopt} began; called by a resource as it closes. */
export function release(library: NativeLibrary, resource: Closable): void {
  ownedBy(library).delete(resource);
}

function pathsOfThisMachine(): readonly string[] {
  const foreign = OTHER_ARCHITECTURE[Deno.build.arch];
  return LIBRARY_PATHS.filter((path) => !path.includes(foreign));
}

/**
 * Opens libpcap from the first known path that is permitted and loads.
 *
 * Never prompts: a path that is not granted is not tried.
 *
 * @throws {NativeError} `permissionMissing` when no path is granted (the message
 * names the flag), `libraryMissing` when none of the granted ones can be loaded.
 */
export function openLibrary(options: OpenLibraryOptions = {}): NativeLibrary {
  const paths = options.paths ?? pathsOfThisMachine();
  const failures: unknown[] = [];
  const refused: string[] = [];
  for (const path of paths) {
    const { state } = Deno.permissions.querySync({ name: "ffi", path });
    if (state !== "granted") {
      refused.push(path);
      continue;
    }
    try {
      return new NativeLibrary(path);
    } catch (cause) {
      failures.push(cause);
    }
  }
  throw failures.length === 0
    ? permissionMissing(paths)
    : libraryMissing(paths, refused, failures);
}

function permissionMissing(paths: readonly string[]): NativeError {
  return new NativeError(
    `Cannot open libpcap: Deno may not load it; start with --allow-ffi=${
      paths.join(",")
    }`,
    { operation: "dlopen", reason: "permissionMissing" },
  );
}

function libraryMissing(
  paths: readonly string[],
  refused: readonly string[],
  failures: readonly unknown[],
): NativeError {
  const tried = paths.filter((path) => !refused.includes(path));
  const notTried = refused.length === 0
    ? ""
    : `; not permitted and not tried: ${refused.join(", ")}`;
  return new NativeError(
    `Cannot open libpcap: tried ${tried.join(", ")}${notTried}; ` +
      `install it (Debian and Ubuntu: "apt-get install libpcap0.8")`,
    {
      operation: "dlopen",
      reason: "libraryMissing",
      cause: new AggregateError(failures, "None of the paths can be loaded"),
    },
  );
}
