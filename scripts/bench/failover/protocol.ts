/** What the two parts of the bench tell each other: JSON, one value per line. */

/** The names of the cases. */
export const CASE_NAMES = [
  "death",
  "killed",
  "restart",
  "paused",
  "partition",
  "cut",
  "many",
  "idle",
] as const;

/** The name of a case. */
export type CaseName = typeof CASE_NAMES[number];

/** What the part outside wants of the part inside the lab. */
export interface Order {
  readonly cases: readonly CaseName[];
  /** How many Services there are. */
  readonly services: number;
  readonly runs: number;
  /** Directory of the logs; null for one that goes away. */
  readonly logs: string | null;
}

/** One run, as the part inside tells it. */
export interface Run {
  readonly name: CaseName;
  /** What was measured, by the name of the value. */
  readonly values: Readonly<Record<string, number>>;
  /** Why there is nothing; null when there is. */
  readonly failure: string | null;
}
