/** More peers than a node may beat at the interval that is set. */
import { assert, assertEquals } from "@std/assert";
import { DEFAULT_HEARTBEATS } from "../../mod/claims/mod.ts";
import type { Beat } from "../../mod/ownership/mod.ts";
import { nodeIdOf } from "./cluster.ts";
import { CALM, type Scenario } from "./scenario.ts";
import { World } from "./world.ts";

const NODES = 12;
const GROUPS = 40;
/** A quarter of the default, so that a dozen nodes are a crowd. */
const BEATS_PER_SECOND = 50;
/** The cluster is at rest from then on, in ms. */
const REST = 6000;
const DEATH = 8000;
const VICTIM = 0;

const SCENARIO: Scenario = {
  ...CALM,
  mix: "crowd",
  nodes: NODES,
  groups: GROUPS,
  beatsPerSecond: BEATS_PER_SECOND,
};

/** Counts beats by sender while nothing happens, and notes first announcements after the death. */
class WatchedWorld extends World {
  /** Beats sent between {@linkcode REST} and {@linkcode DEATH}. */
  readonly beatsOf = new Map<number, number>();
  /** Milliseconds from the death to a group's first announcement. */
  readonly first = new Map<number, number>();

  override sent({ node }: Beat): void {
    if (this.now < REST || this.now >= DEATH) return;
    this.beatsOf.set(node, (this.beatsOf.get(node) ?? 0) + 1);
  }

  override announced(slot: number, group: number): void {
    super.announced(slot, group);
    const after = this.now - DEATH;
    if (after >= 0 && !this.first.has(group)) this.first.set(group, after);
  }
}

Deno.test(
  "ClaimEngine stretches the interval of beats, and receivers wait accordingly",
  { permissions: "none" },
  () => {
    const world = new WatchedWorld(SCENARIO);
    const owned: number[] = [];
    let detections: number[] = [];
    world.later(DEATH, () => {
      for (let group = 0; group < GROUPS; group++) {
        if (world.ownerOf(0, group) === VICTIM) owned.push(group);
      }
      detections = Array.from(
        { length: NODES },
        (_, node) => world.detectionTime(node),
      );
      world.crash(VICTIM);
    });
    world.run();
    assertEquals(world.checker.violations, [], "nobody was called dead");
    assert(owned.length > 0);
    const { beat, misses } = DEFAULT_HEARTBEATS;
    const [soonest, latest] = [
      Math.min(...detections),
      Math.max(...detections),
    ];
    assert(soonest > beat * misses, `a death is seen after ${soonest} ms`);
    const seconds = (DEATH - REST) / 1000;
    for (let node = 0; node < NODES; node++) {
      const rate = (world.beatsOf.get(nodeIdOf(node)) ?? 0) / seconds;
      // What began before the two seconds may end in them: one round more.
      assert(rate <= BEATS_PER_SECOND * 1.1, `node ${node}: ${rate} beats/s`);
    }
    const rate = (world.beatsOf.get(nodeIdOf(VICTIM)) ?? 0) / seconds;
    assert(rate > BEATS_PER_SECOND * 0.8, `the rate is used: ${rate} beats/s`);
    for (const group of owned) {
      const after = world.first.get(group) ?? Infinity;
      // Its last beat was at most an interval old; the first in the order takes over.
      assert(after > soonest * (1 - 1 / misses), `group ${group}: ${after} ms`);
      assert(after < latest + beat, `group ${group}: ${after} ms`);
    }
  },
);
