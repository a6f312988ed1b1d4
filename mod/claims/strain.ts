/** Rule 6: what a node does that gets the processor too late again and again. */
import type { Context } from "./context.ts";
import type { Self } from "./self.ts";

/** Twice late within this time is no chance; on time for so long, a node is trusted to stay so, in ms. */
const CALM = 10_000;
/** The most that others are asked to wait, in detection times. */
const MOST_SLACK = 4;
/** Beats after the last ones from which those that leave are late at the earliest: where two missed ones are a loss, half of that is no delay at all. */
const LATE = 1.5;

/**
 * Rule 6. How many detection times others are to wait for a node: twice as many
 * when it was late twice within ten seconds, four at most; half as many after ten
 * seconds on time.
 *
 * @param slack How many they wait now.
 * @param isLate Whether its beats left later than half of that time.
 * @param quiet Milliseconds since it was last late, or since less was asked for.
 */
export function slackAfter(
  slack: number,
  isLate: boolean,
  quiet: number,
): number {
  if (isLate) return quiet < CALM ? Math.min(2 * slack, MOST_SLACK) : slack;
  return quiet < CALM ? slack : Math.max(1, slack / 2);
}

/**
 * Takes in that beats leave in turn: those that leave now say already for how
 * long this node may be silent.
 *
 * @param silence Milliseconds since the last ones.
 */
export function noteTurn(
  contexts: readonly Context[],
  self: Self,
  silence: number,
  now: number,
): void {
  const [first] = contexts;
  if (first === undefined) return;
  const before = self.slack;
  const isLate = silence >
    Math.max(self.patience / 2, LATE * self.timing.beat);
  self.slack = first.rules.slackAfter(before, isLate, now - self.strainedAt);
  if (isLate || self.slack !== before) self.strainedAt = now;
  if (self.slack > before) {
    first.sink.notice(first.segment.slot, 0, "late");
  }
}
