/** What the two parts of the bench tell each other: JSON, one value per line. */
import type { LabSettings, SpeakerStyle } from "../../lab/options.ts";

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
  "drained",
  "returned",
  "preferred",
  "excluded",
  "loaded",
  "loadedRealTime",
  "connections",
] as const;

/** The name of a case. */
export type CaseName = typeof CASE_NAMES[number];

/** What the lab of a case is made of. */
export interface CaseLab {
  /** How many Services there are. */
  readonly services: number;
  /** What forwards on the nodes. */
  readonly proxy: LabSettings["proxy"];
  readonly speakers: SpeakerStyle;
}

/** What the part outside wants of the part inside the lab. */
export interface Order extends CaseLab {
  readonly cases: readonly CaseName[];
  readonly runs: number;
  /** How long a run lasts that lasts as long as one likes. */
  readonly minutes: number;
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
