/** The runner of `allocation.jsonl`: steps on pools and Services. */
import { poolsForIpam, resolveConfig } from "../../mod/config/mod.ts";
import type { Pool } from "../../mod/ipam/mod.ts";
import type { KubeObject, Service } from "../../mod/kube/mod.ts";
import { type CorpusEvent, type Handling, World } from "./allocation_world.ts";
import {
  compare,
  type Format,
  type JsonObject,
  type Row,
  type Verdict,
} from "./runner.ts";

/** At most so many passes are made by a `settle` step. */
const MAX_PASSES = 10;

/** Cases of the allocator and of the controller's handling of one Service. */
export const allocation: Format = {
  name: "allocation",
  recognises: (row) =>
    Array.isArray(row["steps"]) && Array.isArray(row["pools"]) &&
    ("final" in row || "anyOf" in row),
  run,
};

interface Step extends JsonObject {
  readonly op: string;
  readonly key: string;
  readonly service: Service;
  readonly pools: readonly KubeObject[];
  readonly namespaces?: readonly KubeObject[];
  readonly expect?: unknown;
}

function run(row: Row): Verdict {
  const steps = row["steps"] as readonly Step[];
  const observed = replay(row, steps);
  if (Array.isArray(row["anyOf"])) return anyOf(row["anyOf"], observed);
  const expected = steps.map((step) => step.expect ?? null);
  return compare({ steps: expected, final: row["final"] }, observed);
}

/** Any one of the recorded outcomes, as a whole. */
function anyOf(outcomes: readonly unknown[], observed: Observed): Verdict {
  const verdicts = outcomes.map((outcome) => compare(outcome, observed));
  return verdicts.find(({ kind }) => kind === "passed") ?? verdicts[0] ??
    { kind: "skipped", reason: "noOutcomeRecorded" };
}

interface Observed {
  readonly steps: readonly unknown[];
  readonly final: unknown;
}

function replay(row: Row, steps: readonly Step[]): Observed {
  let namespaces = row["namespaces"] as readonly KubeObject[];
  const pools = configure(row["pools"] as readonly KubeObject[], namespaces);
  const flag = row["loadBalancerClassFlag"];
  const loadBalancerClass = typeof flag === "string" ? flag : "";
  const world = new World(pools ?? [], { loadBalancerClass });
  const results = steps.map((step): unknown => {
    if (step.op !== "setPools") return perform(world, step);
    namespaces = step.namespaces ?? namespaces;
    return setPools(world, configure(step.pools, namespaces));
  });
  return {
    steps: results,
    final: { services: world.holdings(), poolStatus: poolStatus(world) },
  };
}

/** The pools of a configuration; `undefined` when it is refused. */
function configure(
  pools: readonly KubeObject[],
  namespaces: readonly KubeObject[],
): readonly Pool[] | undefined {
  const resources = { pools, namespaces, l2Advertisements: [], nodes: [] };
  const { valid, config } = resolveConfig(resources);
  return valid ? poolsForIpam(config) : undefined;
}

function setPools(world: World, pools: readonly Pool[] | undefined): unknown {
  if (pools !== undefined) world.setPools(pools);
  return { configValid: pools !== undefined };
}

function perform(world: World, step: Step): unknown {
  switch (step.op) {
    case "apply": {
      const { namespace = "", name } = step.service.metadata;
      return observe(world, `${namespace}/${name}`, world.apply(step.service));
    }
    case "put":
      world.put(step.service);
      return null;
    case "reconcile":
      return observe(world, step.key, world.reconcile(step.key));
    case "clearStatus":
      return observe(world, step.key, world.clearStatus(step.key));
    case "delete":
      return { result: world.delete(step.key) };
    case "reconcileAll":
      return reconcileAll(world);
    case "settle":
      return settle(world);
    case "restart":
      world.restart();
      return null;
    default:
      throw new RangeError(`Cannot replay step "${step.op}": unknown op`);
  }
}

function observe(world: World, key: string, handling: Handling): unknown {
  return { ...handling, ...world.holding(key) };
}

function reconcileAll(world: World): unknown {
  const handled = world.reconcileAll();
  const results = Object.fromEntries(
    Array.from(handled, ([key, { result }]) => [key, result]),
  );
  return {
    results,
    again: isUnsettled(handled),
    services: world.holdings(),
    events: eventsOf(handled),
  };
}

function settle(world: World): unknown {
  const events: CorpusEvent[] = [];
  let passes = 0;
  let settled = false;
  while (!settled && passes < MAX_PASSES) {
    const handled = world.reconcileAll();
    events.push(...eventsOf(handled));
    settled = !isUnsettled(handled);
    passes++;
  }
  return { settled, passes, services: world.holdings(), events };
}

function isUnsettled(handled: ReadonlyMap<string, Handling>): boolean {
  return [...handled.values()].some(({ result }) =>
    result === "reprocessAll" || result === "error"
  );
}

function eventsOf(
  handled: ReadonlyMap<string, Handling>,
): readonly CorpusEvent[] {
  return [...handled].flatMap(([service, { events }]) =>
    events.map((event) => ({ ...event, service }))
  );
}

function poolStatus(world: World): unknown {
  const counters = world.allocator.counters();
  return Object.fromEntries(
    Array.from(counters, ([name, pool]) => [
      name,
      Object.fromEntries(
        Object.entries(pool).map(([key, value]) => [key, String(value)]),
      ),
    ]),
  );
}
