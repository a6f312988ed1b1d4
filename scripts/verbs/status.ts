/** `main.ts status`: the cluster at a glance, from API objects alone. */
import { type Command, formatTable, parseCommand } from "../../mod/cli/mod.ts";
import {
  type ClusterStatus,
  clusterStatus,
  type PoolUse,
} from "../../mod/explain/mod.ts";
import type { Allocator } from "../../mod/ipam/mod.ts";
import { CLUSTER_FLAGS, seeCluster, type VerbHost } from "./cluster_flags.ts";

const STATUS: Command<typeof CLUSTER_FLAGS> = {
  name: "status",
  summary: "Shows pools, addresses with their owners, and speakers.",
  description:
    `Problems come first. The owner is the node that says in a ServiceL2Status that it
announces the Service; where none says so, who comes first of those that can.
Standbys follow in the order of the take-over, without nodes that drain. A speaker
counts as alive while its Lease says so by this machine's clock. "explain" says why.

Exit code: 0 = all is well, 1 = there are problems, 2 = wrong arguments.`,
  flags: CLUSTER_FLAGS,
};

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments.
 * @throws {AccessError} When there is no access to a cluster.
 * @throws {KubeError} When the cluster does not answer.
 */
export async function runStatus(
  args: readonly string[],
  host: VerbHost,
): Promise<number> {
  const parsed = parseCommand(STATUS, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const { values } = parsed;
  const { decisions } = await seeCluster(host, values);
  const status = clusterStatus(decisions, poolUse(decisions.allocator));
  host.write(
    values.output === "json"
      ? `${JSON.stringify(status, null, 2)}\n`
      : format(status),
  );
  return status.problems.length === 0 ? 0 : 1;
}

function poolUse(allocator: Allocator): PoolUse[] {
  return Array.from(allocator.counters(), ([pool, counters]) => ({
    pool,
    assigned: counters.assignedIPv4 + counters.assignedIPv6,
    available: counters.availableIPv4 + counters.availableIPv6,
  }));
}

function format({ problems, ...status }: ClusterStatus): string {
  const { pools, services, speakers } = status;
  const lines = [
    ...problems.map((problem) => `problem: ${problem}`),
    ...problems.length === 0 ? [] : [""],
    ...formatTable(
      ["POOL", "ASSIGNED", "AVAILABLE"],
      pools.map(({ pool, assigned, available }) => [pool, assigned, available]),
    ),
    "",
    ...formatTable(
      ["SERVICE", "ADDRESS", "POOL", "OWNER", "MAC", "SINCE", "STANDBYS"],
      services.map((each) => [
        each.service,
        each.ips.join(", "),
        each.pools.join(", "),
        each.owner ?? "-",
        each.macs.join(", ") || "-",
        each.since ?? "-",
        each.standbys.join(", "),
      ]),
    ),
    "",
    ...formatTable(
      ["SPEAKER", "ALIVE", "RENEWED", "DRAINS"],
      speakers.map(({ node, alive, ageMs, draining }) => [
        node,
        alive ? "yes" : "no",
        `${(ageMs / 1000).toFixed(1)} s ago`,
        draining ? "draining" : "-",
      ]),
    ),
  ];
  return `${lines.join("\n")}\n`;
}
