/**
 * Builds kube-apiserver from the module that `go.mod` pins: minutes once, then
 * it stays in the cache folder.
 */
import { type ApiServerSource, KUBERNETES_VERSION } from "./binaries.ts";
import { runCommand } from "./process.ts";

const PACKAGE = "k8s.io/kubernetes/cmd/kube-apiserver";
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

async function compile(go: string, target: string): Promise<void> {
  const unfinished = `${target}.${Deno.pid}`;
  const argv = [go, "build", "-C", MODULE, "-trimpath", "-ldflags"];
  const { code, stderr } = await runCommand(
    [...argv, linkerFlags(), "-o", unfinished, PACKAGE],
    { env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } },
  );
  if (code !== 0) {
    const tail = stderr.trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(
      `Cannot build kube-apiserver ${KUBERNETES_VERSION} with ${go} (exit code ${code}): ${tail}`,
    );
  }
  await Deno.rename(unfinished, target);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function buildOnce(go: string, target: string): Promise<void> {
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), {
    recursive: true,
  });
  using lock = await Deno.open(`${target}.lock`, { create: true, write: true });
  // Another test process may be building; the kernel drops the lock if it dies.
  await lock.lock(true);
  if (await exists(target)) return;
  const line =
    `building kube-apiserver ${KUBERNETES_VERSION} into ${target} (minutes, once)\n`;
  await Deno.stderr.write(new TextEncoder().encode(line));
  await compile(go, target);
}

/** The path of kube-apiserver, built first if need be; throws if the build fails. */
export async function apiServerPath(source: ApiServerSource): Promise<string> {
  if (source.kind === "build") await buildOnce(source.go, source.path);
  return source.path;
}
