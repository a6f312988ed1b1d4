import type { Beat } from "../../mod/ownership/mod.ts";
import type { Rules } from "../../mod/claims/mod.ts";
import type { Chance } from "./chance.ts";
import type { Network } from "./network.ts";
import type { Scenario } from "./scenario.ts";
import type { Views } from "./views.ts";

/** Something of the history that can be printed. */
export interface HistoryLine {
  /** When, in ms. */
  readonly at: number;
  /** What. */
  readonly text: string;
}

/** What the parts of a simulation share. */
export interface Cluster {
  /** What is simulated. */
  readonly scenario: Scenario;
  /** The rules of every node. */
  readonly rules: Rules;
  /** The LAN. */
  readonly network: Network;
  /** Random choices of processes. */
  readonly chance: Chance;
  /** What the API says. */
  readonly views: Views;
  /** The history, when it is kept. */
  readonly history: HistoryLine[] | undefined;
  /** Who answers for what, or who reaches whom, changed. */
  isChanged: boolean;
  /** Writes a line of history. */
  say(text: string): void;
  /** An announcement of a group left. */
  announced(slot: number, group: number): void;
  /** A question of a node left. */
  asked(node: number, slot: number, group: number): void;
  /** A beat left. */
  sent(beat: Beat): void;
  /** A process takes part from now on: it has met the others, or has waited for them. */
  joined(node: number): void;
  /** A process has given all away: it says goodbye, and ends. */
  leaves(node: number): void;
}

/** Id of a node in the protocol. */
export function nodeIdOf(index: number): number {
  return index + 1;
}

/** Id of a group in the protocol. */
export function groupIdOf(index: number): number {
  return 1000 + index;
}
