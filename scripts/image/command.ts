/** Runs a program to its end. */
import { ImageError } from "./image_error.ts";

/** Files that take the place of pipes. */
export interface Redirections {
  /** Is read as standard input. */
  readonly input?: string;
  /** Takes standard output; then nothing counts as printed. */
  readonly output?: string;
}

/**
 * Runs a program and gives what it printed.
 *
 * @throws {ImageError} When it fails, with what it said.
 */
export async function run(
  [program = "", ...args]: readonly string[],
  files: Redirections = {},
): Promise<string> {
  const { input, output } = files;
  const child = spawn(program, {
    args,
    // Messages are read here: they must not be translated.
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const [stdout, stderr, { success }] = await Promise.all([
    output === undefined
      ? new Response(child.stdout).text()
      : save(child.stdout, output),
    new Response(child.stderr).text(),
    child.status,
    input === undefined ? undefined : feed(input, child.stdin),
  ]);
  if (success) return stdout;
  throw new ImageError(
    `"${[program, ...args].join(" ")}" failed: ${
      (stderr || stdout).trim() || "it said nothing"
    }`,
  );
}

function spawn(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new ImageError(
      `Cannot find "${program}": images are built on Debian and Ubuntu`,
      { cause },
    );
  }
}

async function save(
  bytes: ReadableStream<Uint8Array>,
  path: string,
): Promise<string> {
  const file = await Deno.open(path, {
    write: true,
    create: true,
    truncate: true,
  });
  await bytes.pipeTo(file.writable);
  return "";
}

async function feed(
  path: string,
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const file = await Deno.open(path);
  await file.readable.pipeTo(stdin);
}
