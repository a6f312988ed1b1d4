/** What a client lost: computed from numbered probes at a steady rate. */

/** One probe. Times are milliseconds of one clock. */
export interface Probe {
  readonly sentMs: number;
  /** When its answer came; null when none did. */
  readonly answeredMs: number | null;
}

/** The loss that a series of probes shows. */
export interface Outage {
  readonly probes: number;
  /** Probes without an answer. */
  readonly lost: number;
  /**
   * Longest time without service: from the sending of the last probe that was
   * answered before it to the sending of the first one answered after it; up
   * to the last probe when none was. 0 when nothing was lost.
   */
  readonly outageMs: number;
  /** Whether the last probe was answered. */
  readonly recovered: boolean;
}

/**
 * Computes what was lost.
 *
 * @param probes In the order of sending.
 * @returns Counts and the longest outage, in milliseconds.
 */
export function measureOutage(probes: readonly Probe[]): Outage {
  let outageMs = 0;
  let lost = 0;
  let lostInRow = 0;
  let lastAnswered = probes[0]?.sentMs ?? 0;
  for (const { sentMs, answeredMs } of probes) {
    if (answeredMs === null) {
      lost += 1;
      lostInRow += 1;
    }
    if (lostInRow > 0) outageMs = Math.max(outageMs, sentMs - lastAnswered);
    if (answeredMs !== null) {
      lostInRow = 0;
      lastAnswered = sentMs;
    }
  }
  return {
    probes: probes.length,
    lost,
    outageMs,
    recovered: probes.length > 0 && probes.at(-1)?.answeredMs !== null,
  };
}
