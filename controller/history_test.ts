/**
 * The controller in random histories on the embedded API server. The same on
 * a real one, but shorter, is in `tests/roles/controller_history_test.ts`.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { NAMESPACES } from "../mod/kube/mod.ts";
import { EmbeddedCluster } from "../tests/embedded_cluster.ts";
import { type Action, histories, linesOf } from "../tests/histories/actions.ts";
import { SYSTEM_NAMESPACE } from "../tests/histories/pools.ts";
import { World } from "../tests/histories/world.ts";
import { ManualClock } from "../tests/manual_clock.ts";

function apply(
  name: string,
  sharingKey: string | null,
  port: number,
): Action {
  const wish = { address: null, pool: null, sharingKey, port };
  return { kind: "apply", name, shape: "four", wish };
}

/** Two share an address with a third, their senior, which then shares no more. */
const LEAVES_TWO_BEHIND: readonly Action[] = [
  apply("s0", "z", 80),
  apply("s5", "z", 81),
  apply("s6", "z", 82),
  apply("s0", null, 80),
];

/** Runs a story in a cluster of its own and gives what was wrong. */
async function violationsOf(
  story: (world: World) => Promise<void>,
): Promise<readonly string[]> {
  using cluster = new EmbeddedCluster();
  const { client } = cluster;
  await client.create(NAMESPACES, { metadata: { name: SYSTEM_NAMESPACE } });
  const clock = new ManualClock();
  const tick = (): Promise<void> => clock.advance(50);
  await using world = await World.open({ client, clock, tick });
  await story(world);
  return world.violations;
}

/** What users do, one thing after the other. */
async function inTurn(
  world: World,
  actions: readonly Action[],
): Promise<void> {
  for (const action of actions) await world.act(action);
}

/** The same, but everybody at once. */
async function atOnce(
  world: World,
  actions: readonly Action[],
): Promise<void> {
  await Promise.all(linesOf(actions).map((line) => inTurn(world, line)));
}

Deno.test("any history keeps the invariants of allocation", {
  permissions: "none",
}, async () => {
  await fc.assert(
    fc.asyncProperty(histories(20), async (actions) => {
      const found = await violationsOf(async (world) => {
        await inTurn(world, actions);
        await world.check();
        await world.restart();
        await world.drain();
      });
      assertEquals(found, []);
    }),
    { numRuns: 40 },
  );
});

Deno.test("the same inputs in another order of events end in a legal state", {
  permissions: "none",
}, async () => {
  await fc.assert(
    fc.asyncProperty(histories(20), async (actions) => {
      for (const happen of [inTurn, atOnce]) {
        const found = await violationsOf(async (world) => {
          await happen(world, actions);
          await world.check();
        });
        assertEquals(found, []);
      }
    }),
    { numRuns: 40, examples: [[LEAVES_TWO_BEHIND]] },
  );
});
