/** A role as a process of its own, under its permission set. */

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a command that ended said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs main.ts to its end. */
export async function runMain(
  permissions: readonly string[],
  ...args: readonly string[]
): Promise<Outcome> {
  return await runToEnd({ permissions, args });
}

/** As {@linkcode runMain}, in any way. */
export async function runToEnd(run: Run): Promise<Outcome> {
  const { code, stdout, stderr } = await command(run).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** How main.ts is run. */
export interface Run {
  /** Permission flags, and whatever else `deno run` takes. */
  readonly permissions: readonly string[];
  /** Arguments of main.ts. */
  readonly args: readonly string[];
  /** What goes in front of the command. Default: nothing. */
  readonly wrapper?: readonly string[];
  /** The entry, from the root of the checkout. Default: `main.ts`. */
  readonly entry?: string;
  /** Variables of its environment, besides those that every process needs. */
  readonly env?: Readonly<Record<string, string>>;
}

function command(
  { permissions, args, wrapper = [], entry = "main.ts", env = {} }: Run,
): Deno.Command {
  const [program = "", ...rest] = [
    ...wrapper,
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...permissions,
    ROOT + entry,
    ...args,
  ];
  return new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: {
      ...env,
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      NO_COLOR: "1",
    },
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** One line of a role's log. */
export type LogEvent = Readonly<Record<string, unknown>>;

/** How a role that was started elsewhere is reached. */
export interface Reach {
  /** Address of its HTTP port. */
  readonly address: string;
  /** Asks it to stop. */
  readonly terminate: () => Promise<void>;
}

/** A role that runs until it is disposed of. */
export class RoleProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reach: Reach;
  readonly #events: LogEvent[] = [];
  readonly #reading: Promise<unknown>;
  #stderr = "";
  #wake: () => void = () => {};

  private constructor(child: Deno.ChildProcess, reach: Reach) {
    this.#child = child;
    this.#reach = reach;
    this.#reading = Promise.all([this.#readEvents(), this.#readErrors()]);
  }

  /**
   * Starts main.ts with an HTTP port of its own, and without metrics over HTTPS
   * because their default port is one for all; arguments may say otherwise.
   */
  static start(run: Run): RoleProcess {
    const [role = "", ...flags] = run.args;
    const http = ["--http-port", "0", "--http-address", "127.0.0.1"];
    const args = [role, ...http, "--metrics-port", "0", ...flags];
    const child = command({ ...run, args }).spawn();
    return new RoleProcess(child, {
      address: "127.0.0.1",
      terminate: () => Promise.resolve(child.kill("SIGTERM")),
    });
  }

  /** Takes over a process whose output is piped. */
  static adopt(child: Deno.ChildProcess, reach: Reach): RoleProcess {
    return new RoleProcess(child, reach);
  }

  /** The process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Its resident memory, in MB. */
  async residentMegabytes(): Promise<number> {
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "rss=", "-p", String(this.pid)],
    }).output();
    return Number(new TextDecoder().decode(stdout)) / 1024;
  }

  /** Waits for a line of the log; lines that came before count. */
  async event(isWanted: (event: LogEvent) => boolean): Promise<LogEvent> {
    for (;;) {
      const found = this.#events.find(isWanted);
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const ended = this.#child.status.then(({ code }) => {
        throw new Error(
          `The role ended with ${code}: ${this.#stderr}${
            JSON.stringify(this.#events)
          }`,
        );
      });
      await Promise.race([promise, ended]);
    }
  }

  /** Gets a path of its HTTP port. */
  async get(
    path: string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { port } = await this.event(({ port }) => typeof port === "number");
    const answer = await fetch(`http://${this.#reach.address}:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** Asks a path again and again until the answer is as wanted. */
  async until(
    path: string,
    isWanted: (
      answer: { readonly status: number; readonly text: string },
    ) => boolean,
  ): Promise<string> {
    for (;;) {
      const answer = await this.get(path);
      if (isWanted(answer)) return answer.text;
      // A role that is asked without a pause has no time to get there.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<Pick<Outcome, "code" | "stderr">> {
    const { code } = await this.#child.status;
    await this.#reading;
    return { code, stderr: this.#stderr };
  }

  /** Asks it to stop and waits for its end. */
  async stop(): Promise<number> {
    try {
      await this.#reach.terminate();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #readEvents(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(
        "\n",
      );
      rest = lines.pop() ?? "";
      for (const line of lines) this.#events.push(JSON.parse(line));
      this.#wake();
    }
  }

  async #readErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#stderr += decoder.decode(chunk, { stream: true });
    }
  }
}
