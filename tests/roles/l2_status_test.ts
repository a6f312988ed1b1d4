/**
 * What the speakers write about Services, on a real kube-apiserver and with the
 * rights of `manifests/base`.
 */
import { assertEquals } from "@std/assert";
import {
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  SERVICE_L2_STATUSES,
} from "../../mod/config/mod.ts";
import {
  ENDPOINT_SLICES,
  EVENTS,
  NODES,
  type Service,
  SERVICES,
} from "../../mod/kube/mod.ts";
import { electionOrder } from "../../mod/ownership/mod.ts";
import { sliceOf } from "../endpoint_slices.ts";
import { InstalledCluster, whyNotInstallable } from "../installed_cluster.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { RoleProcess } from "./role_process.ts";
import { until } from "./waiting.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMESPACE = "metallb-system";
const NODES_OF_TEST = ["node-a", "node-b"];
const IP = "192.0.2.1";
const OTHER_IP = "192.0.2.3";

/** The owner of both addresses, and who takes over. */
function ownerOf(): readonly [owner: string, standby: string] {
  const orders = [IP, OTHER_IP].map((ip) => electionOrder(NODES_OF_TEST, ip));
  const [owner = "", standby = ""] = orders[0] ?? [];
  assertEquals(orders[1]?.[0], owner, "choose addresses of one owner");
  return [owner, standby];
}

/** Speakers with the rights of their service account, in one network. */
class Speakers implements AsyncDisposable {
  readonly #cluster: InstalledCluster;
  readonly #running = new Map<string, RoleProcess>();

  constructor(cluster: InstalledCluster) {
    this.#cluster = cluster;
  }

  async start(node: string, pod = `pod-of-${node}`): Promise<void> {
    const file = await this.#cluster.kubeconfigOf("speaker");
    const folders = ["speaker", "mod", "ffi"].map((folder) => ROOT + folder);
    const role = RoleProcess.start({
      permissions: ["-P=speaker", `--allow-read=${[...folders, file].join()}`],
      args: [
        "speaker",
        ...["--kubeconfig", file, "--node-name", node],
        ...["--pod-name", pod, "--pod-uid", `uid-of-${pod}`],
        ...["--lease-duration", "3", "--lease-renew", "0.3"],
      ],
    });
    this.#running.set(node, role);
    await role.until("/readyz", ({ status }) => status === 200);
  }

  /** The process ends at once, its Lease stays. */
  async kill(node: string): Promise<void> {
    const role = this.#of(node);
    this.#running.delete(node);
    Deno.kill(role.pid, "SIGKILL");
    await role.stop();
  }

  /** Waits until a speaker knows that it takes part. */
  async joined(node: string): Promise<void> {
    await this.#of(node).until("/status", ({ text }) => {
      const { members, frozen } = JSON.parse(text);
      return members.includes(node) && !frozen;
    });
  }

  /**
   * Starts the speaker of an owner again and waits until it has written what it
   * has to: last it looks for what others have left.
   */
  async restart(node: string): Promise<void> {
    await this.kill(node);
    const before = await this.#lists();
    await this.start(node);
    // Its own objects first.
    await until(() => this.#lists(), (lists) => lists >= before + 2);
    await this.#of(node).until(
      "/metrics",
      ({ text }) =>
        ["status", "event"].every((kind) =>
          text.includes(`herald_speaker_reports_waiting{kind="${kind}"} 0`)
        ),
    );
  }

  #of(node: string): RoleProcess {
    const role = this.#running.get(node);
    if (role === undefined) throw new Error(`no speaker on ${node}`);
    return role;
  }

  /** How often speakers have listed status objects. */
  async #lists(): Promise<number> {
    const calls = await this.#cluster.calls();
    return calls.filter(({ verb, resource }) =>
      verb === "list" && resource === "servicel2statuses"
    ).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((role) => role.stop()));
  }
}

/** Nodes, a pool with its advertisement, and a Pod behind the Service. */
async function furnish({ client }: InstalledCluster): Promise<void> {
  for (const name of NODES_OF_TEST) {
    await client.create(NODES, { metadata: { name } });
  }
  await client.create(IP_ADDRESS_POOLS, {
    metadata: { name: "p", namespace: NAMESPACE },
    spec: { addresses: ["192.0.2.0/24"] },
  });
  await client.create(L2_ADVERTISEMENTS, {
    metadata: { name: "all", namespace: NAMESPACE },
    spec: {},
  });
  await client.create(ENDPOINT_SLICES, sliceOf("web", "node-a"));
}

