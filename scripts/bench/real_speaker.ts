import { RoleProcess } from "../../tests/roles/role_process.ts";
import type { ControllerLab } from "./controller_lab.ts";
import { BUNDLED } from "./speaker_lab.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Starts a bundled speaker as the administrator, with the manifests' capabilities. */
export function startSpeaker(lab: ControllerLab, node: string): RoleProcess {
  const { plane } = lab.cluster;
  const kubeconfig = `${plane.directory}/kubeconfig`;
  return RoleProcess.start({
    entry: BUNDLED.entry,
    env: BUNDLED.env,
    permissions: [
      "-P=speaker",
      `--allow-read=${ROOT}dist,${plane.directory}`,
    ],
    args: ["speaker", "--node-name", node, "--kubeconfig", kubeconfig],
    wrapper: ["setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all"],
  });
}
