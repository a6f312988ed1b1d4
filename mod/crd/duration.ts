/** Durations as Kubernetes writes them: `90s`, `1m30s`, `500ms`. */

/** Nanoseconds of each unit. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n,
  "μs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** One second in nanoseconds. */
export const SECOND: bigint = 1_000_000_000n;

const PART = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Nanoseconds of a duration; `undefined` for text that is none. Digits beyond
 * the nanosecond are cut off.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDuration } from "./mod.ts";
 *
 * assertEquals(parseDuration("1m30s"), 90_000_000_000n);
 * assertEquals(parseDuration("90"), undefined);
 * ```
 */
export function parseDuration(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n;
  const digits = text.replace(/^[-+]/, "");
  if (digits === "0") return 0n;
  let total = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < digits.length) {
    const match = PART.exec(digits);
    if (match === null) return undefined;
    const [, whole = "0", tail, alone, unit = ""] = match;
    const fraction = tail ?? alone ?? "";
    const scale = UNITS[unit] ?? 0n;
    const shown = BigInt(whole) * scale;
    const rest = fraction === ""
      ? 0n
      : BigInt(fraction) * scale / 10n ** BigInt(fraction.length);
    total += shown + rest;
  }
  return digits === "" ? undefined : sign * total;
}

/** Seconds of a number of nanoseconds. */
export function toSeconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / Number(SECOND);
}
