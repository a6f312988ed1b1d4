/** The protocol's formulas. */
import type { SwimSettings } from "./settings.ts";

/** How long a suspect has, and what shortens it. */
export interface SuspicionBounds {
  /** With all confirmations, in ms. */
  readonly min: number;
  /** Without any, in ms. */
  readonly max: number;
  /** Confirmations that are waited for. */
  readonly confirmations: number;
}

/** The bounds of a suspicion among so many members. */
export function suspicionBounds(
  { suspicionMult, suspicionMaxTimeoutMult, probeInterval }: SwimSettings,
  members: number,
): SuspicionBounds {
  const wanted = suspicionMult - 2;
  const scale = Math.max(1, Math.log10(Math.max(1, members)));
  const min = suspicionMult * scale * probeInterval;
  return {
    min,
    max: suspicionMaxTimeoutMult * min,
    // Neither we nor the suspect itself can confirm.
    confirmations: members - 2 < wanted ? 0 : Math.max(0, wanted),
  };
}

/** Time that a suspect has after so many confirmations, in ms. */
export function suspicionTimeout(
  { min, max, confirmations }: SuspicionBounds,
  confirmed: number,
): number {
  if (confirmations < 1) return min;
  const share = Math.log(confirmed + 1) / Math.log(confirmations + 1);
  return Math.max(min, max - share * (max - min));
}

/** How often a message is gossiped among so many members. */
export function retransmitLimit(
  retransmitMult: number,
  members: number,
): number {
  return retransmitMult * Math.ceil(Math.log10(members + 1));
}

/** Members from which on states are exchanged less often. */
const PUSH_PULL_THRESHOLD = 32;

/** Time between two exchanges of states among so many members, in ms. */
export function pushPullInterval(interval: number, members: number): number {
  if (members <= PUSH_PULL_THRESHOLD) return interval;
  const doublings = Math.log2(members) - Math.log2(PUSH_PULL_THRESHOLD);
  return interval * (1 + Math.ceil(doublings));
}
