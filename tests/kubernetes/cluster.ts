/**
 * A real control plane for tests and the lab: etcd and kube-apiserver with
 * RBAC, token and client-certificate users and dual-stack Services. There are
 * no controllers and no kubelets.
 */
import { freePort } from "../free_port.ts";
import { findKubernetes } from "./binaries.ts";
import { programPath } from "./build.ts";
import type { KeyPair } from "../../mod/certificates/mod.ts";
import {
  type ControlPlane,
  createUsers,
  type Credentials,
  startApiServer,
  startEtcd,
  type TokenUser,
  type UserOptions,
  writeCredentials,
} from "./control_plane.ts";
import { type ClusterDirectory, createClusterDirectory } from "./directory.ts";
import { formatKubeconfig } from "./kubeconfig.ts";
import {
  type CommandResult,
  runCommand,
  type RunningProcess,
} from "./process.ts";

/** How to start a cluster. Everything has a default. */
export interface ClusterOptions {
  /** Address to listen on; default `"127.0.0.1"`. */
  readonly address?: string;
  /** Port to listen on; default: a free one. */
  readonly port?: number;
  /** Command before kube-apiserver and kubectl, such as `["ip", "netns", "exec", "api"]`. */
  readonly prefix?: readonly string[];
  /** Cluster IP ranges; default `"10.96.0.0/16,fd00:10:96::/112"`. */
  readonly serviceRanges?: string;
  /** Users besides the administrator. */
  readonly users?: readonly UserOptions[];
  /** More flags of kube-apiserver; the last of two wins. */
  readonly flags?: readonly string[];
  /** Folder below which the cluster's own is made; default `"/tmp"`. */
  readonly parent?: string;
  /** How long a start may take, in ms; default 60,000. */
  readonly timeoutMs?: number;
}

/** Which kubeconfig: the client certificate's, or a user's token. */
export interface KubeconfigChoice {
  readonly user?: string;
  readonly credential?: "token" | "certificate";
  readonly namespace?: string;
}

/** A running control plane; disposing of it stops it and removes its files. */
export interface Cluster extends AsyncDisposable {
  /** `https://ADDRESS:PORT`. */
  readonly server: string;
  readonly caPem: string;
  /** Bearer token of the administrator (group `system:masters`). */
  readonly token: string;
  /** Client certificate of the administrator. */
  readonly client: KeyPair;
  /** Folder of data, keys and logs. */
  readonly directory: string;
  /** From the first process to ready, in ms. */
  readonly startUpMs: number;
  /** Kubeconfig of the administrator with the token, as text. */
  readonly kubeconfig: string;
  /** Kubeconfig of a user as text; throws `RangeError` for an unknown one. */
  kubeconfigFor(choice: KubeconfigChoice): string;
  /** Bearer token of a user; throws `RangeError` for an unknown one. */
  tokenOf(user: string): string;
  /** Calls the API as the administrator; `path` begins with a slash. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Runs kubectl as the administrator; throws if there is none on this machine. */
  kubectl(args: readonly string[], stdin?: string): Promise<CommandResult>;
  /** Ends kube-apiserver: `SIGTERM` in order, `SIGKILL` as a crash. etcd goes on. */
  stopApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  startApiServer(): Promise<void>;
  /** {@linkcode stopApiServer}, then {@linkcode startApiServer}. */
  restartApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Ends both processes and removes the folder. */
  stop(): Promise<void>;
}

/** How long an orderly end of kube-apiserver may take, in ms. */
const GRACE = 10_000;

/** A port that was free a moment ago. Behind a prefix ports are not ours to probe. */
function choosePort(options: ClusterOptions): number {
  if (options.port !== undefined) return options.port;
  if (options.prefix !== undefined) return 6443;
  return freePort(options.address);
}

class RunningCluster implements Cluster {
  readonly #folder: ClusterDirectory;
  readonly #plane: ControlPlane;
  readonly #credentials: Credentials;
  readonly #users: readonly TokenUser[];
  readonly #kubectl: string | undefined;
  readonly #etcd: RunningProcess;
  readonly #http: Deno.HttpClient;
  #apiServer: RunningProcess | undefined;
  #stopped: Promise<void> | undefined;
  readonly startUpMs: number;

  constructor(parts: {
    folder: ClusterDirectory;
    plane: ControlPlane;
    credentials: Credentials;
    users: readonly TokenUser[];
    kubectl: string | undefined;
    etcd: RunningProcess;
    apiServer: RunningProcess;
    startUpMs: number;
  }) {
    this.#folder = parts.folder;
    this.#plane = parts.plane;
    this.#credentials = parts.credentials;
    this.#users = parts.users;
    this.#kubectl = parts.kubectl;
    this.#etcd = parts.etcd;
    this.#apiServer = parts.apiServer;
    this.startUpMs = parts.startUpMs;
    this.#http = Deno.createHttpClient({ caCerts: [parts.plane.caPem] });
  }

