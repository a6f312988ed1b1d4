import type { Rules } from "../../mod/claims/mod.ts";
import { type Failure, run } from "./batch.ts";
import { rulesWithout } from "./mutations.ts";
import type { Violation } from "./properties.ts";
import type { Scenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";

/** What happened in a run, line by line, and what of it must not be. */
export function tell(scenario: Scenario, rules?: Rules): string {
  const world = run(scenario, rules, true);
  const { violations, limits } = world.checker;
  return [
    ...(world.history ?? []).map(({ at, text }) =>
      `${(at / 1000).toFixed(4).padStart(9)} s  ${text}`
    ),
    ...violations.map(describe),
    ...limits.map((limit) => `limit: ${limit}`),
  ].join("\n");
}

/** A failure, shrunk, with its shortest history and how to see it again. */
export function tellFailure(
  { scenario, violations }: Failure,
  without?: string,
): string {
  const rules = rulesWithout(without);
  const [first] = violations;
  if (first === undefined) return "";
  const smallest = shrink(scenario, first.property, rules);
  return [
    `mix ${scenario.mix}, seed ${scenario.seed}: ${describe(first)}`,
    `The shortest history found:`,
    tell(smallest, rules),
    `See it again: deno task simulate${
      without === undefined ? "" : ` --without ${without}`
    } --scenario='${JSON.stringify(smallest)}'`,
  ].join("\n");
}

function describe({ property, at, amount, slot, group }: Violation): string {
  return `VIOLATION ${property}: ${Math.round(amount)} at ${
    (at / 1000).toFixed(4)
  } s, group ${group} on segment ${slot}`;
}
