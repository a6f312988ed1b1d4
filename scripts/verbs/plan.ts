/** `main.ts plan capacity`: how many pools and nodes a number of addresses takes. */
import { stringify } from "@std/yaml";
import {
  choiceFlag,
  type Command,
  type Flags,
  type FlagValues,
  formatTable,
  numberFlag,
  parseCommand,
  switchFlag,
  textFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import {
  type CapacityPlan,
  type CapacityRequest,
  CapacityRequestError,
  planCapacity,
  planManifests,
} from "../../mod/plan/mod.ts";

/** As many addresses as the placeholder range of the skeletons holds, and more than a LAN does. */
const MAX_VIPS = 100_000;

const FLAGS = {
  vips: numberFlag({
    help: "Addresses in total (required).",
    fallback: undefined,
    min: 1,
    max: MAX_VIPS,
  }),
  "per-node": numberFlag({
    help: "Addresses that one node can handle (required).",
    fallback: undefined,
    min: 1,
    max: MAX_VIPS,
  }),
  failures: numberFlag({
    help: "Nodes of a pool that may fail at once.",
    fallback: 1,
    min: 0,
    max: 1000,
  }),
  vm: switchFlag({
    help:
      "The nodes are virtual machines: three a pool at least, one failure at most.",
  }),
  namespace: textFlag({
    short: "n",
    placeholder: "NAME",
    help: "Namespace of the resources of -o yaml.",
    env: ["HERALD_NAMESPACE", "METALLB_NAMESPACE"],
    fallback: "metallb-system",
  }),
  output: choiceFlag(["table", "json", "yaml"], {
    short: "o",
    help: "How the plan is shown; yaml gives the pools as resources.",
    fallback: "table",
  }),
} as const satisfies Flags;

const PLAN: Command<typeof FLAGS> = {
  name: "plan",
  summary: "Plans a cluster before it is changed.",
  description:
    `"plan capacity" says how many pools and nodes a number of addresses takes:
pools = ceil(vips / per-node), each with 1 + failures nodes of its own.

Exit code: 0 = planned, 2 = no plan can be made for these numbers.
Example: plan capacity --vips 10 --per-node 5 --failures 1`,
  positionals: "capacity",
  flags: FLAGS,
};

/** What the verb needs of its surroundings. */
export interface PlanIo {
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
}

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments and for numbers that do not fit.
 */
export function runPlan(args: readonly string[], io: PlanIo): Promise<number> {
  const parsed = parseCommand(PLAN, args, io.env);
  if (parsed.kind === "help") {
    io.write(`${parsed.text}\n`);
    return Promise.resolve(0);
  }
  const { positionals, values } = parsed;
  if (positionals.length !== 1 || positionals[0] !== "capacity") {
    throw new UsageError(
      `Cannot plan "${
        positionals.join(" ")
      }": it is "plan capacity --vips N --per-node N"; see "plan --help"`,
    );
  }
  io.write(formatPlan(planOf(values), values));
  return Promise.resolve(0);
}

/** The flag of each number. */
const FLAG_NAMES: Readonly<Record<keyof CapacityRequest, string>> = {
  vips: "vips",
  perNode: "per-node",
  failures: "failures",
  virtualMachines: "vm",
};

function planOf(values: FlagValues<typeof FLAGS>): CapacityPlan {
  const request = {
    vips: required("vips", values.vips),
    perNode: required("per-node", values["per-node"]),
    failures: values.failures,
    virtualMachines: values.vm,
  };
  try {
    return planCapacity(request);
  } catch (error) {
    if (!(error instanceof CapacityRequestError)) throw error;
    const { field, message } = error;
    throw new UsageError(`--${FLAG_NAMES[field]}: ${message}`, {
      cause: error,
    });
  }
}

function required(name: string, value: number | undefined): number {
  if (value !== undefined) return value;
  throw new UsageError(
    `--${name} is missing: plan capacity --vips N --per-node N`,
  );
}

function formatPlan(
  plan: CapacityPlan,
  { output, namespace }: FlagValues<typeof FLAGS>,
): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(plan, null, 2)}\n`;
    case "yaml":
      return formatManifests(plan, namespace);
    case "table":
      return formatText(plan);
  }
}

function formatManifests(plan: CapacityPlan, namespace: string): string {
  const about = [
    ...plan.working,
    "Replace the addresses by your own, and give each pool's nodes its label:",
    ...plan.pools.map(({ name, nodes }) =>
      `kubectl label node NODE herald-lb.io/pool=${name}   (${nodes} nodes)`
    ),
  ];
  const resources = planManifests(plan, namespace).map((each) =>
    stringify(each)
  );
  return `${about.map((line) => `# ${line}\n`).join("")}---\n${
    resources.join("---\n")
  }`;
}

function formatText({ pools, nodes, working }: CapacityPlan): string {
  const rows = pools.map((pool) => [
    pool.name,
    String(pool.vips),
    String(pool.nodes),
  ]);
  const counts = `${count(pools.length, "pool")}, ${count(nodes, "node")}`;
  const lines = [counts, "", ...working, ""];
  const table = formatTable(["POOL", "ADDRESSES", "NODES"], rows);
  return `${[...lines, ...table].join("\n")}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
