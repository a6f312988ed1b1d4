/** The part of `deno task lab:faults` that runs inside the lab's namespaces. */
import { LabError } from "../lab_error.ts";
import { startQuietLab } from "../session.ts";
import type { Families } from "../topology.ts";
import { CheckError } from "../waiting.ts";
import { FaultLab, type StepVerdict, verdictOf } from "./fault_lab.ts";
import { FootprintLog } from "./footprint_log.ts";
import { describeGrowth, growing, lastHalf } from "./growth.ts";
import { type FaultKind, type PlannedStep, planSteps } from "./plan.ts";
import { describeFailure, describeStep } from "./report.ts";

/** What the part outside wants of the part inside the lab. */
export interface Order {
  readonly seed: number;
  /** How many faults at most. */
  readonly count: number;
  /** For how long, at most; null = until all are made. */
  readonly minutes: number | null;
  readonly kinds: readonly FaultKind[];
  readonly nodes: number;
  readonly services: number;
  readonly families: Families;
  readonly longestMs: number;
  readonly lateMs: number;
  /** Directory of the logs; null for one that goes away. */
  readonly logs: string | null;
}

/** More than anybody waits for. */
const MOST_PLANNED = 100_000;
/** Makes a step, and tells. */
async function makeStep(
  faults: FaultLab,
  step: PlannedStep,
  number: number,
): Promise<StepVerdict> {
  const head = `  ${String(number).padStart(3)}  ${step.kind.padEnd(12)} `;
  const result = await faults.runUntilJudged(step, (each) => {
    console.info(head + describeStep(each));
  });
  const verdict = verdictOf(result);
  if (verdict !== "holds") console.info(describeFailure(result, faults.ips));
  return verdict;
}

function tell(line: string | undefined): void {
  if (line !== undefined) console.info(line);
}

async function startFaults(
  { logs, nodes, services, families, lateMs }: Order,
): Promise<FaultLab> {
  const lab = await startQuietLab({
    ...{ nodes, services, families, speakers: "realTime" },
    logs: logs ?? undefined,
  });
  return await FaultLab.start(lab, { lateMs, logs: logs ?? undefined });
}

async function makeAll(order: Order): Promise<boolean> {
  const faults = await startFaults(order);
  const steps = planSteps({
    ...order,
    count: Math.min(order.count, MOST_PLANNED),
    groups: faults.ips.length,
  });
  console.info(`seed ${order.seed}, ${faults.ips.join(", ")}`);
  const log = new FootprintLog(() => faults.footprint());
  const end = performance.now() + (order.minutes ?? Infinity) * 60_000;
  let made = 0;
  let spoiled = 0;
  for (const step of steps) {
    if (performance.now() > end) break;
    tell(await log.look());
    const verdict = await makeStep(faults, step, ++made);
    if (verdict === "void") spoiled++;
    // What the machine spoils now and then does not end a run of hours.
    const isSpoiled = verdict === "void" && order.minutes === null;
    if (verdict === "violated" || isSpoiled) return false;
  }
  tell(await log.end());
  const half = lastHalf(log.looks);
  describeGrowth(half).forEach(tell);
  tell(`${made - spoiled} faults, and all that must hold did`);
  if (spoiled > 0) {
    tell(`${spoiled} more say nothing: the machine spoiled them`);
  }
  return growing(half).length === 0 && spoiled * 2 < made;
}

async function explain(error: LabError): Promise<void> {
  console.error(`${error.message}\n${error.detail}`);
  if (!(error instanceof CheckError)) return;
  for (const process of error.suspects) {
    console.error(`the end of ${process.log}:\n${await process.tail()}`);
  }
}

if (import.meta.main) {
  let holds = false;
  try {
    holds = await makeAll(JSON.parse(Deno.args[0] ?? ""));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    await explain(error);
  }
  // What it started ends with it.
  Deno.exit(holds ? 0 : 1);
}
