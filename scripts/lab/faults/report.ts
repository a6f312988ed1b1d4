/** What people read of a step. */
import { type StepResult, verdictOf } from "./fault_lab.ts";
import { describeViolation } from "./judge.ts";

function longest(times: readonly number[]): number {
  return Math.round(Math.max(...times));
}

/** One line about a step that holds. */
export function describeStep(result: StepResult): string {
  const { text, worst, moves, limits } = result;
  const silent = longest([worst.gap, worst.longGap, worst.limit]);
  const two = longest([worst.two, worst.twoHealed, worst.twoIpCut]);
  const limited = limits.length === 0 ? "" : ` (${limits.join(", ")})`;
  return `${text}: ${verdictOf(result)}${limited}; nobody for ${silent} ms, ` +
    `two for ${two} ms, ${moves} moved`;
}

/** All about a step that does not. */
export function describeFailure(
  result: StepResult,
  ips: readonly string[],
): string {
  const { history, violations, unrest, stalled } = result;
  return [
    ...history,
    ...violations.map((each) => describeViolation(each, ips)),
    ...(unrest === undefined ? [] : [`VIOLATION no rest: ${unrest}`]),
    ...stalled.map((name) => `the machine made ${name} late, or stand still`),
  ].join("\n");
}
