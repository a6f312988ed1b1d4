/** What both roles do around their work: logs, access to the cluster, HTTP, the end. */
import { getLogger } from "@logtape/logtape";
import type { FlagValues, RoleFlags } from "../cli/mod.ts";
import { connect, type ConnectedClient, loadAccess } from "../kube/mod.ts";
import { keepTidy } from "../memory/mod.ts";
import { decidePlainScrape } from "../scrape/mod.ts";
import {
  type Health,
  type MetricsGuard,
  probeHandler,
  type Probes,
  registerRoleMetrics,
  Registry,
  type RoleMetrics,
  startLogging,
  stopLogging,
} from "../telemetry/mod.ts";
import { certificateOf, selfSigned } from "./certificate_source.ts";
import { closeWithin } from "./close_within.ts";
import type { Address, Handler, Host, HttpServer } from "./host.ts";
import { MetricsServer, type MetricsServerOptions } from "./metrics_server.ts";
import { withoutIpv6 } from "./without_ipv6.ts";

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
 * @param onCall Told of every call of the API.
 * @throws {AccessError} That says what is wrong, where, and what to do.
 */
export async function openCluster(
  host: Pick<Host, "clock" | "env" | "platform">,
  settings: Pick<RoleSettings, "kubeconfig" | "namespace">,
  onCall?: RoleMetrics["observeCall"],
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
    ...onCall === undefined ? {} : { onCall },
  });
  // A context's namespace is where its user works, not where Herald lives.
  const own = kubeconfig === undefined ? access.namespace : undefined;
  return { client, namespace: settings.namespace ?? own ?? DEFAULT_NAMESPACE };
}

/** What a role gets to work with. */
export interface RoleContext extends Cluster {
  /** Where it registers its metrics. */
  readonly registry: Registry;
}

/** A role at work. */
export interface RunningRole {
  /** What its HTTP port says. */
  readonly probes: Probes;
  /** Resolves with the reason when it cannot go on; a restart is then due. */
  readonly failed?: Promise<string>;
  /** Gives the system back what C libraries have freed; most roles may not ask for it. */
  readonly trim?: () => void;
  /** Ends it in order; the cluster can still be reached. */
  readonly stop: () => Promise<void>;
}

const STARTING = { ok: false, problems: ["starting"] } as const;

/** What is said before the role is there. */
const NOT_YET: Probes = {
  live: () => ({ ok: true, problems: [] }),
  ready: () => STARTING,
  metrics: () => Promise.resolve({ text: "", contentType: "text/plain" }),
};

/**
 * Runs a role until the process is asked to stop: logs, HTTP, the cluster, the
 * role, metrics over HTTPS, and all of it back in reverse order. HTTP comes
 * first because a port in use is the likeliest mistake, and a role that has
 * started would leave traces.
 *
 * @param start Starts the role's work.
 * @returns The exit code.
 * @throws {AccessError} When no cluster can be found.
 * @throws {Error} When the port cannot be bound, or the role failed.
 */
export async function runUntilStopped(
  host: Host,
  settings: RoleSettings,
  start: (context: RoleContext) => Promise<RunningRole>,
): Promise<number> {
  await startLogging(settings["log-level"], host.write);
  await using stack = new AsyncDisposableStack();
  stack.defer(stopLogging);
  const stopRequested = host.stopRequested();
  const registry = new Registry();
  const metrics = registerRoleMetrics(registry);
  const guard = guardPlainMetrics(settings, metrics);
  let answer = probeHandler(NOT_YET, guard);
  const server = listen(
    host,
    settings,
    (request, peer) => answer(request, peer),
  );
  stack.defer(() => closeWithin(server, host.clock));
  const cluster = await openCluster(host, settings, metrics.observeCall);
  stack.use(cluster.client);
  const role = await start({ ...cluster, registry });
  stack.defer(tidy(host, role));
  const https = serveMetrics(host, settings, {
    reviews: cluster.client,
    metrics: role.probes.metrics,
    onRequest: metrics.countScrape,
  });
  stack.use(https);
  answer = probeHandler(withRemarks(role.probes, https), guard);
  await work(role, server, stopRequested);
  getLogger(["herald"]).info("Stopped");
  return 0;
}

/** Keeps the process small; gives what ends that. */
function tidy(
  { clock, heap }: Host,
  { trim }: RunningRole,
): () => Promise<void> {
  const end = new AbortController();
  const tidying = keepTidy(clock, heap, end.signal, trim);
  return async () => {
    end.abort();
    await tidying;
  };
}

/** Without TLS only this machine may read the metrics. */
function guardPlainMetrics(
  settings: RoleSettings,
  { countScrape }: RoleMetrics,
): MetricsGuard {
  return (peer) => {
    const answer = decidePlainScrape(peer, settings["metrics-port"]);
    if (answer.kind === "refuse") countScrape(answer.reason);
    return answer;
  };
}

/** Readiness with what keeps the metrics from being served, as a remark. */
function withRemarks(
  probes: Probes,
  https: MetricsServer | undefined,
): Probes {
  if (https === undefined) return probes;
  const ready = (): Health => {
    const { ok, problems } = probes.ready();
    return { ok, problems: [...problems, ...https.problems] };
  };
  return { ...probes, ready };
}

function serveMetrics(
  host: Host,
  settings: RoleSettings,
  sources: Pick<MetricsServerOptions, "reviews" | "metrics" | "onRequest">,
): MetricsServer | undefined {
  const port = settings["metrics-port"];
  if (port === 0) return undefined;
  const folder = settings["metrics-cert-dir"];
  return new MetricsServer({
    ...sources,
    host,
    at: { hostname: settings["metrics-address"], port },
    minVersion: settings["tls-min-version"] === "VersionTLS12" ? "1.2" : "1.3",
    certificate: folder === undefined
      ? selfSigned(host.clock)
      : certificateOf(folder, host.platform.readTextFile),
  });
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

function listen(
  host: Host,
  settings: RoleSettings,
  answer: Handler,
): HttpServer {
  const at = {
    hostname: settings["http-address"],
    port: settings["http-port"],
  };
  try {
    return serve(host, at, answer);
  } catch (cause) {
    throw new Error(
      `Cannot serve HTTP on ${at.hostname} port ${at.port}: choose others with --http-address and --http-port`,
      { cause },
    );
  }
}

function serve(host: Host, at: Address, answer: Handler): HttpServer {
  try {
    return host.serve(at, answer);
  } catch (error) {
    const other = withoutIpv6(at, error);
    if (other === undefined) throw error;
    return host.serve(other, answer);
  }
}
