/** Members as processes, memberlist's and ours alike. */
import type { MemberCommand, MemberEvent, MemberSettings } from "./protocol.ts";

/** Whose member it is. */
export type Kind = "memberlist" | "herald";

/** Longest that anything may take, in ms; a test that waits so long has failed. */
const PATIENCE = 60_000;

const CHECKOUT = new URL("../../..", import.meta.url).pathname;

/** The child gets SIGKILL when its parent dies, whatever way that happens. */
const DIE_WITH_PARENT = ["--pdeathsig", "KILL", "--"];

function commandOf(kind: Kind, program: string): string[] {
  if (kind === "memberlist") return [program];
  const script = new URL("herald_member.ts", import.meta.url).pathname;
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    `--config=${CHECKOUT}deno.json`,
    "--allow-net",
    script,
  ];
}

interface Waiter {
  readonly isMet: (events: readonly MemberEvent[]) => boolean;
  readonly resolve: () => void;
}

/** A running member. */
export class MemberProcess implements AsyncDisposable {
  readonly name: string;
  readonly kind: Kind;
  /** Where it is, as a command takes it. */
  readonly endpoint: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<unknown>;
  readonly #waiters = new Set<Waiter>();
  readonly #events: MemberEvent[] = [];
  #errors = "";

  private constructor(kind: Kind, argv: string[], settings: MemberSettings) {
    this.name = settings.name;
    this.kind = kind;
    this.endpoint = `${settings.ip}:${settings.port}`;
    this.#child = new Deno.Command("setpriv", {
      args: [...DIE_WITH_PARENT, ...argv, JSON.stringify(settings)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#reading = Promise.all([this.#readEvents(), this.#readErrors()]);
  }

  /** Starts a member and waits until it listens. */
  static async start(
    kind: Kind,
    program: string,
    settings: MemberSettings,
  ): Promise<MemberProcess> {
    const member = new MemberProcess(kind, commandOf(kind, program), settings);
    await member.sees("ready");
    return member;
  }

  async #readEvents(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const chunk of text) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.#events.push(JSON.parse(line) as MemberEvent);
        this.#wake();
      }
    }
  }

  async #readErrors(): Promise<void> {
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) this.#errors += chunk;
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (waiter.isMet(this.#events)) waiter.resolve();
    }
  }

  /** How many events there were so far: from where to look for the next. */
  get count(): number {
    return this.#events.length;
  }

  /**
   * Waits for an event, or finds one that was there already.
   *
   * @param since Events before are not looked at.
   */
  async sees(
    event: MemberEvent["event"],
    fields: Partial<MemberEvent> = {},
    since = 0,
  ): Promise<MemberEvent> {
    const wanted = Object.entries({ event, ...fields });
    const find = (events: readonly MemberEvent[]): MemberEvent | undefined =>
      events.slice(since).find((each) => {
        const told = new Map(Object.entries(each));
        return wanted.every(([key, value]) => told.get(key) === value);
      });
    await this.#wait(
      (events) => find(events) !== undefined,
      JSON.stringify({ event, ...fields }),
    );
    const found = find(this.#events);
    if (found === undefined) throw new Error("An event has vanished");
    return found;
  }

  /** The events of a kind that there were so far. */
  seen(event: MemberEvent["event"], since = 0): readonly MemberEvent[] {
    return this.#events.slice(since).filter((each) => each.event === event);
  }

  async #wait(isMet: Waiter["isMet"], what: string): Promise<void> {
    if (isMet(this.#events)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { isMet, resolve };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => {
      const seen = this.#events.map((event) => JSON.stringify(event));
      reject(
        new Error(
          `${this.kind}'s ${this.name} does not see ${what} within ${PATIENCE} ms; it has seen\n${
            seen.join("\n")
          }\nand says\n${this.#errors.slice(-4000)}`,
        ),
      );
    }, PATIENCE);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** Gives a command and waits until it is done. */
  async do(command: MemberCommand): Promise<void> {
    const before = this.count;
    const line = `${JSON.stringify(command)}\n`;
    await this.#input.write(new TextEncoder().encode(line));
    await this.sees("done", { name: command.do }, before);
  }

  /** Joins others; gives how many of them it met. */
  async join(...others: readonly MemberProcess[]): Promise<number> {
    const before = this.count;
    await this.do({ do: "join", to: others.map(({ endpoint }) => endpoint) });
    return (await this.sees("joinEnded", {}, before)).count ?? 0;
  }

  /** Sends a signal: SIGSTOP and SIGCONT are what a stall looks like. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** Ends it without goodbye. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    await this.#reading;
  }

  /** Same as {@linkcode kill}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
