/**
 * Builds programs of Kubernetes from the module that `go.mod` pins: minutes
 * once, then they stay in the cache folder.
 */
import { buildGoProgram } from "../programs.ts";
import { KUBERNETES_VERSION, type ProgramSource } from "./binaries.ts";

const COMMANDS = "k8s.io/kubernetes/cmd";
const VERSION_PACKAGE = "k8s.io/component-base/version";

/** Linker flags: no debug information, and the version that `/version` tells. */
function linkerFlags(): readonly string[] {
  const [major = "", minor = ""] = KUBERNETES_VERSION.slice(1).split(".");
  const variables: Readonly<Record<string, string>> = {
    gitVersion: KUBERNETES_VERSION,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  const settings = Object.entries(variables)
    .map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  return ["-s", "-w", ...settings];
}

/** The path of a program, built first if need be; throws if the build fails. */
export async function programPath(source: ProgramSource): Promise<string> {
  if (source.kind === "build") {
    const { program, go, path } = source;
    await buildGoProgram({
      name: `${program} ${KUBERNETES_VERSION}`,
      go,
      module: new URL(".", import.meta.url).pathname,
      package: `${COMMANDS}/${program}`,
      linkerFlags: linkerFlags(),
      target: path,
    });
  }
  return source.path;
}
