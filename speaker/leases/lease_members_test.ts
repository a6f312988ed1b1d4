import { assertEquals } from "@std/assert";
import type { Lease } from "../../mod/kube/mod.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import { LeaseMembers } from "./lease_members.ts";

function lease(node: string, version: number): Lease {
  return {
    metadata: { name: node, resourceVersion: String(version) },
    spec: { holderIdentity: node },
  };
}

interface World {
  readonly clock: ManualClock;
  readonly leases: LeaseMembers;
  readonly seen: (readonly string[])[];
}

function world(): World {
  const clock = new ManualClock();
  const seen: (readonly string[])[] = [];
  const leases = new LeaseMembers({
    node: "a",
    expireMs: 6000,
    clock,
    onChange: (members) => seen.push(members),
  });
  leases.observe(lease("a", 1));
  leases.observe(lease("b", 2));
  leases.renewed(true);
  return { clock, leases, seen };
}

/** The own renewals go on, and come back on the watch. */
async function live({ clock, leases }: World, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1000) {
    await clock.advance(1000);
    leases.renewed(true);
    leases.observe(lease("a", 100 + clock.now()));
  }
}

Deno.test("LeaseMembers counts a Lease as alive from its first sighting", async () => {
  const { leases, seen } = world();
  assertEquals(leases.members, ["a", "b"]);
  assertEquals(seen, [["a"], ["a", "b"]]);
  leases.close();
  await Promise.resolve();
});

Deno.test("LeaseMembers drops a Lease that has not changed for the duration", async () => {
  const all = world();
  await live(all, 5000);
  assertEquals(all.leases.members, ["a", "b"]);
  await live(all, 2000);
  assertEquals(all.leases.members, ["a"]);
  all.leases.close();
});

Deno.test("LeaseMembers drops nobody while the own renewals fail", async () => {
  const { clock, leases } = world();
  leases.renewed(false);
  await clock.advance(60_000);
  assertEquals(leases.members, ["a", "b"]);
  assertEquals(leases.frozen, true);
  leases.close();
});

Deno.test("LeaseMembers drops a deleted Lease at once", async () => {
  const { leases, seen } = world();
  leases.remove(lease("b", 3));
  assertEquals(leases.members, ["a"]);
  assertEquals(seen.at(-1), ["a"]);
  leases.close();
  await Promise.resolve();
});

Deno.test("LeaseMembers leaves no timer behind", async () => {
  const { clock, leases } = world();
  leases.close();
  await clock.advance(1);
  assertEquals(clock.sleeping, 0);
});

Deno.test("LeaseMembers does not wait for a Lease that was old when it was first seen", async () => {
  const clock = new ManualClock();
  await clock.advance(100_000);
  const leases = new LeaseMembers({
    node: "a",
    expireMs: 6000,
    clock,
    onChange: () => {},
  });
  const renewed = (node: string, version: number, ageMs: number): void => {
    const renewTime = new Date(clock.date().getTime() - ageMs).toISOString();
    const { metadata, spec } = lease(node, version);
    leases.observe({ metadata, spec: { ...spec, renewTime } });
  };
  renewed("dead", 1, 60_001);
  renewed("ahead", 2, -3_600_000);
  renewed("recent", 3, 60_000);
  renewed("a", 4, 3_600_000);
  assertEquals(leases.members, ["ahead", "recent"]);
  // A clock that is an hour behind counts from the next renewal on.
  renewed("dead", 5, 3_600_000);
  renewed("a", 6, 0);
  assertEquals(leases.members, ["a", "ahead", "dead", "recent"]);
  leases.close();
});
