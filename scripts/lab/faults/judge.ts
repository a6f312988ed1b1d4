/** Judges what was recorded on the client's wire, with the simulator's checker. */
import { Checker } from "../../../tests/simulate/checker.ts";
import type { Violation, Worst } from "../../../tests/simulate/properties.ts";
import { judgeEnd } from "../../../tests/simulate/verdict.ts";
import {
  type Happening,
  RecordedCluster,
  type RecordedPlan,
} from "./recorded.ts";
import { answeringEdges, type Edge, type Recording } from "./spans.ts";

/** All that is known of a fault, from the rest before it to the rest after it. */
export interface RecordedStep extends Recording, RecordedPlan {
  /** Names of the nodes. */
  readonly names: readonly string[];
  /** When it began, in milliseconds since the epoch. */
  readonly startedMs: number;
  /** What was done; times in milliseconds since the epoch. */
  readonly happenings: readonly Happening[];
}

/** What must be said of it. */
export interface Judgement {
  readonly violations: readonly Violation[];
  /** The worst that was seen, violation or not. */
  readonly worst: Worst;
  /** How often an owner followed another. */
  readonly moves: number;
  /** States at its end that no protocol can avoid. */
  readonly limits: readonly string[];
  /** What happened, line by line; seconds since its beginning. */
  readonly history: readonly string[];
}

/** The checker takes what comes earlier for the start of the cluster, in ms. */
const BEGINNING = 10_000;

/** Take-overs and starts ask; questions are judged so long after, in ms. */
const QUIET = 2500;

/** One thing of a recording, and how it is played. */
interface Played {
  readonly at: number;
  readonly text: string;
  /** Whether it changes who answers, or who could. */
  readonly isChange: boolean;
  play(cluster: RecordedCluster, checker: Checker): void;
}

function playEdge(
  { at, group, node, isAnswering }: Edge,
  { names, ips }: RecordedStep,
): Played {
  const does = isAnswering ? "answers" : "does not answer any more";
  return {
    at,
    text: `${names[node]} ${does} for ${ips[group]}`,
    isChange: true,
    play: (cluster) => cluster.answers(group, node, isAnswering),
  };
}

function playHappening(happening: Happening): Played {
  return {
    at: happening.at,
    text: `-- ${happening.text}`,
    isChange: true,
    play: (cluster) => cluster.happened(happening),
  };
}

/** Announcements and questions of the nodes. */
function playFrames(step: RecordedStep): Played[] {
  const { ips, macs, names, records, happenings } = step;
  const quiet = QUIET + Math.max(...happenings.map(({ at }) => at));
  return records.flatMap(({ kind, ip, mac, atMs }): Played[] => {
    const group = ips.indexOf(ip);
    const node = macs.indexOf(mac);
    if (group < 0 || node < 0) return [];
    if (kind === "announcement") {
      return [{
        ...{ at: atMs, isChange: false },
        text: `${names[node]} announces ${ip}`,
        play: (cluster, checker) => {
          cluster.announced(group, node);
          checker.announced(0, group);
        },
      }];
    }
    if (kind !== "asked") return [];
    return [{
      ...{ at: atMs, isChange: false },
      text: `${names[node]} asks for ${ip}`,
      play: (_, checker) => {
        if (atMs > quiet) checker.asked(node);
      },
    }];
  });
}

/** Judges one step, which must have come to rest. */
export function judgeStep(step: RecordedStep): Judgement {
  const since = (atMs: number): number => atMs - step.startedMs;
  const cluster = new RecordedCluster(step);
  const checker = new Checker(cluster, {});
  const played = [
    ...answeringEdges(step).map((edge) => playEdge(edge, step)),
    ...step.happenings.map(playHappening),
    ...playFrames(step),
  ].sort((a, b) => a.at - b.at);
  const history: string[] = [];
  for (const each of played) {
    cluster.network.now = BEGINNING + since(each.at);
    each.play(cluster, checker);
    if (each.isChange) checker.observe();
    history.push(
      `${(since(each.at) / 1000).toFixed(3).padStart(8)} s  ${each.text}`,
    );
  }
  const last = step.records.at(-1)?.atMs ?? step.startedMs;
  cluster.network.now = Math.max(cluster.network.now, BEGINNING + since(last));
  judgeEnd(cluster, checker);
  const { violations, worst, moves, limits } = checker;
  return {
    ...{ worst, moves, limits, history },
    violations: violations.map((each) => ({
      ...each,
      at: each.at - BEGINNING,
    })),
  };
}

/** A breach in words. */
export function describeViolation(
  { property, at, amount, group }: Violation,
  ips: readonly string[],
): string {
  return `VIOLATION ${property}: ${Math.round(amount)} at ${
    (at / 1000).toFixed(3)
  } s, ${ips[group]}`;
}
