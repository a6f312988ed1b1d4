/** MetalLB's speakers in the lab: what they need in the API, and their processes. */
import type { KubeObject } from "../../mod/kube/mod.ts";
import { collection } from "../../scripts/lab/api.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import { ENVIRONMENT, type LabNode } from "../../scripts/lab/lab_node.ts";
import { SYSTEM_NAMESPACE } from "../../scripts/lab/objects.ts";
import { LabProcess } from "../../scripts/lab/process.ts";
import {
  kubeconfigPath,
  LAB_DIRECTORY,
  MEMBER_SECRET_DIRECTORY,
} from "../../scripts/lab/programs.ts";
import { ROLE_PORT } from "../../scripts/lab/topology.ts";
import {
  type MetallbRelease,
  metallbSpeaker,
} from "../interop/metallb/program.ts";

const RBAC = "rbac.authorization.k8s.io";
const ACCOUNT = "metallb-speaker";
const KUBECONFIG = `${LAB_DIRECTORY}/metallb.kubeconfig`;
/** What the Pods of both kinds of speakers have in common, so that MetalLB's find ours. */
const LABEL = { component: "speaker" };

function podName(node: LabNode): string {
  return `speaker-${node.name}`;
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
): KubeObject {
  return { apiVersion, kind, metadata: { name } };
}

/** A speaker's Pod, of either kind: MetalLB's look for members at their addresses. */
async function createPod(lab: Lab, node: LabNode): Promise<void> {
  const pods = collection("v1", "pods", SYSTEM_NAMESPACE);
  const name = podName(node);
  await lab.api.create<KubeObject & { readonly spec: unknown }>(pods, {
    ...object("v1", "Pod", name),
    metadata: { name, labels: LABEL },
    spec: {
      nodeName: node.name,
      hostNetwork: true,
      containers: [{ name: "speaker", image: "none" }],
    },
  });
  const { v4 } = node.plan.lan;
  await lab.api.merge(`${pods}/${name}/status`, {
    status: { phase: "Running", podIP: v4, podIPs: [{ ip: v4 }] },
  });
}

/** A service account that may do everything; gives a token of it. */
async function createAccount(lab: Lab): Promise<string> {
  const accounts = collection("v1", "serviceaccounts", SYSTEM_NAMESPACE);
  const account = object("v1", "ServiceAccount", ACCOUNT);
  await lab.api.create(accounts, account);
  const binding = {
    ...object(`${RBAC}/v1`, "ClusterRoleBinding", ACCOUNT),
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{
      kind: "ServiceAccount",
      name: ACCOUNT,
      namespace: SYSTEM_NAMESPACE,
    }],
  };
  await lab.api.create(
    collection(`${RBAC}/v1`, "clusterrolebindings"),
    binding,
  );
  const { status } = await lab.api.create<
    KubeObject & { readonly status?: { readonly token: string } }
  >(
    `${accounts}/${ACCOUNT}/token`,
    object("authentication.k8s.io/v1", "TokenRequest", ACCOUNT),
  );
  return status?.token ?? "";
}

/** Creates what MetalLB's speakers need: Pods, an account, a kubeconfig. */
export async function prepareMetallb(lab: Lab): Promise<void> {
  for (const node of lab.nodes) await createPod(lab, node);
  const token = await createAccount(lab);
  const config = JSON.parse(await Deno.readTextFile(kubeconfigPath("speaker")));
  const [user] = config.users;
  const users = [{ ...user, user: { token } }];
  await Deno.writeTextFile(KUBECONFIG, JSON.stringify({ ...config, users }));
}

/** How a speaker gossips: as its manifests say, with nobody, or unencrypted. */
export type MetallbGossip = "full" | "none" | "plain";

/** Starts a release's speaker on a node, as its manifests do unless it is told otherwise. */
export async function startMetallb(
  node: LabNode,
  release: MetallbRelease,
  gossip: MetallbGossip = "full",
): Promise<LabProcess> {
  const { lan, management } = node.plan;
  const [label = []] = Object.entries(LABEL);
  return LabProcess.start(
    {
      name: `metallb-${node.name}`,
      namespace: node.name,
      capabilities: "netRaw",
      command: [
        ...[await metallbSpeaker(release), "--kubeconfig", KUBECONFIG],
        ...["--namespace", SYSTEM_NAMESPACE, "--pod-name", podName(node)],
        ...["--node-name", node.name, "--ml-bindaddr", lan.v4],
        ...["--ml-bindport", "7946"],
        ...gossip === "none" ? [] : ["--ml-labels", label.join("=")],
        ...gossip === "plain"
          ? []
          : ["--ml-secret-key-path", MEMBER_SECRET_DIRECTORY],
        ...["--host", management, "--port", String(ROLE_PORT)],
      ],
    },
    LAB_DIRECTORY,
    { ...ENVIRONMENT, METALLB_BGP_TYPE: "native" },
  );
}

/** The members that MetalLB's speaker knows of, by the log of its last start; sorted. */
export async function membersOf(speaker: LabProcess): Promise<string[]> {
  const members = new Set<string>();
  for (const line of (await Deno.readTextFile(speaker.log)).split("\n")) {
    if (line.includes("MetalLB speaker starting")) members.clear();
    const event = /"node event":"(\w+)","node name":"([^"]+)"/.exec(line);
    const [, kind = "", name = ""] = event ?? [];
    if (kind === "NodeJoin") members.add(name);
    else if (kind === "NodeLeave") members.delete(name);
  }
  return [...members].sort();
}
