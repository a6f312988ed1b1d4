/** The API server of the lab: our own by default, a real one on demand. */
import { formatKubeconfig } from "../../tests/kubernetes/mod.ts";
import type { ApiFetch } from "./api.ts";
import { ENVIRONMENT } from "./lab_node.ts";
import { LabProcess } from "./process.ts";
import { apiServerLaunch } from "./programs.ts";
import { API_PORT, type Topology, urlHost } from "./topology.ts";
import { until } from "./waiting.ts";

/** The roles of Herald. */
export type Role = "controller" | "speaker";

/** Who uses the API with credentials of its own. */
export type ApiUser = Role | "kube-proxy";

/** A running API server. */
export interface ControlPlane {
  /** What it is, for people. */
  readonly description: string;
  /** Calls it as a user who may do everything. */
  readonly fetch: ApiFetch;
  /** The text of a user's kubeconfig. */
  readonly kubeconfig: (user: ApiUser) => string;
  /**
   * Installs what Herald's manifests bring: kinds and rights. Called when the
   * namespace of the roles is there.
   */
  readonly install: () => Promise<void>;
  /** The process to watch, if it is the lab's own. */
  readonly process: LabProcess | undefined;
}

/**
 * Starts the embedded API server.
 *
 * @param topology Where it listens.
 * @param logs Directory of its log.
 */
export async function startEmbedded(
  topology: Topology,
  logs: string,
): Promise<ControlPlane> {
  const server = `http://${urlHost(topology.apiServer)}:${API_PORT}`;
  const process = LabProcess.start(
    apiServerLaunch(topology),
    logs,
    ENVIRONMENT,
  );
  await until({
    what: "the API server answers",
    timeoutMs: 15_000,
    suspects: [process],
    look: async () => {
      try {
        const response = await fetch(`${server}/readyz`);
        await response.body?.cancel();
        return response.ok || `it answers ${response.status}`;
      } catch {
        return "no connection";
      }
    },
  });
  return {
    description: `embedded, ${server}`,
    fetch: (path, init) => fetch(`${server}${path}`, init),
    kubeconfig: () => formatKubeconfig({ server, user: { kind: "none" } }),
    // It knows the kinds, and everybody may do everything.
    install: () => Promise.resolve(),
    process,
  };
}
