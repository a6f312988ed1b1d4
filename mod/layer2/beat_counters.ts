/**
 * What became of heartbeats on one interface; the index of each word is that of
 * its cell. All but the first two are reasons why one did not arrive.
 */
export const BEAT_OUTCOMES = [
  /** Received, and news. */
  "received",
  /** Sent. */
  "sent",
  /** The kernel did not take it. */
  "sendFailed",
  /** No address of the peer is known. */
  "noAddress",
  /** The socket failed. */
  "receiveFailed",
  /** Hop limit other than 255: it comes from another link (RFC 5082 §3). */
  "hopLimit",
  /** Too short, too long, or something else altogether. */
  "notABeat",
  /** Damaged, sealed with another key, or not for this node. */
  "badSeal",
  /** Rightly sealed, and yet malformed. */
  "malformed",
  /** Not newer than another one. */
  "replayed",
  /** Of an incarnation before the present one. */
  "oldIncarnation",
] as const;

/** One of {@linkcode BEAT_OUTCOMES}. */
export type BeatOutcomeWord = typeof BEAT_OUTCOMES[number];

/** Bounds of the groups by which the lateness of beats is counted, in ms; the last group is beyond. */
export const LATENESS_BOUNDS = [5, 10, 25, 50, 100, 200] as const;

/** Cells kept for each interface: outcomes, then groups of lateness, then the sum of it. */
const CELLS = 32;
const FIRST_LATENESS = 16;
const LATENESS_SUM = FIRST_LATENESS + LATENESS_BOUNDS.length + 1;

/** How late beats of peers came. */
export interface BeatLateness {
  /** How many came late by at most each of {@linkcode LATENESS_BOUNDS}, and last how many came at all. */
  readonly upTo: readonly number[];
  /** By how much all of them together, in ms. */
  readonly sum: number;
}

/** Index of an interface's cell of an outcome. */
export function beatCell(slot: number, outcome: BeatOutcomeWord): number {
  return slot * CELLS + BEAT_OUTCOMES.indexOf(outcome);
}

/** Counts a beat of a peer that came so many ms late; allocates nothing. */
export function countLateness(
  { beats }: { readonly beats: Float64Array },
  slot: number,
  lateness: number,
): void {
  let group = 0;
  while (group < LATENESS_BOUNDS.length) {
    if (lateness <= (LATENESS_BOUNDS[group] ?? Infinity)) break;
    group++;
  }
  const cell = slot * CELLS + FIRST_LATENESS + group;
  beats[cell] = (beats[cell] ?? 0) + 1;
  const sum = slot * CELLS + LATENESS_SUM;
  beats[sum] = (beats[sum] ?? 0) + lateness;
}

/** Reads how late beats came on the interface in a slot. */
export function readLateness(
  { beats }: { readonly beats: Float64Array },
  slot: number,
): BeatLateness {
  const first = slot * CELLS + FIRST_LATENESS;
  let count = 0;
  const upTo = Array.from(
    { length: LATENESS_BOUNDS.length + 1 },
    (_, group) => count += beats[first + group] ?? 0,
  );
  return { upTo, sum: beats[slot * CELLS + LATENESS_SUM] ?? 0 };
}

/** Cells of so many interfaces. */
export function beatCells(interfaces: number): number {
  return interfaces * CELLS;
}

/** What became of heartbeats on one interface; words that never occurred are left out. */
export type BeatCounters = Readonly<Partial<Record<BeatOutcomeWord, number>>>;

/** Reads the counters of the interface in a slot. */
export function readBeatCounters(
  { beats }: { readonly beats: Float64Array },
  slot: number,
): BeatCounters {
  const counters: Partial<Record<BeatOutcomeWord, number>> = {};
  for (const outcome of BEAT_OUTCOMES) {
    const count = beats[beatCell(slot, outcome)] ?? 0;
    if (count > 0) counters[outcome] = count;
  }
  return counters;
}
