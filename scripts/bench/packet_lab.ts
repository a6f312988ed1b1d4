import { openLibrary } from "../../ffi/mod.ts";
import { manifestFlags } from "../engine_flags.ts";
import { NetworkNamespace } from "../../tests/network_namespace.ts";

const HERE = new URL(".", import.meta.url).pathname;
const ROOT = new URL("../../", import.meta.url).pathname;

/** The addresses that responders own: these and those that follow. */
export const FIRST_IPV4 = "198.18.0.1";
/** See {@linkcode FIRST_IPV4}. */
export const FIRST_IPV6 = "2001:db8::1";
/** Requests before the first round, so that code is compiled. */
const WARM_UP = 60_000;

/** Which capabilities a responder has. */
export type Privileges =
  /** Those of the manifest: CAP_NET_RAW. */
  | "manifest"
  /** CAP_SYS_NICE beside it, as the overlay grants. */
  | "realTime";

const CAPABILITIES: Readonly<Record<Privileges, string>> = {
  manifest: "-all,+net_raw",
  realTime: "-all,+net_raw,+sys_nice",
};

/** What is unusual about a speaker. */
export interface SpeakerOptions {
  /** Flags of the engine. Default: the manifests'. */
  readonly v8Flags?: readonly string[];
  /** Its main thread stalls 300 ms at a time. */
  readonly stalls?: boolean;
}

/** What to ask. */
export interface Asking {
  readonly protocol: "arp" | "ndp";
  /** How many addresses are asked for, at random. Default 1. */
  readonly addresses?: number;
  readonly requests: number;
  /** Requests without an answer at a time. Default 1: latency is measured. */
  readonly inFlight?: number;
  /** The requester runs at SCHED_RR, above any responder. */
  readonly isRealTime?: boolean;
}

/** What came of it. */
export interface Answers {
  readonly requests: number;
  readonly answered: number;
  /** Answers a second. */
  readonly rate: number;
  /** µs; only with one request in flight. */
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
  readonly max?: number;
}

/** Something that answers on an interface of its own. */
export class Responder implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #peer: string;
  readonly #lab: PacketLab;
  readonly #output: string[] = [];
  readonly #reading: Promise<void>;
  #isReady: () => void = () => {};
  readonly #ready: Promise<void>;

  /**
   * Takes over a started process, which says "ready" when it is.
   *
   * @param lab Asks it.
   * @param child The process.
   * @param peer The interface at the other end of its wire.
   */
  constructor(lab: PacketLab, child: Deno.ChildProcess, peer: string) {
    this.#lab = lab;
    this.#child = child;
    this.#peer = peer;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ready = promise;
    this.#isReady = resolve;
    this.#reading = this.#read();
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output.join("");
  }

  /** Resolves when it answers. */
  async whenReady(): Promise<void> {
    await Promise.race([this.#ready, this.#died()]);
  }

  /** Asks it. */
  ask(asking: Asking): Promise<Answers> {
    return this.#lab.ask(this.#peer, asking);
  }

  /** Asks it until its code is compiled. */
  async warmUp(
    asking: Omit<Asking, "requests">,
    requests: number = WARM_UP,
  ): Promise<void> {
    await this.ask({ ...asking, requests });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
    await this.#child.stdin.close().catch(() => {});
  }

  async #read(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of text) {
      this.#output.push(part);
      if (this.output.includes("ready")) this.#isReady();
    }
  }

  async #died(): Promise<never> {
    const { code } = await this.#child.status;
    throw new Error(`A responder ended with code ${code}: ${this.output}`);
  }
}

/** A namespace with wires, responders at one end and the requester at the other. */
export class PacketLab implements AsyncDisposable {
  readonly #namespace = NetworkNamespace.enter();
  readonly #build: string;
  readonly #cpu: number;
  #wires = 0;

  private constructor(build: string, cpu: number) {
    this.#build = build;
    this.#cpu = cpu;
  }

  /**
   * Builds the C programs and makes the namespace.
   *
   * @param cpu The one that both ends are pinned to.
   * @throws {Error} Without a C compiler or libpcap's headers.
   */
  static async make(cpu = 0): Promise<PacketLab> {
    const build = await Deno.makeTempDir({ prefix: "herald-bench-" });
    for (const name of ["responder", "requester"]) {
      const source = `${HERE}${name}.c`;
      const args = ["-O2", "-o", `${build}/${name}`, source, "-lpcap"];
      const { success, stderr } = await new Deno.Command("cc", { args })
        .output();
      if (success) continue;
      throw new Error(
        `Cannot build ${source} (gcc and libpcap-dev are needed): ${
          new TextDecoder().decode(stderr)
        }`,
      );
    }
    return new PacketLab(build, cpu);
  }

