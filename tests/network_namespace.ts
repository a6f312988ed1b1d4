import { openLibrary } from "../ffi/mod.ts";

/** The calls that move the calling thread between network namespaces. */
const SYMBOLS = {
  unshare: { parameters: ["i32"], result: "i32" }, // int flags
  setns: { parameters: ["i32", "i32"], result: "i32" }, // int fd, int nstype
  open: { parameters: ["buffer", "i32"], result: "i32" }, // const char *pathname, int flags
  close: { parameters: ["i32"], result: "i32" }, // int fd
} as const satisfies Deno.ForeignLibraryInterface;

/** Named namespaces of tests, which all on the machine see, begin so. */
export const TEST_NAMESPACE = "herald-test-";

const CLONE_NEWNET = 0x40000000;
const O_CLOEXEC = 0o2000000;
const HERE = new TextEncoder().encode("/proc/thread-self/ns/net\0");

/**
 * An empty network namespace that the calling thread is in until it is
 * disposed, and with it the workers and processes that it starts meanwhile.
 *
 * Tests in parallel do not meet: every test file has a thread of its own.
 * Interfaces vanish with the namespace.
 */
export class NetworkNamespace implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #outside: number;

  private constructor(
    library: Deno.DynamicLibrary<typeof SYMBOLS>,
    outside: number,
  ) {
    this.#library = library;
    this.#outside = outside;
  }

  /**
   * Makes a namespace, with the loopback interface up, and enters it.
   *
   * @throws {Error} without CAP_SYS_ADMIN; see `privilegedTests`.
   */
  static enter(): NetworkNamespace {
    using native = openLibrary();
    const library = Deno.dlopen(native.path, SYMBOLS);
    const outside = library.symbols.open(HERE, O_CLOEXEC);
    if (outside < 0 || library.symbols.unshare(CLONE_NEWNET) !== 0) {
      if (outside >= 0) library.symbols.close(outside);
      library.close();
      throw new Error("Cannot make a network namespace: needs CAP_SYS_ADMIN");
    }
    const namespace = new NetworkNamespace(library, outside);
    namespace.ip("link", "set", "lo", "up");
    return namespace;
  }

  /**
   * Runs ip(8) in the namespace and returns what it printed.
   *
   * @throws {Error} with ip's complaint when it fails.
   */
  ip(...args: readonly string[]): string {
    const { success, stdout, stderr } = new Deno.Command("ip", {
      args: [...args],
    }).outputSync();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout);
    throw new Error(`ip ${args.join(" ")}: ${decoder.decode(stderr).trim()}`);
  }

  /**
   * Makes two interfaces joined by a wire, both up, with these names, the MAC
   * addresses `02:00:00:00:00:0a` and `02:00:00:00:00:0b`, and no IPv6 chatter.
   */
  wire(first: string, second: string): void {
    const pair = "link add $a address 02:00:00:00:00:0a type veth " +
      "peer name $b address 02:00:00:00:00:0b";
    this.ip(...pair.replace("$a", first).replace("$b", second).split(" "));
    for (const name of [first, second]) {
      this.ip("link", "set", name, "addrgenmode", "none", "up");
    }
  }

  /**
   * Like {@linkcode wire}, between an interface of this namespace and one of
   * the namespace that it was entered from.
   */
  wireOutside(outside: string, inside: string): void {
    this.wire(outside, inside);
    const outsideNamespace = `/proc/${Deno.pid}/fd/${this.#outside}`;
    this.ip("link", "set", outside, "netns", outsideNamespace);
  }

  /** Runs something in the namespace that this one was entered from. */
  outside<T>(run: () => T): T {
    const { symbols } = this.#library;
    const inside = symbols.open(HERE, O_CLOEXEC);
    symbols.setns(this.#outside, CLONE_NEWNET);
    try {
      return run();
    } finally {
      symbols.setns(inside, CLONE_NEWNET);
      symbols.close(inside);
    }
  }

  /** Leaves the namespace; it ends with the last socket in it. */
  [Symbol.dispose](): void {
    this.#library.symbols.setns(this.#outside, CLONE_NEWNET);
    this.#library.symbols.close(this.#outside);
    this.#library.close();
  }
}
