/** When a returned node gets addresses back: the policy in words, and whose counts. */
import { FAILBACK_ANNOTATION } from "./annotations.ts";
import type { Note } from "./problem.ts";

/**
 * Reads `immediate`, `never`, or a number of seconds.
 *
 * @returns Milliseconds; `Infinity` = never.
 * @throws {TypeError} That says what it takes.
 */
export function parseFailback(text: string): number {
  if (text === "immediate") return 0;
  if (text === "never") return Infinity;
  const seconds = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seconds)) {
    throw new TypeError(
      `takes immediate, never, or a number of seconds, not "${text}"`,
    );
  }
  return seconds * 1000;
}

/**
 * The policy that an advertisement's annotation sets, in ms. A bad value is
 * noted and sets nothing: announcing matters more than when addresses go back.
 *
 * @returns `undefined` = it sets none.
 */
export function failbackOf(
  annotations: Readonly<Record<string, string>>,
  note: Note,
): number | undefined {
  if (!Object.hasOwn(annotations, FAILBACK_ANNOTATION)) return undefined;
  try {
    return parseFailback(annotations[FAILBACK_ANNOTATION] ?? "");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    note({
      class: "failbackInvalid",
      field: `metadata.annotations["${FAILBACK_ANNOTATION}"]`,
      message: `The annotation ${error.message}: the speakers' flag counts`,
    });
    return undefined;
  }
}

/** The most reluctant of several policies, in ms; `undefined` = none sets any. */
export function mostReluctant(
  delays: readonly (number | undefined)[],
): number | undefined {
  const set = delays.filter((delay) => delay !== undefined);
  return set.length === 0 ? undefined : Math.max(...set);
}
