/** A segment that few of many candidates have, and those come last. */
import { assert, assertEquals } from "@std/assert";
import { CALM, type Scenario } from "./scenario.ts";
import { World } from "./world.ts";

const NODES = 40;
/** Nodes that have the second segment; membership knows of no difference. */
const PRESENT = 5;
const SEGMENT = 1;
const DEATH = 10_000;
/** While standbys are still looked for, two a second, membership tells who is dead. */
const TAKEN_WITHIN = 3300;

const SCENARIO: Scenario = {
  ...CALM,
  mix: "branch",
  nodes: NODES,
  segments: 2,
  absent: NODES - PRESENT,
};

Deno.test(
  "ClaimEngine finds the last five of forty candidates where the others are not",
  { permissions: "none" },
  () => {
    const world = new World(SCENARIO);
    const present = world.views.first(0).slice(-PRESENT);
    let before: number | undefined;
    let after: number | undefined;
    world.later(DEATH, () => {
      before = world.ownerOf(SEGMENT, 0);
      if (before !== undefined) world.crash(before);
    });
    world.later(DEATH + TAKEN_WITHIN, () => {
      after = world.ownerOf(SEGMENT, 0);
    });
    world.run();
    assert(before !== undefined && present.includes(before), `${before} owns`);
    assert(
      after !== undefined && present.includes(after),
      `${after} took over`,
    );
    assert(after !== before);
    const others = world.checker.violations.filter(({ property, amount }) =>
      property !== "gap" || amount > TAKEN_WITHIN
    );
    assertEquals(others, []);
    assert(world.checker.violations.length <= 1);
  },
);
