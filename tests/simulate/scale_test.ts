/** A thousand groups: pacing, and what nothing costs. */
import { assert, assertEquals } from "@std/assert";
import type { Beat } from "../../mod/ownership/mod.ts";
import { CALM, type Scenario } from "./scenario.ts";
import { World } from "./world.ts";

const GROUPS = 1000;
const DEATH = 10_000;
/** Who gets all groups, because the others come later. */
const OWNER = 0;

const SCENARIO: Scenario = {
  ...CALM,
  groups: GROUPS,
};

/** Notes when groups are announced, and how much is asked and told. */
class WatchedWorld extends World {
  /** Milliseconds from the death to a group's first announcement. */
  readonly first = new Map<number, number>();
  /** Announcements of each second, by node and all. */
  announcements = 0;
  /** Questions since the death. */
  questionsAfter = 0;
  /** Items in the beats of the last second before the death. */
  itemsBefore = 0;
  /** Beats in that second. */
  beatsBefore = 0;

  override announced(slot: number, group: number): void {
    super.announced(slot, group);
    const after = this.now - DEATH;
    if (after >= 0 && !this.first.has(group)) this.first.set(group, after);
  }

  override asked(node: number, slot: number, group: number): void {
    super.asked(node, slot, group);
    if (this.now >= DEATH) this.questionsAfter++;
  }

  override sent(beat: Beat): void {
    if (this.now < DEATH - 1000 || this.now >= DEATH) return;
    this.beatsBefore++;
    this.itemsBefore += beat.changes.length + beat.corrections.length +
      beat.offers.length;
  }
}

Deno.test(
  "ClaimEngine moves nearly a thousand groups in less than a second",
  {
    permissions: "none",
  },
  () => {
    const world = new WatchedWorld(SCENARIO);
    let owned = 0;
    for (let node = OWNER + 1; node < SCENARIO.nodes; node++) {
      world.later(SCENARIO.starts, () => world.crash(node));
      world.later(4000, () => world.start(node));
    }
    world.later(DEATH, () => {
      for (let group = 0; group < GROUPS; group++) {
        if (world.ownerOf(0, group) === OWNER) owned++;
      }
      world.crash(OWNER);
    });
    world.run();
    assertEquals(world.checker.violations, []);
    assert(owned > 900, `it owned ${owned}`);
    const times = [...world.first.values()].sort((a, b) => a - b);
    assertEquals(times.length, owned, "each is announced");
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    assert(first <= 500, `the first after ${first} ms`);
    assert(last <= 1000, `the last after ${last} ms`);
    assertEquals(
      world.itemsBefore,
      0,
      "beats name nothing that does not change",
    );
    assert(world.beatsBefore <= 3 * 2 * 11, `${world.beatsBefore} beats`);
    assert(
      world.questionsAfter < 6 * owned,
      `${world.questionsAfter} questions for ${owned} groups`,
    );
  },
);
