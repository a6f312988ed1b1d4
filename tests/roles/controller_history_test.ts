/**
 * The controller in random histories on a real kube-apiserver: the properties
 * of `controller/history_test.ts`, with fewer and shorter histories.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { ControllerCluster } from "../controller_cluster.ts";
import { histories, linesOf } from "../histories/actions.ts";
import { World } from "../histories/world.ts";
import { kubernetesTest } from "../kubernetes/mod.ts";

const TICK_MS = 10;

async function checkHistories(cluster: ControllerCluster): Promise<void> {
  const { client } = cluster;
  const tick = (): Promise<void> => SYSTEM_CLOCK.sleep(TICK_MS);
  const open = (): Promise<World> =>
    World.open({ client, clock: SYSTEM_CLOCK, tick });
  await fc.assert(
    fc.asyncProperty(histories(15), async (actions) => {
      await using world = await open();
      for (const action of actions) await world.act(action);
      await world.check();
      await world.restart();
      await world.drain();
      // The same inputs in another order, on what is there by now.
      await Promise.all(
        linesOf(actions).map(async (line) => {
          for (const action of line) await world.act(action);
        }),
      );
      await world.check();
      assertEquals(world.violations, []);
    }),
    { numRuns: 8 },
  );
}

await kubernetesTest(
  "any history keeps the invariants of allocation on a real API server",
  async () => {
    await using cluster = await ControllerCluster.start();
    await checkHistories(cluster);
  },
);
