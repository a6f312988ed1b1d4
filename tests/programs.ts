/**
 * Programs that tests need: found on this machine, or built with Go once, from a
 * module of their own, and then kept in the cache folder.
 */
import { runCommand } from "./kubernetes/process.ts";

/** Reads an environment variable; the seam for tests. */
export type Environment = (name: string) => string | undefined;

/** Whether there is a file with that path. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied
    ) return false;
    throw error;
  }
}

/** The file in the first folder that holds `name`, in the order given. */
export async function firstFile(
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (folder !== "" && await isFile(path)) return path;
  }
  return undefined;
}

/** The `go` command, from `PATH` or where it is usually installed. */
export async function findGo(
  env: Environment = (name) => Deno.env.get(name),
): Promise<string | undefined> {
  const path = (env("PATH") ?? "").split(":");
  return await firstFile("go", [...path, "/usr/local/go/bin"]);
}

/** Where built programs are kept: below `XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(
  env: Environment = (name) => Deno.env.get(name),
): string {
  const cache = env("XDG_CACHE_HOME") || `${env("HOME") ?? "/root"}/.cache`;
  return `${cache}/herald`;
}

/** What to build. */
export interface GoProgram {
  /** What it is called in messages. */
  readonly name: string;
  /** The `go` command. */
  readonly go: string;
  /** The folder of `go.mod`. */
  readonly module: string;
  /** The package to build, such as `.`. */
  readonly package: string;
  /** Flags for the linker. */
  readonly linkerFlags: readonly string[];
  /** Where the program is kept. */
  readonly target: string;
}

/**
 * Builds a program unless it is there already.
 *
 * @throws {Error} With the end of what the compiler says.
 */
export async function buildGoProgram(program: GoProgram): Promise<void> {
  const { target } = program;
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), {
    recursive: true,
  });
  using lock = await Deno.open(`${target}.lock`, { create: true, write: true });
  // Another test process may be building; the kernel drops the lock if it dies.
  await lock.lock(true);
  if (await isFile(target)) return;
  const line = `building ${program.name} into ${target} (once)\n`;
  await Deno.stderr.write(new TextEncoder().encode(line));
  await compile(program);
}

async function compile(program: GoProgram): Promise<void> {
  const { name, go, module, target } = program;
  const unfinished = `${target}.${Deno.pid}`;
  const flags = ["-trimpath", "-ldflags", program.linkerFlags.join(" ")];
  const { code, stderr } = await runCommand(
    [go, "build", "-C", module, ...flags, "-o", unfinished, program.package],
    { env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } },
  );
  if (code !== 0) {
    const tail = stderr.trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(
      `Cannot build ${name} with ${go} (exit code ${code}): ${tail}`,
    );
  }
  await Deno.rename(unfinished, target);
}
