import type { Rules } from "../../mod/claims/mod.ts";
import { run } from "./batch.ts";
import type { Property } from "./properties.ts";
import type { Scenario } from "./scenario.ts";

/** Seeds of the network that are tried for each simpler scenario. */
const SEEDS = 5;

/**
 * Looks for the simplest scenario that still breaches a property: fewer
 * faults, nodes, groups and segments, a better network.
 */
export function shrink(
  scenario: Scenario,
  property: Property,
  rules?: Rules,
): Scenario {
  let smallest = scenario;
  for (;;) {
    const next = simpler(smallest)
      .flatMap((each) => withOtherSeeds(each))
      .find((each) => breaches(each, property, rules));
    if (next === undefined) return smallest;
    smallest = next;
  }
}

function breaches(
  scenario: Scenario,
  property: Property,
  rules?: Rules,
): boolean {
  return run(scenario, rules).checker.violations
    .some((violation) => violation.property === property);
}

function withOtherSeeds(scenario: Scenario): Scenario[] {
  return Array.from({ length: SEEDS }, (_, index) => ({
    ...scenario,
    seed: (scenario.seed + index * 7919) >>> 0,
  }));
}

/** Scenarios that are one step simpler. */
function simpler(scenario: Scenario): Scenario[] {
  const { faults, nodes, groups, segments } = scenario;
  const steps: Scenario[] = faults.map((_, gone) => ({
    ...scenario,
    faults: faults.filter((_, index) => index !== gone),
  }));
  if (groups > (scenario.isShared ? 2 : 1)) {
    steps.push({ ...scenario, groups: groups - 1 });
  }
  if (segments > 1) steps.push({ ...scenario, segments: 1 });
  if (nodes > 2) steps.push({ ...scenario, nodes: nodes - 1 });
  if (scenario.loss > 0) steps.push({ ...scenario, loss: 0 });
  if (scenario.copies > 0) steps.push({ ...scenario, copies: 0 });
  if (scenario.isSlow) steps.push({ ...scenario, isSlow: false });
  if (scenario.isStripped) steps.push({ ...scenario, isStripped: false });
  if (scenario.hasFailback) steps.push({ ...scenario, hasFailback: false });
  if (scenario.isIpv6.includes(true)) steps.push({ ...scenario, isIpv6: [] });
  return steps;
}
