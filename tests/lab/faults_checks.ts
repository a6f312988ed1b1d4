/**
 * Runs inside the lab: each kind of fault once, in an order that does not
 * change, and what a client saw of it judged by the simulator's checker.
 */
import { assertEquals } from "@std/assert";
import { FaultLab, verdictOf } from "../../scripts/lab/faults/fault_lab.ts";
import { FAULT_KINDS, planSteps } from "../../scripts/lab/faults/plan.ts";
import {
  describeFailure,
  describeStep,
} from "../../scripts/lab/faults/report.ts";
import { type LabCheck, reportChecks } from "./in_lab.ts";

/** A seed that lets most kinds hit an owner. */
const SEED = 1;
/** One of each family: an address of an IPv4 and one of an IPv6 Service. */
const ADDRESSES = 2;
/** On a loaded machine processes are late; what stands still is judged again. */
const LATE_MS = 300;

let faults: FaultLab | undefined;

const STEPS = planSteps({
  ...{ seed: SEED, count: FAULT_KINDS.length, kinds: FAULT_KINDS },
  ...{ nodes: 3, groups: ADDRESSES, longestMs: 1000 },
});

await reportChecks([
  ["two addresses are answered for", async (lab) => {
    faults = await FaultLab.start(lab, { lateMs: LATE_MS });
    assertEquals(faults.ips.length, ADDRESSES);
  }],
  ...STEPS.map((step): LabCheck => [step.kind, async () => {
    if (faults === undefined) throw new Error("The lab has not started");
    const result = await faults.runUntilJudged(step, (each) => {
      console.error(`${step.kind}: ${describeStep(each)}`);
    });
    assertEquals(
      verdictOf(result),
      "holds",
      describeFailure(result, faults.ips),
    );
  }]),
]);
