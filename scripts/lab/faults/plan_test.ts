import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FAULT_KINDS, type PlanOptions, planSteps } from "./plan.ts";

const OPTIONS: PlanOptions = {
  seed: 7,
  count: FAULT_KINDS.length,
  kinds: FAULT_KINDS,
  nodes: 3,
  groups: 2,
  longestMs: 2000,
};

Deno.test("planSteps(): a seed gives the same plan again", () => {
  assertEquals(planSteps(OPTIONS), planSteps(OPTIONS));
  assertNotEquals(planSteps(OPTIONS), planSteps({ ...OPTIONS, seed: 8 }));
});

Deno.test("planSteps(): every kind once before any comes twice", () => {
  const steps = planSteps({ ...OPTIONS, count: 2 * FAULT_KINDS.length });
  for (const from of [0, FAULT_KINDS.length]) {
    const kinds = steps.slice(from, from + FAULT_KINDS.length)
      .map(({ kind }) => kind);
    assertEquals(kinds.toSorted(), FAULT_KINDS.toSorted());
  }
});

Deno.test("planSteps(): two at once hit two nodes; links have two ends", () => {
  for (let seed = 0; seed < 200; seed++) {
    for (const { kind, faults } of planSteps({ ...OPTIONS, seed })) {
      assertEquals(faults.length, kind === "two" ? 2 : 1);
      assertEquals(
        new Set(faults.map(({ place }) => place)).size,
        faults.length,
      );
      for (const { place, otherPlace } of faults) {
        assert(place >= 0 && place < OPTIONS.nodes);
        assert(otherPlace >= 0 && otherPlace < OPTIONS.nodes);
        assertNotEquals(place, otherPlace);
      }
    }
  }
});

Deno.test("planSteps(): a blink is shorter than the detection time", () => {
  const steps = planSteps({ ...OPTIONS, kinds: ["blink"] });
  for (const { holdMs } of steps) assert(holdMs < 200);
});
