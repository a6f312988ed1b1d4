import type { Rate } from "./token_bucket.ts";

/** Beats out of turn that may leave at once after a pause, at least. */
export const AT_ONCE = 64;

/** How often members beat, and when a silent one counts as lost. */
export interface HeartbeatSettings {
  /** Milliseconds between two beats, from 50 to some thousands. Default 100. */
  readonly beat: number;
  /** Beats missed in a row before a peer counts as lost, at least 2. Default 3. */
  readonly misses: number;
  /** Beats a second that a node sends at most; beyond that the interval stretches. Default 200. */
  readonly beatsPerSecond: number;
  /** Candidates after the owner that it beats with. Default 2. */
  readonly standbys: number;
}

/** Lost after 300 ms. */
export const DEFAULT_HEARTBEATS: HeartbeatSettings = {
  beat: 100,
  misses: 3,
  beatsPerSecond: 200,
  standbys: 2,
};

/** Every period of the protocol that follows from the interval of beats, in ms. */
export interface Timing {
  /** Interval of beats. */
  readonly beat: number;
  /** Silence after which a peer is lost: `beat × misses`. */
  readonly detect: number;
  /** Silence after which the LAN is asked: one beat less, and more than the beat that is due. */
  readonly doubt: number;
  /** Between two questions: half a beat, 25 to 50. */
  readonly askPeriod: number;
  /** What each candidate waits longer than the one before it: a beat, at most 100. */
  readonly rankStep: number;
  /** How long an answer is waited for before a claim is made or made again: two beats, at most 200. */
  readonly verify: number;
  /** Two-way proof older than this is none: two beats. */
  readonly proof: number;
}

/** Beats of silence that put nobody in doubt: where two missed ones are a loss, one interval is the time of a beat that is due. */
const OVERDUE = 1.5;

/** The periods for an interval of beats. */
export function timingFor(beat: number, misses: number): Timing {
  return {
    beat,
    detect: beat * misses,
    doubt: beat * Math.max(misses - 1, OVERDUE),
    askPeriod: Math.min(50, Math.max(25, beat / 2)),
    rankStep: Math.min(beat, 100),
    verify: Math.min(2 * beat, 200),
    proof: 2 * beat,
  };
}

/** Part of the rate that beats in turn may take: the rest is for news, which has to leave at once. */
const IN_TURN = 0.9;

/**
 * The rate of beats out of turn: what beats in turn leave of it. Each partner may
 * be told something at once, however many they are.
 */
export function newsRate(
  { beatsPerSecond }: HeartbeatSettings,
  partners: number,
  interval: number,
): Rate {
  return {
    perSecond: beatsPerSecond - partners * 1000 / interval,
    burst: Math.max(AT_ONCE, partners),
  };
}

/**
 * The interval at which a node beats so many peers without exceeding its rate,
 * of which a tenth is kept for beats out of turn; never shorter than what is set.
 */
export function beatInterval(
  { beat, beatsPerSecond }: HeartbeatSettings,
  partners: number,
): number {
  return Math.max(
    beat,
    Math.ceil(partners * 1000 / (IN_TURN * beatsPerSecond)),
  );
}