const WEB = { name: "web", namespace: "default" };

/** There is no controller in this test. */
async function assign({ client }: InstalledCluster, ip: string): Promise<void> {
  const status: Service["status"] = { loadBalancer: { ingress: [{ ip }] } };
  const patch = { type: "merge", body: { status } } as const;
  await client.patch(SERVICES, WEB, patch, { subresource: "status" });
}

/** The objects as `NODE INTERFACES`. */
async function said({ client }: InstalledCluster): Promise<string[]> {
  const { items } = await client.list(SERVICE_L2_STATUSES, {
    namespace: NAMESPACE,
  });
  return items.flatMap(({ status }) => {
    const { node, interfaces } = {
      node: "",
      interfaces: [],
      ...status as object,
    };
    if (node === "") return [];
    const names = interfaces.map(({ name }: { readonly name: string }) => name);
    return [`${node} ${names}`.trim()];
  });
}

async function says(
  cluster: InstalledCluster,
  ...wanted: readonly string[]
): Promise<void> {
  await until(() => said(cluster), (found) => found.join() === wanted.join());
}

/** What the speakers wrote, in order; Leases are left out. */
async function writes(cluster: InstalledCluster): Promise<readonly string[]> {
  const calls = await cluster.calls();
  return calls.filter(({ verb, resource }) =>
    ["create", "update", "patch", "delete"].includes(verb) &&
    resource !== "leases" && !resource.startsWith("configurationstates")
  ).map(({ verb, resource }) => `${verb} ${resource}`);
}

/** Checks what was written in all; the API server tells of a call after it has answered. */
async function wrote(
  cluster: InstalledCluster,
  expected: readonly string[],
): Promise<void> {
  await until(() => writes(cluster), ({ length }) => length >= expected.length);
  assertEquals(await writes(cluster), expected);
}

async function live(cluster: InstalledCluster): Promise<void> {
  const { client } = cluster;
  const [owner, standby] = ownerOf();
  await using speakers = new Speakers(cluster);
  await Promise.all(NODES_OF_TEST.map((node) => speakers.start(node)));
  await client.create(SERVICES, {
    metadata: WEB,
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  });
  await assign(cluster, IP);
  await says(cluster, owner);
  await until(
    async () => (await client.list(EVENTS)).items,
    (events) =>
      events.some(({ message, source }) =>
        message === `announcing from node "${owner}" with protocol "layer2"` &&
        source?.component === "metallb-speaker"
      ),
  );
  const created = [
    "create servicel2statuses",
    "patch servicel2statuses/status",
    "create events",
  ];
  await wrote(cluster, created);

  // Interfaces, then the address.
  const all = { name: "all", namespace: NAMESPACE };
  const body = { spec: { interfaces: ["eth0"] } };
  await client.patch(L2_ADVERTISEMENTS, all, { type: "merge", body });
  await says(cluster, `${owner} eth0`);
  await assign(cluster, OTHER_IP);
  const changed = [
    ...created,
    "patch servicel2statuses/status",
    "patch servicel2statuses",
    "create events",
  ];
  await wrote(cluster, changed);

  // A container that is started anew in its Pod.
  await speakers.restart(owner);
  await wrote(cluster, changed);

  // Somebody deletes the object.
  const [object] = (await client.list(SERVICE_L2_STATUSES)).items;
  const name = object?.metadata.name ?? "";
  await client.delete(SERVICE_L2_STATUSES, { namespace: NAMESPACE, name });
  await says(cluster, `${owner} eth0`);
  const restored = [...changed, ...created.slice(0, 2)];
  await wrote(cluster, restored);

  const codes = (await cluster.calls()).map(({ code }) => code);
  assertEquals(codes.filter((code) => code === 401 || code === 403), []);

  // The API server goes away; what changes meanwhile is written afterwards.
  await cluster.plane.restartApiServer("SIGKILL");
  await client.patch(L2_ADVERTISEMENTS, all, {
    type: "merge",
    body: { spec: { interfaces: [] } },
  });
  await says(cluster, owner);

  // The node dies.
  await speakers.joined(standby);
  await speakers.kill(owner);
  await says(cluster, standby);

  await client.delete(SERVICES, WEB);
  await says(cluster);
}

const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  const name = "speakers keep the status object of a Service through its life";
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    // No controller runs here that would answer webhooks.
    const folder = "overlays/without-webhooks";
    await using cluster = await InstalledCluster.start(folder);
    await furnish(cluster);
    await live(cluster);
  });
});
