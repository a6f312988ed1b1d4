/** `main.ts explain SERVICE|IP|NODE`: why something is as it is. */
import {
  type Command,
  formatTable,
  parseCommand,
  UsageError,
} from "../../mod/cli/mod.ts";
import {
  type AddressExplanation,
  explain,
  type Explanation,
  type NodeExplanation,
  type ServiceExplanation,
} from "../../mod/explain/mod.ts";
import { CLUSTER_FLAGS, seeCluster, type VerbHost } from "./cluster_flags.ts";

const EXPLAIN: Command<typeof CLUSTER_FLAGS> = {
  name: "explain",
  summary: "Says why a Service, an address or a node is as it is.",
  description:
    `SERVICE is NAMESPACE/NAME, or NAME in the namespace "default" unless a node has
that name. The answer comes from the functions by which the roles decide, asked
about the objects of this moment, and from what the speakers say in ServiceL2Status
objects. A speaker counts as alive while its Lease says so by this machine's clock.

Exit code: 0 = all is well, 1 = there are problems, 2 = nothing was explained.`,
  positionals: "SERVICE|IP|NODE",
  flags: CLUSTER_FLAGS,
};

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments, and when there is no such thing.
 * @throws {AccessError} When there is no access to a cluster.
 * @throws {KubeError} When the cluster does not answer.
 */
export async function runExplain(
  args: readonly string[],
  host: VerbHost,
): Promise<number> {
  const parsed = parseCommand(EXPLAIN, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const { positionals: [subject, ...more], values } = parsed;
  if (subject === undefined || more.length > 0) {
    throw new UsageError(
      'Name one Service, address or node: "explain SERVICE|IP|NODE"; see "explain --help"',
    );
  }
  const { decisions } = await seeCluster(host, values);
  const explanation = explain(subject, decisions);
  if (explanation === undefined) {
    throw new UsageError(
      `The cluster has no node "${subject}" and no LoadBalancer Service of that name: write a Service as NAMESPACE/NAME`,
    );
  }
  const problems = [...decisions.configProblems, ...explanation.problems];
  host.write(
    values.output === "json"
      ? `${JSON.stringify({ ...explanation, problems }, null, 2)}\n`
      : format(explanation, problems),
  );
  return problems.length === 0 ? 0 : 1;
}

function format(
  explanation: Explanation,
  problems: readonly string[],
): string {
  const lines = [
    ...problems.map((problem) => `problem: ${problem}`),
    ...problems.length === 0 ? [] : [""],
    ...linesOf(explanation),
  ];
  return `${lines.join("\n")}\n`;
}

function linesOf(explanation: Explanation): string[] {
  switch (explanation.kind) {
    case "service":
      return serviceLines(explanation);
    case "address":
      return addressLines(explanation);
    case "node":
      return nodeLines(explanation);
  }
}

function serviceLines(each: ServiceExplanation): string[] {
  const { service, ips, why, owner, whyOwner, order, excluded } = each;
  const { standbys } = each;
  const rows = [
    ...order.map(({ node, score, hash }) => [
      node,
      node === owner ? "owner" : `standby ${standbys.indexOf(node) + 1}`,
      `preference ${score}, hash ${hash.slice(0, 8)}…`,
    ]),
    ...excluded.map(({ node, exclusions, why }) => [
      node,
      exclusions.includes("draining") ? "draining" : "no candidate",
      why.join("; "),
    ]),
  ];
  return [
    `Service ${service}: ${ips.length === 0 ? "no address" : ips.join(", ")}`,
    ...why.map((sentence) => `  ${sentence}`),
    `Owner: ${owner ?? "nobody"}`,
    `  ${whyOwner}`,
    ...each.announcers.map(({ node, since, macs }) =>
      `  ${node} announces it since ${since ?? "it does not say when"}${
        macs.length === 0 ? "" : `, with ${macs.join(", ")}`
      }`
    ),
    ...rows.length === 0
      ? []
      : ["", ...formatTable(["NODE", "ROLE", "WHY"], rows)],
  ];
}

function addressLines({ ip, why, services }: AddressExplanation): string[] {
  return [
    `Address ${ip}: ${why}`,
    ...services.flatMap((each) => ["", ...serviceLines(each)]),
  ];
}

function nodeLines(each: NodeExplanation): string[] {
  const {
    node,
    alive,
    draining,
    leaseAgeMs,
    owns,
    standbyFor,
    noCandidateFor,
  } = each;
  const age = leaseAgeMs === null
    ? "no Lease"
    : `Lease renewed ${(leaseAgeMs / 1000).toFixed(1)} s ago`;
  const rows = [
    ...owns.map((service) => [service, "owner", ""]),
    ...standbyFor.map(({ service, place }) => [
      service,
      `standby ${place}`,
      "",
    ]),
    ...noCandidateFor.map(({ service, why }) => [
      service,
      "no candidate",
      why.join("; "),
    ]),
  ];
  return [
    `Node ${node}: speaker ${alive ? "alive" : "not alive"}${
      draining ? ", draining" : ""
    }, ${age}`,
    ...rows.length === 0
      ? []
      : ["", ...formatTable(["SERVICE", "ROLE", "WHY"], rows)],
  ];
}