  get server(): string {
    return this.#plane.server;
  }

  get caPem(): string {
    return this.#plane.caPem;
  }

  get token(): string {
    return this.tokenOf("admin");
  }

  get client(): KeyPair {
    return this.#credentials.client;
  }

  get directory(): string {
    return this.#plane.directory;
  }

  get kubeconfig(): string {
    return this.kubeconfigFor({});
  }

  kubeconfigFor(choice: KubeconfigChoice): string {
    const { namespace } = choice;
    return formatKubeconfig({
      server: this.server,
      caPem: this.caPem,
      user: choice.credential === "certificate"
        ? { kind: "certificate", ...this.client }
        : { kind: "token", token: this.tokenOf(choice.user ?? "admin") },
      ...(namespace === undefined ? {} : { namespace }),
    });
  }

  tokenOf(user: string): string {
    const found = this.#users.find(({ name }) => name === user);
    if (found !== undefined) return found.token;
    throw new RangeError(`Cannot find the user "${user}" of the test cluster`);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.token}`);
    if (init.body !== undefined && !headers.has("content-type")) {
      headers.set("content-type", "application/json");
    }
    const client = this.#http;
    return fetch(`${this.server}${path}`, { ...init, headers, client });
  }

  kubectl(args: readonly string[], stdin?: string): Promise<CommandResult> {
    if (this.#kubectl === undefined) {
      throw new Deno.errors.NotFound(
        "Cannot run kubectl: it is neither in KUBEBUILDER_ASSETS nor in PATH",
      );
    }
    const { prefix, directory } = this.#plane;
    return runCommand([...prefix, this.#kubectl, ...args], {
      env: { KUBECONFIG: `${directory}/kubeconfig`, HOME: directory },
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  async stopApiServer(signal: "SIGTERM" | "SIGKILL" = "SIGTERM") {
    await this.#apiServer?.stop(signal, GRACE);
    this.#apiServer = undefined;
  }

  async startApiServer() {
    this.#apiServer ??= await startApiServer(this.#plane);
  }

  async restartApiServer(signal: "SIGTERM" | "SIGKILL" = "SIGTERM") {
    await this.stopApiServer(signal);
    await this.startApiServer();
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#tearDown();
  }

  async #tearDown(): Promise<void> {
    this.#http.close();
    // Nothing is kept, so nothing needs an orderly end.
    await this.#apiServer?.stop("SIGKILL", GRACE);
    await this.#etcd.stop("SIGKILL", GRACE);
    await this.#folder.remove();
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

/**
 * Starts etcd and kube-apiserver and waits until the server is ready. Builds
 * kube-apiserver first where there is none but Go. Throws with the reason if
 * there can be no cluster here, or with the logs' end if it does not come up.
 */
export async function startCluster(
  options: ClusterOptions = {},
): Promise<Cluster> {
  const found = await findKubernetes();
  if (found.kind === "unavailable") {
    throw new Error(`Cannot start a test cluster: ${found.reason}`);
  }
  const apiServerProgram = await programPath(found.apiServer);
  const address = options.address ?? "127.0.0.1";
  const port = choosePort(options);
  const users = createUsers(options.users ?? []);
  await using cleanUp = new AsyncDisposableStack();
  const folder = await createClusterDirectory(options.parent);
  cleanUp.defer(() => folder.remove());
  const directory = folder.path;
  const credentials = await writeCredentials(
    directory,
    [address, "127.0.0.1"],
    users,
  );
  const plane: ControlPlane = {
    apiServer: apiServerProgram,
    etcd: found.etcd,
    directory,
    address,
    port,
    server: `https://${
      address.includes(":") ? `[${address}]` : address
    }:${port}`,
    caPem: credentials.caPem,
    serviceRanges: options.serviceRanges ?? "10.96.0.0/16,fd00:10:96::/112",
    prefix: options.prefix ?? [],
    flags: options.flags ?? [],
    timeoutMs: options.timeoutMs ?? 60_000,
  };
  const startedAt = performance.now();
  const etcd = startEtcd(plane);
  cleanUp.defer(() => etcd.stop("SIGKILL", GRACE));
  const apiServer = await startApiServer(plane);
  const cluster = new RunningCluster({
    folder,
    plane,
    credentials,
    users,
    kubectl: found.kubectl,
    etcd,
    apiServer,
    startUpMs: performance.now() - startedAt,
  });
  await Deno.writeTextFile(`${directory}/kubeconfig`, cluster.kubeconfig);
  cleanUp.move();
  return cluster;
}
