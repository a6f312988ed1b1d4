import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import { type Service, SERVICES } from "../../mod/kube/mod.ts";
import { SYSTEM_NAMESPACE } from "../../tests/controller_cluster.ts";
import { NetworkNamespace } from "../../tests/network_namespace.ts";
import { RoleProcess } from "../../tests/roles/role_process.ts";
import { WebhookCluster } from "../../tests/webhook_cluster.ts";
import { manifestEnvironment } from "../engine_flags.ts";
import { ControllerLab, DIST, POOL, serviceNamed } from "./controller_lab.ts";
import type { Row } from "./figure.ts";

/** Services, and the memory that a controller may have with them, in MB. */
const LIMITS = [[1000, 120], [10_000, 250]] as const;
/** Time for collections after the last write, in ms. */
const SETTLING_MS = 3000;

/** Resident memory with many Services: after a backlog, and after a restart. */
export async function controllerMemory(): Promise<readonly Row[]> {
  return [...await withoutWebhooks(), await withWebhooks()];
}

async function withoutWebhooks(): Promise<readonly Row[]> {
  await using lab = await ControllerLab.make();
  const rows: Row[] = [];
  const names: string[] = [];
  for (const [count, limit] of LIMITS) {
    const more = count - names.length;
    names.push(...await lab.create(`s${count}`, more));
    const [backlog, restarted] = [
      await measure(lab, names),
      await measure(lab, names),
    ];
    const value = Math.max(backlog, restarted);
    rows.push({
      name: `${count} Services`,
      values: { "after a backlog": backlog, "after a restart": restarted },
      bound: { value, limit, what: "MB" },
    });
  }
  return rows;
}

async function measure(
  lab: ControllerLab,
  names: readonly string[],
): Promise<number> {
  await using controller = lab.controller("bundled");
  await lab.served(names);
  return await settledMemory(controller, names.length);
}

/** Memory once everything is written that these Services are about. */
async function settledMemory(
  controller: RoleProcess,
  count: number,
): Promise<number> {
  await controller.until(
    "/metrics",
    ({ text }) =>
      text.includes("herald_leader 1\n") &&
      text.includes("herald_controller_queue_depth 0\n") &&
      text.includes("herald_controller_events_waiting 0\n") &&
      text.includes(`services_allocated_total{pool="p"} ${count}\n`),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  return await controller.residentMegabytes();
}

/** As the manifests run it: it issues certificates, answers, and then has a backlog. */
async function withWebhooks(): Promise<Row> {
  const [count, limit] = LIMITS[0];
  using namespace = NetworkNamespace.enter();
  await using cluster = await WebhookCluster.start(namespace);
  const { client } = cluster.installed;
  const file = await cluster.installed.kubeconfigOf("controller");
  await using controller = RoleProcess.start({
    entry: "dist/main.js",
    env: manifestEnvironment("controller"),
    permissions: ["-P=controller", `--allow-read=${DIST},${file}`],
    args: [
      ...["controller", "--kubeconfig", file],
      ...["--webhook-port", "443", "--webhook-address", cluster.address],
    ],
  });
  await cluster.untilAnswered();
  for (let index = 0; index < count; index++) {
    await client.create(SERVICES, serviceNamed(`s-${index}`) as Service);
  }
  await client.create(IP_ADDRESS_POOLS, {
    metadata: { name: "p", namespace: SYSTEM_NAMESPACE },
    spec: { addresses: [POOL] },
  });
  const value = await settledMemory(controller, count);
  return {
    name: `${count} Services, with webhooks`,
    values: { "after a backlog": value },
    bound: { value, limit, what: "MB" },
  };
}
