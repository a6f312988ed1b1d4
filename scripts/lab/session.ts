/**
 * The lab for programs, such as tests and benchmarks. One part runs outside:
 * it makes the machine ready and starts the other part inside the lab's
 * namespaces, which starts the lab and tells what it finds on stdout.
 */
import { History } from "./history.ts";
import {
  checkIsolation,
  isolatedCommand,
  type Isolation,
} from "./isolation.ts";
import { kubeProxyObstacle } from "./kube_proxy_needs.ts";
import { type Lab, startLab } from "./lab.ts";
import { LabError } from "./lab_error.ts";
import type { LabSettings } from "./options.ts";
import { Progress } from "./progress.ts";
import { TextLineStream } from "./text_lines.ts";

/** How namespaces are made when nobody says. */
export function defaultIsolation(): Isolation {
  return Deno.uid() === 0 ? "root" : "user";
}

/**
 * Checks that a lab can run here, and builds what it needs: inside there is no
 * way to the network any more.
 *
 * @param settings What it is made of.
 * @param isolation How its namespaces are made.
 * @throws {LabError} With what to do when it cannot.
 */
export async function prepareLab(
  settings: Pick<LabSettings, "apiserver" | "proxy">,
  isolation: Isolation,
): Promise<void> {
  await checkIsolation(isolation);
  if (settings.apiserver === "real") {
    // Loaded on demand: it brings what only tests need.
    const { prepareReal } = await import("./real_control_plane.ts");
    await prepareReal();
  }
  if (settings.proxy === "lab") return;
  const obstacle = await kubeProxyObstacle(isolation);
  if (obstacle !== undefined) {
    throw new LabError(`Cannot run kube-proxy: ${obstacle}`);
  }
  const { findKubeProxy } = await import("./kube_proxy.ts");
  await findKubeProxy();
}

/**
 * Runs a module inside namespaces of its own, under the permission set `lab`.
 * When the iteration ends early, everything inside ends too.
 *
 * @param isolation How the namespaces are made.
 * @param module The module.
 * @param args Its arguments.
 * @returns The lines that it writes to stdout.
 * @throws {LabError} With what it wrote to stderr when it ends with a failure.
 */
export async function* runInLab(
  isolation: Isolation,
  module: URL,
  ...args: readonly string[]
): AsyncGenerator<string> {
  const child = isolatedCommand(isolation, [
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "-P=lab"],
    ...[module.pathname, ...args],
  ], { stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const complaints = new Response(child.stderr).text();
  let ended = false;
  try {
    yield* child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    ended = true;
  } finally {
    if (!ended) child.kill("SIGKILL");
    await Promise.all([child.status, complaints]);
  }
  const { success, code } = await child.status;
  if (success) return;
  throw new LabError(`"${module.pathname}" ended with code ${code}`, {
    detail: await complaints,
  });
}

/**
 * Starts a lab inside the namespaces; progress goes to stderr.
 *
 * @param settings What differs from three nodes and no planned Services, with
 * the embedded API server and the lab's own data plane.
 * @returns The lab; it ends with this process.
 * @throws {LabError} When a part does not come up.
 */
export function startQuietLab(settings: Partial<LabSettings>): Promise<Lab> {
  return startLab({
    ...{ nodes: 3, services: 0, logs: undefined },
    ...{ apiserver: "embedded", proxy: "lab", families: "dual" },
    ...settings,
  }, {
    progress: new Progress((line) => console.error(line)),
    history: new History(),
  });
}
