/** Questions: when they leave, and how many. */
import { NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";

/** Between two questions to witnesses, in ms. */
const WITNESS_PERIOD = 40;
/** Two-way proof newer than this needs no witness, in ms. */
const WITNESS_PROOF = 30;

/**
 * Asks who answers for a group, and with it a witness, unless that was just done
 * or the pace forbids it.
 *
 * @returns When it may be asked again.
 */
export function ask(ctx: Context, group: Group, now: number): number {
  const period = ctx.self.timing.askPeriod;
  const next = group.asking.at + period;
  if (now < next) return next;
  const { questions } = ctx.paces;
  if (!questions.take(1, now)) return questions.availableAt(1, now);
  const { asking } = group;
  if (asking.at < asking.since) asking.firstAt = now;
  asking.at = now;
  const claim = ctx.rules.claimInQuestion(group) ?? NO_CLAIM;
  ctx.sink.ask(ctx.segment.slot, group.id, claim);
  const { proofAt, witnessAskedAt } = ctx.segment;
  if (now - proofAt > WITNESS_PROOF) {
    if (now - witnessAskedAt > WITNESS_PERIOD) askWitness(ctx, now);
  }
  return now + period;
}

/** Asks a witness. */
export function askWitness(ctx: Context, now: number): void {
  ctx.segment.witnessAskedAt = now;
  if (!ctx.rules.asksWitnesses()) return;
  ctx.sink.askWitness(ctx.segment.slot);
}
