/** What both roles do around their work: logs, access to the cluster, HTTP, the end. */
import { getLogger } from "@logtape/logtape";
import type { FlagValues, RoleFlags } from "../cli/mod.ts";
import { connect, type ConnectedClient, loadAccess } from "../kube/mod.ts";
import {
  probeHandler,
  type Probes,
  startLogging,
  stopLogging,
} from "../telemetry/mod.ts";
import type { Host, HttpServer } from "./host.ts";

/** The values of the flags that both roles take. */
export type RoleSettings = FlagValues<RoleFlags>;

/** Where MetalLB's resources are, unless the role is told otherwise. */
const DEFAULT_NAMESPACE = "metallb-system";

/** A cluster that can be talked to. */
export interface Cluster {
  /** The client; nothing has been sent yet. */
  readonly client: ConnectedClient;
  /** Namespace of the `metallb.io` resources. */
  readonly namespace: string;
}

/**
 * Finds the cluster that the flags and the environment name.
 *
 * @throws {AccessError} That says what is wrong, where, and what to do.
 */
export async function openCluster(
  host: Host,
  settings: RoleSettings,
): Promise<Cluster> {
  const { clock, env, platform } = host;
  const { kubeconfig } = settings;
  const access = await loadAccess({
    kubeconfig,
    env,
    readTextFile: platform.readTextFile,
  });
  const log = getLogger(["herald", "kube"]);
  const client = connect(access, {
    platform,
    clock,
    onMalformed: ({ plural, problem }) =>
      log.warn("Left out of {kind}: {problem}", { kind: plural, problem }),
  });
  // A context's namespace is where its user works, not where Herald lives.
  const own = kubeconfig === undefined ? access.namespace : undefined;
  return { client, namespace: settings.namespace ?? own ?? DEFAULT_NAMESPACE };
}

/** A role at work. */
export interface RunningRole {
  /** What its HTTP port says. */
  readonly probes: Probes;
  /** Ends it in order. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs a role until the process is asked to stop: logs, HTTP, the role, and all
 * of it back in reverse order.
 *
 * @param start Starts the role's work.
 * @returns The exit code.
 */
export async function runUntilStopped(
  host: Host,
  settings: RoleSettings,
  start: () => Promise<RunningRole>,
): Promise<number> {
  await startLogging(settings["log-level"], host.write);
  const log = getLogger(["herald"]);
  const stopRequested = host.stopRequested();
  try {
    const role = await start();
    const server = listen(host, settings, role.probes);
    log.info("Serving health, metrics and status on port {port}", {
      port: server.port,
    });
    const why = await stopRequested;
    log.info("Stopping because of {why}", { why });
    await role.stop();
    await server.close();
    log.info("Stopped");
    return 0;
  } finally {
    await stopLogging();
  }
}

function listen(
  host: Host,
  settings: RoleSettings,
  probes: Probes,
): HttpServer {
  const at = {
    hostname: settings["http-address"],
    port: settings["http-port"],
  };
  try {
    return host.serve(at, probeHandler(probes));
  } catch (cause) {
    throw new Error(
      `Cannot serve HTTP on ${at.hostname} port ${at.port}: choose others with --http-address and --http-port`,
      { cause },
    );
  }
}
