/** The part of the bench that runs inside the lab's namespaces. */
import { LabError } from "../../lab/lab_error.ts";
import { CASES } from "./cases.ts";
import type { CaseName, Order, Run } from "./protocol.ts";
import { makeWorld, restore, type World } from "./world.ts";

async function attempt(world: World, name: CaseName): Promise<Run> {
  try {
    await restore(world);
    return { name, values: await CASES[name](world), failure: null };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { name, values: {}, failure: error.message };
  }
}

const order: Order = JSON.parse(Deno.args[0] ?? "");
const world = await makeWorld(order);
for (const name of order.cases) {
  for (let count = 0; count < order.runs; count++) {
    console.info(JSON.stringify(await attempt(world, name)));
  }
}
// What it started ends with it.
Deno.exit(0);
