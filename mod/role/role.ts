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
import type { Clock } from "../time/mod.ts";
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
  host: Pick<Host, "clock" | "env" | "platform">,
  settings: Pick<RoleSettings, "kubeconfig" | "namespace">,
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
  /** Resolves with the reason when it cannot go on; a restart is then due. */
  readonly failed?: Promise<string>;
  /** Ends it in order. */
  readonly stop: () => Promise<void>;
}

const STARTING = { ok: false, problems: ["starting"] } as const;

/** What is said before the role is there. */
const NOT_YET: Probes = {
  live: () => ({ ok: true, problems: [] }),
  ready: () => STARTING,
  metrics: () => Promise.resolve({ text: "", contentType: "text/plain" }),
};

/** Who still reads an answer when the process stops has this long, in ms. */
const CLOSE_LIMIT_MS = 500;

/**
 * Runs a role until the process is asked to stop: logs, HTTP, the role, and all
 * of it back in reverse order. HTTP comes first because a port in use is the
 * likeliest mistake, and a role that has started would leave traces.
 *
 * @param start Starts the role's work.
 * @returns The exit code.
 * @throws {Error} When the port cannot be bound, or the role failed.
 */
export async function runUntilStopped(
  host: Host,
  settings: RoleSettings,
  start: () => Promise<RunningRole>,
): Promise<number> {
  await startLogging(settings["log-level"], host.write);
  const stopRequested = host.stopRequested();
  try {
    let answer = probeHandler(NOT_YET);
    const server = listen(host, settings, (request) => answer(request));
    try {
      const role = await start();
      answer = probeHandler(role.probes);
      await work(role, server, stopRequested);
    } finally {
      await closeWithin(server, host.clock);
    }
    getLogger(["herald"]).info("Stopped");
    return 0;
  } finally {
    await stopLogging();
  }
}

/** Lets a role work until it is asked to stop, or fails. */
async function work(
  role: RunningRole,
  server: HttpServer,
  stopRequested: Promise<string>,
): Promise<void> {
  const log = getLogger(["herald"]);
  log.info("Serving health, metrics and status on port {port}", {
    port: server.port,
  });
  const failed = role.failed ?? new Promise<string>(() => {});
  const { why, isFailure } = await Promise.race([
    stopRequested.then((why) => ({ why, isFailure: false })),
    failed.then((why) => ({ why, isFailure: true })),
  ]);
  log.info("Stopping because of {why}", { why });
  await role.stop();
  if (isFailure) throw new Error(`Cannot go on: ${why}`);
}

/** A client that never finishes must not keep the process. */
async function closeWithin(server: HttpServer, clock: Clock): Promise<void> {
  const closed = new AbortController();
  await Promise.race([
    server.close().finally(() => closed.abort()),
    clock.sleep(CLOSE_LIMIT_MS, closed.signal),
  ]);
}

function listen(
  host: Host,
  settings: RoleSettings,
  answer: (request: Request) => Promise<Response>,
): HttpServer {
  const at = {
    hostname: settings["http-address"],
    port: settings["http-port"],
  };
  try {
    return host.serve(at, answer);
  } catch (cause) {
    throw new Error(
      `Cannot serve HTTP on ${at.hostname} port ${at.port}: choose others with --http-address and --http-port`,
      { cause },
    );
  }
}
