/** Real processes of the lab: started in a namespace, with a log each. */
import { TextLineStream } from "./text_lines.ts";
import { LabError } from "./lab_error.ts";

/** Which capabilities a process may ever have. */
export type Capabilities = "none" | "netRaw" | "realTime" | "netAdmin";

/** How to start a process. */
export interface Launch {
  /** Name in messages and of the log file. */
  readonly name: string;
  /** Network namespace; absent for the lab's own. */
  readonly namespace?: string;
  /** Absent keeps those of the lab. */
  readonly capabilities?: Capabilities;
  /** The command, the program first. */
  readonly command: readonly string[];
  /** The process talks over stdin and stdout; else stdout goes to the log. */
  readonly dialogue?: boolean;
}

const BOUNDING_SET: Readonly<Record<Capabilities, string>> = {
  none: "-all",
  netRaw: "-all,+net_raw",
  realTime: "-all,+net_raw,+sys_nice",
  netAdmin: "-all,+net_admin",
};

/**
 * The full command of a launch.
 *
 * @param launch What to start.
 * @param log Path of its log file.
 * @returns The arguments, the program first.
 */
export function launchCommand(launch: Launch, log: string): string[] {
  const { namespace, capabilities, command, dialogue = false } = launch;
  const redirect = dialogue ? `2>>"$0"` : `>>"$0" 2>&1`;
  return [
    "sh",
    "-c",
    `exec "$@" ${redirect}`,
    log,
    ...(namespace === undefined ? [] : ["ip", "netns", "exec", namespace]),
    ...(capabilities === undefined ? [] : [
      "setpriv",
      "--no-new-privs",
      "--inh-caps=-all",
      `--bounding-set=${BOUNDING_SET[capabilities]}`,
    ]),
    ...command,
  ];
}

/** A started process. */
export class LabProcess {
  /** Name in messages. */
  readonly name: string;
  /** Path of its log. */
  readonly log: string;
  /** Fulfilled with the exit code when it has ended. */
  readonly exited: Promise<number>;
  readonly #child: Deno.ChildProcess;
  #ended = false;
  #expected = false;

  private constructor(name: string, log: string, child: Deno.ChildProcess) {
    this.name = name;
    this.log = log;
    this.#child = child;
    this.exited = child.status.then(({ code }) => {
      this.#ended = true;
      return code;
    });
  }

  /**
   * Starts a process.
   *
   * @param launch What to start.
   * @param logDirectory Where its log goes.
   * @param environment Variables added to the lab's own.
   */
  static start(
    launch: Launch,
    logDirectory: string,
    environment: Readonly<Record<string, string>> = {},
  ): LabProcess {
    const log = `${logDirectory}/${launch.name}.log`;
    const [program = "", ...args] = launchCommand(launch, log);
    const pipe = launch.dialogue === true ? "piped" : "null";
    const child = new Deno.Command(program, {
      args,
      stdin: pipe,
      stdout: pipe,
      stderr: "null",
      env: { ...environment },
    }).spawn();
    return new LabProcess(launch.name, log, child);
  }

  /** Process id, the same for the launched program: all before it is `exec`. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether it ended without having been told to. */
  get died(): boolean {
    return this.#ended && !this.#expected;
  }

  /** The lines that it writes to stdout. Only for a dialogue, once. */
  lines(): ReadableStream<string> {
    return this.#child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
  }

  /** Writer of its stdin. Only for a dialogue, once. */
  input(): WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> {
    return this.#child.stdin.getWriter();
  }

  /** Ends it and waits until it has ended. */
  async stop(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    this.#expected = true;
    if (!this.#ended) this.#child.kill(signal);
    await this.exited;
  }

  /** The last lines of its log, long ones cut short. */
  async tail(count = 15): Promise<string> {
    const text = await run(["tail", "-n", String(count), this.log]);
    return text.trimEnd().replaceAll(
      /^(.{320}).+$/gm,
      (_, start) => `${start}…`,
    );
  }
}

/**
 * Runs a command to its end.
 *
 * @param command The program and its arguments.
 * @param input Text for its stdin.
 * @returns What it wrote to stdout.
 * @throws {LabError} When it fails, with what it wrote to stderr.
 */
export async function run(
  command: readonly string[],
  input = "",
): Promise<string> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that fails early closes its stdin; its status says why.
  const written = writer.write(new TextEncoder().encode(input))
    .then(() => writer.close()).catch(() => {});
  const [{ success, code, stdout, stderr }] = await Promise.all([
    child.output(),
    written,
  ]);
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new LabError(`"${command.join(" ")}" failed with code ${code}`, {
    detail: decoder.decode(stderr).trim(),
  });
}
