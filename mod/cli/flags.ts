/**
 * Flags declared once: the same record parses the command line, reads the
 * environment and prints the help.
 */
import { parseArgs } from "@std/cli/parse-args";

/** A command line that cannot be run: what is wrong and what to do. */
export class UsageError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "UsageError";
  /** Exit code for bad usage. */
  readonly exitCode = 2;
}

/** One flag: how it is written, where else it may come from, what it means. */
export interface Flag<T> {
  /** One letter that stands for the name, as `-o` for `--output`. */
  readonly short?: string;
  /** Word in the help for the value; absent for switches, which take none. */
  readonly placeholder?: string;
  /** One sentence for the help. */
  readonly help: string;
  /** Environment variables that give it, the first one set wins. */
  readonly env?: readonly string[];
  /** Value when neither the command line nor the environment gives one. */
  readonly fallback: T;
  /** How the fallback is shown in the help, when that needs saying. */
  readonly fallbackText?: string;
  /** Turns text into the value; throws an Error that says what is wrong. */
  readonly parse: (text: string) => T;
}

/** Flags by their name on the command line, without the dashes. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of a set of flags. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** A role or verb of `main.ts`. */
export interface Command<F extends Flags> {
  /** The word on the command line. */
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Paragraphs for its own help. */
  readonly description?: string;
  /** Names of the positional arguments as the usage line shows them. */
  readonly positionals?: string;
  /** The flags it takes. */
  readonly flags: F;
}

/** What a command line asks for. */
export type Parsed<F extends Flags> =
  | { readonly kind: "help"; readonly text: string }
  | {
    readonly kind: "run";
    readonly values: FlagValues<F>;
    readonly positionals: readonly string[];
  };

/** What the makers of flags take: a {@linkcode Flag} without its parser. */
export type FlagOptions<T> = Omit<Flag<T>, "parse">;

/** A flag that takes text. */
export function textFlag<T extends string | undefined>(
  options: FlagOptions<T>,
): Flag<string | T> {
  return { placeholder: "TEXT", ...options, parse: (text) => text };
}

/** A switch: present, `=true` or `=false`. */
export function switchFlag(
  options: Omit<FlagOptions<boolean>, "fallback">,
): Flag<boolean> {
  return {
    help: options.help,
    ...(options.env === undefined ? {} : { env: options.env }),
    fallback: false,
    parse: (text) => {
      if (text === "" || text === "true" || text === "1") return true;
      if (text === "false" || text === "0") return false;
      throw new Error(`takes true or false, not "${text}"`);
    },
  };
}

/** A flag that takes one of a few words. */
export function choiceFlag<const T extends string>(
  choices: readonly T[],
  options: FlagOptions<T>,
): Flag<T> {
  return {
    placeholder: choices.join("|"),
    ...options,
    parse: (text) => {
      const choice = choices.find((word) => word === text);
      if (choice !== undefined) return choice;
      throw new Error(`takes one of ${choices.join(", ")}, not "${text}"`);
    },
  };
}

/** A flag that takes a number within bounds, `unit` being a word for the help. */
export function numberFlag<T extends number | undefined>(
  options: FlagOptions<T> & {
    readonly min: number;
    readonly max: number;
    readonly integer?: boolean;
  },
): Flag<number | T> {
  const { min, max, integer = true, ...rest } = options;
  return {
    placeholder: "N",
    ...rest,
    parse: (text) => {
      const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
      const whole = !integer || Number.isInteger(value);
      if (whole && value >= min && value <= max) return value;
      const kind = integer ? "a whole number" : "a number";
      throw new Error(`takes ${kind} from ${min} to ${max}, not "${text}"`);
    },
  };
}