  /** The C responder, which owns one IPv4 address. */
  cResponder(): Promise<Responder> {
    return this.#start((own) => [
      `${this.#build}/responder`,
      own,
      FIRST_IPV4,
      String(this.#cpu),
    ]);
  }

  /** The kernel itself. */
  kernel(): { ask(asking: Asking): Promise<Answers> } {
    const { own, peer } = this.#wire();
    // Else the kernel answers on the wires of all the others too.
    this.#setting("net/ipv4/conf/all/arp_ignore", "1");
    this.#namespace.ip("addr", "add", `${FIRST_IPV4}/24`, "dev", own);
    return { ask: (asking) => this.ask(peer, asking) };
  }

  /**
   * The packet worker, which owns a number of IPv4 addresses and one of IPv6.
   *
   * @param addresses How many.
   * @param privileges What it may.
   * @param options What is unusual about it.
   */
  speaker(
    addresses = 1,
    privileges: Privileges = "manifest",
    { v8Flags = manifestFlags(), stalls = false }: SpeakerOptions = {},
  ): Promise<Responder> {
    using library = openLibrary();
    const { path } = library;
    return this.#start((own) => [
      "taskset",
      "-c",
      String(this.#cpu),
      "setpriv",
      "--inh-caps=-all",
      `--bounding-set=${CAPABILITIES[privileges]}`,
      // What the engine traces must not wait in a buffer.
      "stdbuf",
      "--output=L",
      Deno.execPath(),
      "run",
      "--no-prompt",
      `--allow-ffi=${path}`,
      `--allow-read=${ROOT}`,
      ...v8Flags.length > 0 ? [`--v8-flags=${v8Flags.join()}`] : [],
      `${HERE}speaker_responder.ts`,
      own,
      FIRST_IPV4,
      FIRST_IPV6,
      String(addresses),
      ...stalls ? ["stall"] : [],
    ]);
  }

  /** Keeps both cores busy until it is disposed of. */
  busyCores(): Disposable {
    const children = [0, 1].map((cpu) =>
      new Deno.Command("taskset", {
        args: ["-c", String(cpu), "sh", "-c", "while :; do :; done"],
      }).spawn()
    );
    return {
      [Symbol.dispose]: () => {
        for (const child of children) child.kill("SIGKILL");
      },
    };
  }

  /** Asks whoever answers at the other end of an interface. */
  async ask(peer: string, asking: Asking): Promise<Answers> {
    const { protocol, requests, addresses = 1, inFlight = 1 } = asking;
    const args = [
      peer,
      protocol,
      protocol === "arp" ? FIRST_IPV4 : FIRST_IPV6,
      String(addresses),
      String(requests),
      String(inFlight),
      String(this.#cpu),
    ];
    const requester = `${this.#build}/requester`;
    const { stdout, stderr } = asking.isRealTime === true
      ? await new Deno.Command("chrt", {
        args: ["-r", "20", requester, ...args],
      }).output()
      : await new Deno.Command(requester, { args }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout);
    if (text === "") throw new Error(decoder.decode(stderr));
    return JSON.parse(text);
  }

  /** Removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#namespace[Symbol.dispose]();
    await Deno.remove(this.#build, { recursive: true });
  }

  #wire(): { own: string; peer: string } {
    const number = this.#wires++;
    const own = `own${number}`;
    const peer = `peer${number}`;
    const ip = this.#namespace;
    ip.ip("link", "add", own, "type", "veth", "peer", "name", peer);
    ip.ip("link", "set", own, "up");
    ip.ip("link", "set", peer, "up");
    return { own, peer };
  }

  /** Sets a kernel setting of the namespace; Deno itself may not write there. */
  #setting(path: string, value: string): void {
    const command = `echo ${value} > /proc/sys/${path}`;
    const { success } = new Deno.Command("sh", { args: ["-c", command] })
      .outputSync();
    if (!success) throw new Error(`Cannot set ${path} to ${value}`);
  }

  async #start(
    command: (own: string) => readonly [string, ...string[]],
  ): Promise<Responder> {
    const { own, peer } = this.#wire();
    const [program, ...args] = command(own);
    const child = new Deno.Command(program, {
      args,
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const responder = new Responder(this, child, peer);
    await responder.whenReady();
    return responder;
  }
}
