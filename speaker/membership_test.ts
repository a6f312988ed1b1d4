import { assertEquals } from "@std/assert";
import type { Lease } from "../mod/kube/mod.ts";
import { ManualClock } from "../tests/manual_clock.ts";
import { Membership } from "./membership.ts";

function lease(node: string, version: number): Lease {
  return {
    metadata: { name: node, resourceVersion: String(version) },
    spec: { holderIdentity: node },
  };
}

interface World {
  readonly clock: ManualClock;
  readonly membership: Membership;
  readonly seen: (readonly string[])[];
}

function world(): World {
  const clock = new ManualClock();
  const seen: (readonly string[])[] = [];
  const membership = new Membership({
    node: "a",
    expireMs: 6000,
    clock,
    onChange: (members) => seen.push(members),
  });
  membership.observe(lease("a", 1));
  membership.observe(lease("b", 2));
  membership.renewed(true);
  return { clock, membership, seen };
}

/** The own renewals go on, and come back on the watch. */
async function live({ clock, membership }: World, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1000) {
    await clock.advance(1000);
    membership.renewed(true);
    membership.observe(lease("a", 100 + clock.now()));
  }
}

Deno.test("Membership counts a Lease as alive from its first sighting", async () => {
  const { membership, seen } = world();
  assertEquals(membership.members, ["a", "b"]);
  assertEquals(seen, [["a"], ["a", "b"]]);
  membership.close();
  await Promise.resolve();
});

Deno.test("Membership drops a Lease that has not changed for the duration", async () => {
  const all = world();
  await live(all, 5000);
  assertEquals(all.membership.members, ["a", "b"]);
  await live(all, 2000);
  assertEquals(all.membership.members, ["a"]);
  all.membership.close();
});

Deno.test("Membership drops nobody while the own renewals fail", async () => {
  const { clock, membership } = world();
  membership.renewed(false);
  await clock.advance(60_000);
  assertEquals(membership.members, ["a", "b"]);
  assertEquals(membership.frozen, true);
  membership.close();
});

Deno.test("Membership drops a deleted Lease at once", async () => {
  const { membership, seen } = world();
  membership.remove(lease("b", 3));
  assertEquals(membership.members, ["a"]);
  assertEquals(seen.at(-1), ["a"]);
  membership.close();
  await Promise.resolve();
});

Deno.test("Membership leaves no timer behind", async () => {
  const { clock, membership } = world();
  membership.close();
  await clock.advance(1);
  assertEquals(clock.sleeping, 0);
});

Deno.test("Membership does not wait for a Lease that was old when it was first seen", async () => {
  const clock = new ManualClock();
  await clock.advance(100_000);
  const membership = new Membership({
    node: "a",
    expireMs: 6000,
    clock,
    onChange: () => {},
  });
  const renewed = (node: string, version: number, ageMs: number): void => {
    const renewTime = new Date(clock.date().getTime() - ageMs).toISOString();
    const { metadata, spec } = lease(node, version);
    membership.observe({ metadata, spec: { ...spec, renewTime } });
  };
  renewed("dead", 1, 60_001);
  renewed("ahead", 2, -3_600_000);
  renewed("recent", 3, 60_000);
  renewed("a", 4, 3_600_000);
  assertEquals(membership.members, ["ahead", "recent"]);
  // A clock that is an hour behind counts from the next renewal on.
  renewed("dead", 5, 3_600_000);
  renewed("a", 6, 0);
  assertEquals(membership.members, ["a", "ahead", "dead", "recent"]);
  membership.close();
});