function parseOne(name: string, flag: Flag<unknown>, text: string): unknown {
  try {
    return flag.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${name} ${why}`, { cause });
  }
}

function fromEnvironment(
  flag: Flag<unknown>,
  env: (name: string) => string | undefined,
): unknown {
  for (const name of flag.env ?? []) {
    const text = env(name);
    if (text !== undefined && text !== "") return parseOne(name, flag, text);
  }
  return flag.fallback;
}

function refuse(
  command: string,
  flags: Flags,
  argument: string,
  takesPositionals: boolean,
): boolean {
  if (!argument.startsWith("-")) {
    if (takesPositionals) return true;
    throw new UsageError(
      `Unexpected argument "${argument}": "${command}" takes flags only; see "${command} --help"`,
    );
  }
  const name = argument.replace(/^-+/, "").replace(/=.*$/, "");
  const near = Object.keys(flags).find((known) =>
    known.startsWith(name) || name.startsWith(known)
  );
  const hint = near === undefined
    ? `see "${command} --help"`
    : `did you mean "--${near}"?`;
  throw new UsageError(`Unknown flag "${argument}"; ${hint}`);
}

/**
 * Parses the arguments of one command.
 *
 * @param command What it takes.
 * @param args The arguments after its name.
 * @param env Reads an environment variable.
 * @returns Its values, or the help that was asked for.
 * @throws {UsageError} For an unknown flag or a value that does not fit.
 */
export function parseCommand<F extends Flags>(
  command: Command<F>,
  args: readonly string[],
  env: (name: string) => string | undefined,
): Parsed<F> {
  if (args.some((arg) => arg === "--help" || arg === "-h")) {
    return { kind: "help", text: formatHelp(command) };
  }
  const entries = Object.entries<Flag<unknown>>(command.flags);
  const switches = entries.filter(([, flag]) => flag.placeholder === undefined);
  const parsed = parseArgs(
    expandSwitches(args, switches.map(([name]) => name)),
    {
      string: entries.map(([name]) => name),
      alias: shortNames(entries),
      unknown: (argument) =>
        refuse(
          command.name,
          command.flags,
          argument,
          command.positionals !== undefined,
        ),
    },
  );
  const values: Record<string, unknown> = {};
  for (const [name, flag] of entries) {
    const text = parsed[name];
    if (text === "" && flag.placeholder !== undefined) {
      throw new UsageError(
        `--${name} needs a value: --${name} ${flag.placeholder}`,
      );
    }
    values[name] = typeof text === "string"
      ? parseOne(`--${name}`, flag, text)
      : fromEnvironment(flag, env);
  }
  return {
    kind: "run",
    values: values as FlagValues<F>,
    positionals: parsed._.map(String),
  };
}

function shortNames(
  entries: readonly (readonly [string, Flag<unknown>])[],
): Record<string, string> {
  return Object.fromEntries(
    entries.flatMap(([name, { short }]) =>
      short === undefined ? [] : [[short, name]]
    ),
  );
}

/** `--json` becomes `--json=true`, so that no switch swallows what follows it. */
function expandSwitches(
  args: readonly string[],
  switches: readonly string[],
): string[] {
  return args.map((arg) =>
    switches.includes(arg.replace(/^--/, "")) && arg.startsWith("--")
      ? `${arg}=true`
      : arg
  );
}

/**
 * The help of one command.
 *
 * @param command What it takes.
 * @returns Text of several lines, without a final newline.
 */
export function formatHelp<F extends Flags>(command: Command<F>): string {
  const usage = `Usage: herald ${command.name}${
    Object.keys(command.flags).length > 0 ? " [flags]" : ""
  }${command.positionals === undefined ? "" : ` ${command.positionals}`}`;
  const rows = Object.entries<Flag<unknown>>(command.flags).map(
    ([name, flag]): [string, string] => [
      `  ${flag.short === undefined ? "" : `-${flag.short}, `}--${name}${
        flag.placeholder === undefined ? "" : ` ${flag.placeholder}`
      }`,
      describe(flag),
    ],
  );
  rows.push(["  --help", "Show this help."]);
  const width = Math.min(
    34,
    Math.max(...rows.map(([left]) => left.length)) + 2,
  );
  const lines = rows.map(([left, right]) =>
    left.length + 2 > width
      ? `${left}\n${" ".repeat(width)}${right}`
      : left.padEnd(width) + right
  );
  const about = command.description === undefined
    ? []
    : ["", command.description];
  return [command.summary, ...about, "", usage, "", "Flags:", ...lines].join(
    "\n",
  );
}

function describe(flag: Flag<unknown>): string {
  const notes: string[] = [];
  if (flag.fallbackText !== undefined) {
    notes.push(`default ${flag.fallbackText}`);
  } else if (flag.placeholder !== undefined && flag.fallback !== undefined) {
    notes.push(`default ${flag.fallback === "" ? "none" : flag.fallback}`);
  }
  if (flag.env !== undefined) notes.push(`env ${flag.env.join(", ")}`);
  return notes.length === 0 ? flag.help : `${flag.help} [${notes.join("; ")}]`;
}
