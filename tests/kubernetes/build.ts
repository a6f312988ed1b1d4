/**
 * Builds programs of Kubernetes from the module that `go.mod` pins: minutes
 * once, then they stay in the cache folder.
 */
import {
  KUBERNETES_VERSION,
  type ProgramName,
  type ProgramSource,
} from "./binaries.ts";
import { runCommand } from "./process.ts";

const COMMANDS = "k8s.io/kubernetes/cmd";
const VERSION_PACKAGE = "k8s.io/component-base/version";

/** The folder of `go.mod`. */
const MODULE = new URL(".", import.meta.url).pathname;

/** Linker flags: no debug information, and the version that `/version` tells. */
function linkerFlags(): string {
  const [major = "", minor = ""] = KUBERNETES_VERSION.slice(1).split(".");
  const variables: Readonly<Record<string, string>> = {
    gitVersion: KUBERNETES_VERSION,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  const settings = Object.entries(variables)
    .map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  return ["-s", "-w", ...settings].join(" ");
}

async function compile(
  program: ProgramName,
  go: string,
  target: string,
): Promise<void> {
  const unfinished = `${target}.${Deno.pid}`;
  const argv = [go, "build", "-C", MODULE, "-trimpath", "-ldflags"];
  const { code, stderr } = await runCommand(
    [...argv, linkerFlags(), "-o", unfinished, `${COMMANDS}/${program}`],
    { env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } },
  );
  if (code !== 0) {
    const tail = stderr.trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(
      `Cannot build ${program} ${KUBERNETES_VERSION} with ${go} (exit code ${code}): ${tail}`,
    );
  }
  await Deno.rename(unfinished, target);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function buildOnce(
  source: Extract<ProgramSource, { kind: "build" }>,
): Promise<void> {
  const { program, go, path } = source;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using lock = await Deno.open(`${path}.lock`, { create: true, write: true });
  // Another test process may be building; the kernel drops the lock if it dies.
  await lock.lock(true);
  if (await exists(path)) return;
  const line =
    `building ${program} ${KUBERNETES_VERSION} into ${path} (minutes, once)\n`;
  await Deno.stderr.write(new TextEncoder().encode(line));
  await compile(program, go, path);
}

/** The path of a program, built first if need be; throws if the build fails. */
export async function programPath(source: ProgramSource): Promise<string> {
  if (source.kind === "build") await buildOnce(source);
  return source.path;
}
