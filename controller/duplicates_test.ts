/** A duplicate, should one ever be found, ends in one reconcile, for the senior. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Service, SERVICES } from "../mod/kube/mod.ts";
import { addresses, pool, Rig, service } from "../tests/controller_rig.ts";
import { settle } from "../tests/manual_clock.ts";

const TWICE = "192.0.2.99";
const NAMES = ["a", "b", "c", "d"];

/** Somebody writes that a Service holds the address. */
async function state(rig: Rig, name: string): Promise<void> {
  const loadBalancer = { ingress: [{ ip: TWICE, ipMode: "VIP" }] };
  await rig.cluster.client.patch(
    SERVICES,
    { name, namespace: "default" },
    { type: "merge", body: { status: { loadBalancer } } },
    { subresource: "status" },
  );
}

/** The oldest, of equally old ones the first by name. */
function senior(services: readonly Service[]): string | undefined {
  const [first] = services.map(({ metadata }) =>
    `${metadata.creationTimestamp} ${metadata.name}`
  ).sort();
  return first?.split(" ")[1];
}

function patches(rig: Rig, name: string): number {
  const path = `PATCH /api/v1/namespaces/default/services/${name}/status`;
  return rig.cluster.requests.filter((one) => one === path).length;
}

function isResolved(services: ReadonlyMap<string, Service>): boolean {
  const held = [...services.values()].map(addresses);
  return !held.includes("") && new Set(held).size === held.length;
}

interface Scene {
  /** The Services whose statuses get the address, in this order. */
  readonly order: readonly string[];
  /** Whether the controller runs meanwhile, or starts afterwards. */
  readonly running: boolean;
  /** Whether it sees one after the other. */
  readonly slowly: boolean;
}

const SCENE: fc.Arbitrary<Scene> = fc.record({
  order: fc.shuffledSubarray(NAMES, { minLength: 2 }),
  running: fc.boolean(),
  slowly: fc.boolean(),
});

async function play({ order, running, slowly }: Scene): Promise<void> {
  await using rig = await Rig.withPools(pool("p", "192.0.2.0/24"));
  for (const name of order.toSorted()) await rig.create(service(name));
  if (running) {
    rig.start();
    await rig.cluster.until(SERVICES, isResolved);
  }
  const before = order.map((name) => patches(rig, name));
  for (const name of order) {
    await state(rig, name);
    if (slowly) await settle();
  }
  if (!running) rig.start();
  const found = await rig.cluster.until(SERVICES, isResolved);
  await rig.clock.advance(50);
  const winner = senior([...found.values()]);
  for (const [index, name] of order.entries()) {
    const writes = patches(rig, name) - (before[index] ?? 0) - 1;
    assertEquals(addresses(found.get(name)) === TWICE, name === winner, name);
    // Of a Service without the pool's name at the start, that is written.
    assertEquals(writes, name === winner && running ? 0 : 1, name);
  }
}

Deno.test("a duplicate ends with one write for each that loses the address", {
  permissions: "none",
}, async () => {
  await fc.assert(fc.asyncProperty(SCENE, play), { numRuns: 60 });
});
