/** etcd and kube-apiserver as child processes, and the files that they need. */
import { type KeyPair, loadIssuer } from "../../mod/certificates/mod.ts";
import { createSigningKey, issueClient } from "./certificates.ts";
import { logTail, type RunningProcess, startProcess } from "./process.ts";
import { waitReady } from "./readiness.ts";

/** A user besides the administrator; rights come from RBAC objects. */
export interface UserOptions {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** A user of the token file. */
export interface TokenUser {
  readonly name: string;
  readonly token: string;
  readonly groups: readonly string[];
}

/** What the processes are started with. */
export interface ControlPlane {
  readonly apiServer: string;
  readonly etcd: string;
  readonly directory: string;
  readonly address: string;
  readonly port: number;
  readonly server: string;
  readonly caPem: string;
  readonly serviceRanges: string;
  readonly prefix: readonly string[];
  readonly flags: readonly string[];
  readonly timeoutMs: number;
}

/** Name of the group that may do everything. */
export const ADMINISTRATORS = "system:masters";

/** The administrator and `users`, each with a token of its own. */
export function createUsers(users: readonly UserOptions[]): TokenUser[] {
  const admin = { name: "admin", groups: [ADMINISTRATORS] };
  return [admin, ...users].map(({ name, groups }) => ({
    name,
    groups: groups ?? [],
    token: crypto.randomUUID(),
  }));
}

/** Secrets that {@linkcode writeCredentials} made. */
export interface Credentials {
  readonly caPem: string;
  readonly client: KeyPair;
}

/** Writes certificates, keys and tokens into `directory`. */
export async function writeCredentials(
  directory: string,
  ipAddresses: readonly string[],
  users: readonly TokenUser[],
): Promise<Credentials> {
  const { issueAuthority, issueServer } = await loadIssuer();
  const now = Date.now();
  const authority = issueAuthority("herald-test-ca", now);
  const dnsNames = ["localhost", "kubernetes", "kubernetes.default.svc"];
  const server = issueServer(authority, { dnsNames, ipAddresses }, now);
  const client = await issueClient(authority, {
    commonName: "admin",
    organizations: [ADMINISTRATORS],
  }, now);
  const signing = createSigningKey();
  const tokens = users.map(({ token, name, groups }) =>
    `${token},${name},${name},"${groups.join(",")}"\n`
  );
  const files: Readonly<Record<string, string>> = {
    "ca.crt": authority.certificate,
    "server.crt": server.certificate,
    "server.key": server.privateKey,
    "accounts.pub": signing.publicKey,
    "accounts.key": signing.privateKey,
    "tokens.csv": tokens.join(""),
  };
  await Promise.all(
    Object.entries(files).map(([name, text]) =>
      Deno.writeTextFile(`${directory}/${name}`, text, { mode: 0o600 })
    ),
  );
  return { caPem: authority.certificate, client };
}

/** Starts etcd on Unix sockets in its folder: no port, and reachable from any network namespace. */
export function startEtcd(plane: ControlPlane): RunningProcess {
  // etcd insists on "host:port", and takes that as the name of the socket.
  const client = "unix://client:1";
  const peer = "unix://peer:1";
  return startProcess({
    command: plane.etcd,
    directory: plane.directory,
    log: `${plane.directory}/etcd.log`,
    args: [
      "--data-dir=data",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data goes with the folder; a power cut need not be survived.
      "--unsafe-no-fsync",
      "--log-level=warn",
      "--logger=zap",
    ],
  });
}

/** Flags of kube-apiserver for one small, short-lived server. */
function apiServerFlags(plane: ControlPlane): string[] {
  const file = (name: string) => `${plane.directory}/${name}`;
  return [
    `--etcd-servers=unix://${file("client:1")}`,
    `--bind-address=${plane.address}`,
    `--secure-port=${plane.port}`,
    `--advertise-address=${plane.address}`,
    `--cert-dir=${plane.directory}`,
    `--tls-cert-file=${file("server.crt")}`,
    `--tls-private-key-file=${file("server.key")}`,
    `--client-ca-file=${file("ca.crt")}`,
    `--token-auth-file=${file("tokens.csv")}`,
    `--service-account-key-file=${file("accounts.pub")}`,
    `--service-account-signing-key-file=${file("accounts.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-cluster-ip-range=${plane.serviceRanges}`,
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    // No controller manager makes the default service accounts it waits for.
    "--disable-admission-plugins=ServiceAccount",
    // No kubelet or second server needs these; they cost time and memory.
    "--endpoint-reconciler-type=none",
    "--enable-priority-and-fairness=false",
    "--profiling=false",
    "--etcd-count-metric-poll-period=0",
    "--etcd-db-metric-poll-interval=0",
    "--shutdown-watch-termination-grace-period=0",
    ...plane.flags,
  ];
}

async function becomesReady(
  plane: ControlPlane,
  child: RunningProcess,
): Promise<boolean> {
  const { server, caPem, timeoutMs, prefix, directory } = plane;
  const [command, ...rest] = prefix;
  if (command === undefined) {
    const stop = new AbortController();
    const died = child.ended.then(() => stop.abort());
    const ready = await waitReady({
      server,
      caPem,
      timeoutMs,
      signal: stop.signal,
    });
    if (!ready && !child.running()) await died;
    return ready;
  }
  // Only a process behind the prefix can reach the server.
  const program = new URL("readiness.ts", import.meta.url).pathname;
  const { success } = await new Deno.Command(command, {
    args: [
      ...rest,
      Deno.execPath(),
      "run",
      "--no-lock",
      "--allow-net",
      "--allow-read",
      program,
      server,
      `${directory}/ca.crt`,
      String(timeoutMs),
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** Starts kube-apiserver and waits for `/readyz`; throws with the end of its log. */
export async function startApiServer(
  plane: ControlPlane,
): Promise<RunningProcess> {
  const log = `${plane.directory}/kube-apiserver.log`;
  const child = startProcess({
    command: plane.apiServer,
    args: apiServerFlags(plane),
    directory: plane.directory,
    log,
    prefix: plane.prefix,
  });
  if (await becomesReady(plane, child)) return child;
  await child.stop("SIGKILL", 1_000);
  throw new Error(
    `Cannot start kube-apiserver at ${plane.server}: not ready within ${plane.timeoutMs} ms; its log ends with:\n${await logTail(
      log,
      20,
    )}\netcd's log ends with:\n${await logTail(
      `${plane.directory}/etcd.log`,
      5,
    )}`,
  );
}
