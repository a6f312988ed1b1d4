/** The part of `deno task lab:faults` that runs inside the lab's namespaces. */
import { LabError } from "../lab_error.ts";
import { startQuietLab } from "../session.ts";
import { CheckError } from "../waiting.ts";
import { FaultLab, verdictOf } from "./fault_lab.ts";
import { describeFootprints, type Footprint } from "./footprint.ts";
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
  readonly longestMs: number;
  readonly lateMs: number;
  /** Directory of the logs; null for one that goes away. */
  readonly logs: string | null;
}

/** More than anybody waits for. */
const MOST_PLANNED = 100_000;
/** Time between two looks at what the lab takes, in milliseconds. */
const TELL_EVERY_MS = 300_000;

/** Makes a step, and tells. */
async function makeStep(
  faults: FaultLab,
  step: PlannedStep,
  number: number,
): Promise<boolean> {
  const head = `  ${String(number).padStart(3)}  ${step.kind.padEnd(12)} `;
  const result = await faults.runUntilJudged(step, (each) => {
    console.info(head + describeStep(each));
  });
  if (verdictOf(result) === "holds") return true;
  console.info(describeFailure(result, faults.ips));
  return false;
}

async function makeAll(order: Order): Promise<boolean> {
  const { logs, nodes, services, lateMs, minutes } = order;
  const lab = await startQuietLab({
    ...{ nodes, services, speakers: "realTime" },
    logs: logs ?? undefined,
  });
  const faults = await FaultLab.start(lab, { lateMs, logs: logs ?? undefined });
  const steps = planSteps({
    ...order,
    count: Math.min(order.count, MOST_PLANNED),
    groups: faults.ips.length,
  });
  console.info(`seed ${order.seed}, ${faults.ips.join(", ")}`);
  const end = performance.now() + (minutes ?? Infinity) * 60_000;
  let made = 0;
  // A process that has just started takes memory for what it does the first time.
  let first: Footprint | undefined;
  let tellAt = performance.now() + TELL_EVERY_MS;
  for (const step of steps) {
    if (performance.now() > end) break;
    if (!await makeStep(faults, step, ++made)) return false;
    if (made === order.kinds.length) first = await faults.footprint();
    if (first === undefined || performance.now() < tellAt) continue;
    tellAt += TELL_EVERY_MS;
    console.info(describeFootprints(first, await faults.footprint()));
  }
  if (first !== undefined) {
    console.info(describeFootprints(first, await faults.footprint()));
  }
  console.info(`${made} faults, and all that must hold did`);
  return true;
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
