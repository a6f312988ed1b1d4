/** Child processes that write to a log file and die with their parent. */

/** What to run. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** File that takes standard output and standard error. */
  readonly log: string;
  /** Command that runs the command, such as `["ip", "netns", "exec", "api"]`; it must exec, not fork. */
  readonly prefix?: readonly string[];
}

/** A running child. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves when the child has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** True until the child has ended. */
  readonly running: () => boolean;
  /** Sends `signal`, after `graceMs` SIGKILL, and waits for the end. */
  stop(signal: Deno.Signal, graceMs: number): Promise<void>;
}

/** Output goes to the file without passing through this process, which may stall. */
const REDIRECT = 'exec "$@" >>"$HERALD_LOG" 2>&1 </dev/null';

/** The child gets SIGKILL when its parent dies, whatever way that happens. */
const DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"];

/** Starts a child; throws `Deno.errors.NotFound` without `setpriv` (util-linux). */
export function startProcess(options: ProcessOptions): RunningProcess {
  const [command = "", ...args] = [
    ...DIE_WITH_PARENT,
    "sh",
    "-c",
    REDIRECT,
    "sh",
    ...(options.prefix ?? []),
    options.command,
    ...options.args,
  ];
  const child = new Deno.Command(command, {
    args,
    cwd: options.directory,
    env: { HERALD_LOG: options.log },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let alive = true;
  const ended = child.status.then((status) => {
    alive = false;
    return status;
  });
  return {
    pid: child.pid,
    ended,
    running: () => alive,
    async stop(signal, graceMs) {
      if (alive) sendSignal(child, signal);
      const timer = setTimeout(() => sendSignal(child, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Sends a signal, also to a child that has ended and is not yet known to have. */
function sendSignal(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // Deno reports an ended child as a TypeError.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** The last `lines` lines of a log, or why it cannot be read. */
export async function logTail(path: string, lines: number): Promise<string> {
  try {
    const text = await Deno.readTextFile(path);
    return text.trimEnd().split("\n").slice(-lines).join("\n");
  } catch (error) {
    return `(no log: ${error instanceof Error ? error.message : error})`;
  }
}

/** What a finished command printed. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, with `stdin` as its input. */
export async function runCommand(
  argv: readonly string[],
  options: {
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CommandResult> {
  const [command = "", ...args] = argv;
  const child = new Deno.Command(command, {
    args,
    env: { ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).spawn();
  if (options.stdin !== undefined) {
    await new Blob([options.stdin]).stream().pipeTo(child.stdin);
  }
  const output = await child.output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}
