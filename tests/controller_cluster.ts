/** Controllers as processes in front of a real kube-apiserver, with their own rights. */
import {
  type CustomResource,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
} from "../mod/config/mod.ts";
import {
  connect,
  type ConnectedClient,
  loadAccess,
  NAMESPACES,
} from "../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../mod/time/mod.ts";
import { DENO_PLATFORM } from "./kube/platform.ts";
import {
  applyCrds,
  type Cluster,
  type Manifest,
  parseManifests,
  startCluster,
} from "./kubernetes/mod.ts";
import { RoleProcess, type Run } from "./roles/role_process.ts";

/** Namespace of the controller's own resources. */
export const SYSTEM_NAMESPACE = "metallb-system";

const MANIFESTS = new URL("../manifests/", import.meta.url);
const USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:herald-controller`;
const KINDS = [
  "ipaddresspools",
  "l2advertisements",
  "configurationstates",
  "servicel2statuses",
];

async function read(name: string): Promise<Manifest[]> {
  return parseManifests(await Deno.readTextFile(new URL(name, MANIFESTS)));
}

/** A cluster in which controllers can run. */
export class ControllerCluster implements AsyncDisposable {
  /** The control plane. */
  readonly plane: Cluster;
  /** The administrator. */
  readonly client: ConnectedClient;
  readonly #kubeconfig: string;

  private constructor(
    plane: Cluster,
    client: ConnectedClient,
    kubeconfig: string,
  ) {
    this.plane = plane;
    this.client = client;
    this.#kubeconfig = kubeconfig;
  }

  /** Starts a control plane with the definitions and the controller's rights. */
  static async start(): Promise<ControllerCluster> {
    const plane = await startCluster({ users: [{ name: USER }] });
    const path = `${plane.directory}/controller.kubeconfig`;
    await Deno.writeTextFile(path, plane.kubeconfigFor({ user: USER }));
    const access = await loadAccess({
      kubeconfig: `${plane.directory}/kubeconfig`,
      env: () => undefined,
      readTextFile: Deno.readTextFile,
    });
    const client = connect(access, {
      platform: DENO_PLATFORM,
      clock: SYSTEM_CLOCK,
    });
    const cluster = new ControllerCluster(plane, client, path);
    await client.create(NAMESPACES, { metadata: { name: SYSTEM_NAMESPACE } });
    await cluster.#install();
    return cluster;
  }

  /** Creates a pool. */
  async createPool(
    name: string,
    addresses: readonly string[],
  ): Promise<CustomResource> {
    return await this.client.create(IP_ADDRESS_POOLS, {
      metadata: { name, namespace: SYSTEM_NAMESPACE },
      spec: { addresses },
    });
  }

  /** Creates an advertisement of all pools. */
  async advertise(name: string): Promise<CustomResource> {
    return await this.client.create(L2_ADVERTISEMENTS, {
      metadata: { name, namespace: SYSTEM_NAMESPACE },
      spec: {},
    });
  }

  /** Starts a controller under its permission set. */
  controller(
    flags: readonly string[] = [],
    run: Partial<Pick<Run, "entry" | "env" | "wrapper">> & {
      readonly permissions?: readonly string[];
    } = {},
  ): RoleProcess {
    return RoleProcess.start({
      ...run,
      permissions: [
        ...run.permissions ?? [],
        "-P=controller",
        `--allow-read=${this.#kubeconfig}`,
      ],
      args: [
        "controller",
        "--kubeconfig",
        this.#kubeconfig,
        "--namespace",
        SYSTEM_NAMESPACE,
        // Nobody calls them here.
        ...["--webhook-mode", "disabled"],
        ...flags,
      ],
    });
  }

  async #install(): Promise<void> {
    const definitions = await Promise.all(
      KINDS.map((plural) => read(`crds/metallb.io_${plural}.yaml`)),
    );
    await applyCrds(this.plane, definitions.flat());
    for (const manifest of await read("base/controller_rbac.yaml")) {
      const { kind, metadata } = manifest;
      if (typeof kind !== "string" || kind === "ServiceAccount") continue;
      const isLocal = typeof metadata === "object" && metadata !== null &&
        "namespace" in metadata;
      const place = isLocal ? `/namespaces/${SYSTEM_NAMESPACE}` : "";
      const path =
        `/apis/rbac.authorization.k8s.io/v1${place}/${kind.toLowerCase()}s`;
      const body = JSON.stringify(manifest);
      const answer = await this.plane.fetch(path, { method: "POST", body });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`Cannot create the ${kind}: ${text}`);
    }
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    await this.plane.stop();
  }
}
