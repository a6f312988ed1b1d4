/**
 * A real kube-apiserver with Herald installed by `kubectl apply -k`, and the
 * roles as processes that have the rights of their service accounts. No more.
 */
import { connect, type ConnectedClient, loadAccess } from "../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../mod/time/mod.ts";
import { DENO_PLATFORM } from "./kube/platform.ts";
import {
  type Cluster,
  findKubernetes,
  kubernetesAvailability,
  startCluster,
} from "./kubernetes/mod.ts";

/** Folder of the manifests, with a slash at its end. */
export const MANIFESTS = new URL("../manifests/", import.meta.url).pathname;

const NAMESPACE = "metallb-system";
const ACCOUNTS = `system:serviceaccount:${NAMESPACE}:`;

/** Every call with its answer; of a watch, that it began. */
const AUDIT_POLICY = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
});

/** A role that runs as a Pod in a cluster. */
export type RoleName = "controller" | "speaker";

/** One call of the API by a role. */
export interface ApiCall {
  readonly role: RoleName;
  readonly verb: string;
  /** Plural, and subresource after a slash. */
  readonly resource: string;
  /** Status code of the answer. */
  readonly code: number;
}

/** What one of the bindings in `manifests/` gives. */
interface Right {
  readonly role: RoleName;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  /** Default: `watch`. */
  readonly verb?: string;
}

/** One right out of each binding. */
const RIGHTS: readonly Right[] = [
  { role: "controller", group: "", resource: "services" },
  {
    role: "controller",
    group: "metallb.io",
    resource: "ipaddresspools",
    namespace: NAMESPACE,
  },
  { role: "speaker", group: "", resource: "services" },
  {
    role: "speaker",
    group: "metallb.io",
    resource: "ipaddresspools",
    namespace: NAMESPACE,
  },
];

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code: number };
}

/** Why there can be no such cluster here, if there cannot. */
export async function whyNotInstallable(): Promise<string | undefined> {
  const availability = await kubernetesAvailability();
  if (availability.kind !== "available") return availability.reason;
  const found = await findKubernetes();
  const hasKubectl = found.kind === "available" && found.kubectl !== undefined;
  return hasKubectl ? undefined : "no kubectl";
}

/** A cluster with `manifests/base` applied. */
export class InstalledCluster implements AsyncDisposable {
  /** The control plane. */
  readonly plane: Cluster;
  /** The administrator. */
  readonly client: ConnectedClient;
  readonly #audit: string;

  private constructor(plane: Cluster, client: ConnectedClient, audit: string) {
    this.plane = plane;
    this.client = client;
    this.#audit = audit;
  }

  /**
   * Starts a control plane, installs, and waits until the rights are in force.
   *
   * @param folder What of `manifests/` is applied.
   */
  static async start(folder = "base"): Promise<InstalledCluster> {
    const audit = await Deno.makeTempDir();
    await Deno.writeTextFile(`${audit}/policy`, AUDIT_POLICY);
    const plane = await startCluster({
      users: [
        { name: `${ACCOUNTS}herald-controller` },
        { name: `${ACCOUNTS}herald-speaker` },
      ],
      flags: [
        `--audit-policy-file=${audit}/policy`,
        `--audit-log-path=${audit}/log`,
      ],
    });
    const access = await loadAccess({
      kubeconfig: `${plane.directory}/kubeconfig`,
      env: () => undefined,
      readTextFile: Deno.readTextFile,
    });
    const platform = DENO_PLATFORM;
    const client = connect(access, { platform, clock: SYSTEM_CLOCK });
    const cluster = new InstalledCluster(plane, client, audit);
    await cluster.apply(folder);
    for (const right of RIGHTS) await cluster.inForce(right);
    return cluster;
  }

  /** `kubectl apply -k` of a folder of `manifests/`; gives what it printed. */
  async apply(folder: string, ...flags: string[]): Promise<string> {
    const args = ["apply", "--server-side", "-k", MANIFESTS + folder];
    const { code, stdout, stderr } = await this.plane.kubectl([
      ...args,
      ...flags,
    ]);
    if (code === 0) return stdout;
    throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  }

  /** Path of a kubeconfig with a role's own rights. */
  async kubeconfigOf(role: RoleName): Promise<string> {
    const path = `${this.plane.directory}/${role}.kubeconfig`;
    const user = `${ACCOUNTS}herald-${role}`;
    await Deno.writeTextFile(path, this.plane.kubeconfigFor({ user }));
    return path;
  }

  /** What the roles called so far, and what they were answered. */
  async calls(): Promise<readonly ApiCall[]> {
    const text = await Deno.readTextFile(`${this.#audit}/log`);
    const lines = text.split("\n").slice(0, -1);
    return lines.map((line): AuditEvent => JSON.parse(line))
      .flatMap(({ verb, user, objectRef, responseStatus }) => {
        const account = `${ACCOUNTS}herald-`;
        if (!user.username.startsWith(account)) return [];
        const role = user.username.endsWith("-speaker")
          ? "speaker"
          : "controller";
        const { resource = "", subresource } = objectRef ?? {};
        return [{
          role,
          verb,
          resource: subresource ? `${resource}/${subresource}` : resource,
          code: responseStatus?.code ?? 0,
        }];
      });
  }

  /** Waits until a role has a right. */
  async inForce({ role, ...right }: Right): Promise<void> {
    await this.untilAllowed(`${ACCOUNTS}herald-${role}`, {
      resourceAttributes: { verb: "watch", ...right },
    });
  }

  /** Waits for the authorizer, which learns of new bindings by a watch. */
  async untilAllowed(
    user: string,
    attributes: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const body = JSON.stringify({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, ...attributes },
    });
    for (;;) {
      const answer = await this.plane.fetch(
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        { method: "POST", body },
      );
      const { status } = await answer.json();
      if (status?.allowed === true) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    await this.plane.stop();
    await Deno.remove(this.#audit, { recursive: true });
  }
}
