/** Commands as an administrator types them. */
import { findKubernetes } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Runs shell commands as the administrator; gives what they printed. */
export async function shell(plane: Cluster, script: string): Promise<string> {
  const found = await findKubernetes();
  const kubectl = found.kind === "available" ? found.kubectl ?? "" : "";
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: ROOT,
    env: {
      PATH: `${kubectl.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`,
      KUBECONFIG: `${plane.directory}/kubeconfig`,
      HOME: plane.directory,
    },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`${script}: ${decoder.decode(stderr)}`);
}
