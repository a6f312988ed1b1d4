import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LeaseView } from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

/** A speaker "self" whose own renewals, as long as it makes them, come back. */
class Follower {
  readonly view = new LeaseView({ self: "self" });
  #renewals = 0;

  renew(now: number): void {
    this.view.ownRenewal(true, now);
    this.view.observe({ node: "self", renewal: `r${++this.#renewals}` }, now);
  }

  fail(now: number): void {
    this.view.ownRenewal(false, now);
  }

  see(node: string, renewal: string, now: number): void {
    this.view.observe({ node, renewal }, now);
  }
}

Deno.test(
  "LeaseView counts nobody before a lease is seen",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    assertEquals(follower.view.members(0), []);
    assertEquals(follower.view.frozen(0), true);
    follower.renew(0);
    assertEquals(follower.view.members(0), ["self"]);
  },
);

Deno.test(
  "LeaseView expires a lease that no longer changes",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.see("b", "1", 0);
    for (let now = 0; now < 6000; now += 2000) {
      follower.renew(now);
      follower.see("b", "1", now);
      assertEquals(follower.view.members(now), ["b", "self"]);
    }
    assertEquals(follower.view.nextExpiry(), 6000);
    assertEquals(follower.view.members(5999), ["b", "self"]);
    assertEquals(follower.view.members(6000), ["self"]);
    follower.see("b", "2", 6500);
    assertEquals(follower.view.members(6500), ["b", "self"]);
  },
);

Deno.test(
  "LeaseView drops a deleted lease at once, also while frozen",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.renew(0);
    follower.see("b", "1", 0);
    follower.see("c", "1", 0);
    follower.view.remove("b", 100);
    assertEquals(follower.view.members(100), ["c", "self"]);
    follower.fail(200);
    follower.view.remove("c", 300);
    assertEquals(follower.view.members(300), ["self"]);
  },
);

Deno.test(
  "LeaseView freezes on a failed renewal and starts all timers anew",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.renew(0);
    follower.see("b", "1", 0);
    follower.fail(2000);
    assertEquals(follower.view.frozen(2000), true);
    assertEquals(follower.view.nextExpiry(), null);
    assertEquals(follower.view.members(1e6), ["b", "self"]);
    for (let now = 1e6; now < 1e6 + 6000; now += 2000) follower.renew(now);
    assertEquals(follower.view.members(1e6 + 5999), ["b", "self"]);
    assertEquals(follower.view.members(1e6 + 6000), ["self"]);
  },
);

Deno.test(
  "LeaseView freezes when the own renewals merely stop",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.renew(0);
    follower.see("b", "1", 0);
    assertEquals(follower.view.frozen(3000), false);
    assertEquals(follower.view.frozen(3001), true);
    assertEquals(follower.view.members(60_000), ["b", "self"]);
  },
);

Deno.test(
  "LeaseView freezes when own renewals do not come back on the watch",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.renew(0);
    follower.see("b", "1", 0);
    for (let now = 2000; now <= 60_000; now += 2000) {
      follower.view.ownRenewal(true, now);
      assertEquals(follower.view.members(now), ["b", "self"]);
    }
    assertEquals(follower.view.frozen(60_000), true);
  },
);

Deno.test(
  "LeaseView keeps a peer expired through an outage",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.see("b", "1", 0);
    for (let now = 0; now <= 6000; now += 2000) follower.renew(now);
    assertEquals(follower.view.members(6000), ["self"]);
    follower.fail(7000);
    follower.renew(9000);
    follower.see("b", "1", 9000);
    assertEquals(follower.view.members(9000), ["self"]);
  },
);

Deno.test(
  "LeaseView counts itself out while its own lease is deleted",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.renew(0);
    follower.see("b", "1", 0);
    follower.view.remove("self", 100);
    assertEquals(follower.view.members(100), ["b"]);
    assertEquals(follower.view.frozen(100), true);
    follower.renew(200);
    assertEquals(follower.view.members(200), ["b", "self"]);
  },
);

type Step =
  | { readonly kind: "renew" | "fail"; readonly after: number }
  | { readonly kind: "see"; readonly after: number; readonly node: string };

const nodeName = fc.constantFrom("b", "c", "d");
const after = fc.integer({ min: 0, max: 9000 });
const see = fc.record({
  kind: fc.constant("see" as const),
  after,
  node: nodeName,
});
const renewOrFail = fc.record({
  kind: fc.constantFrom("renew" as const, "fail" as const),
  after,
});

function play(steps: readonly Step[]): { follower: Follower; now: number } {
  const follower = new Follower();
  let now = 0;
  steps.forEach((step, index) => {
    now += step.after;
    if (step.kind === "see") follower.see(step.node, `s${index}`, now);
    else if (step.kind === "fail") follower.fail(now);
    else follower.renew(now);
  });
  return { follower, now };
}

Deno.test(
  "LeaseView never expires a peer while own renewals fail",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.array(fc.oneof(see, renewOrFail)),
      fc.array(after),
      (steps, failures) => {
        const { follower, now } = play(steps);
        follower.fail(now);
        const before = follower.view.members(now);
        let later = now;
        for (const wait of failures) {
          later += wait;
          follower.fail(later);
          assertEquals(follower.view.members(later), before);
        }
        assertEquals(follower.view.members(later + 1e9), before);
      },
    ));
  },
);

Deno.test(
  "LeaseView proves nothing about the time of an outage afterwards",
  NO_PERMISSIONS,
  () => {
    const follower = new Follower();
    follower.see("b", "1", 0);
    for (const now of [0, 759, 3000]) follower.renew(now);
    follower.fail(3000);
    // The old proof would have lasted until 6000, when "b" was to expire.
    follower.renew(53_000);
    assertEquals(follower.view.members(53_001), ["b", "self"]);
  },
);

Deno.test(
  "LeaseView gives every member a full expiry after an outage",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.array(fc.oneof(see, renewOrFail)),
      fc.integer({ min: 1, max: 5999 }),
      (steps, wait) => {
        const { follower, now } = play(steps);
        follower.fail(now);
        const before = follower.view.members(now).filter((node) =>
          node !== "self"
        );
        follower.renew(now + 50_000);
        for (let passed = 0; passed <= wait; passed += 1000) {
          follower.renew(now + 50_000 + passed);
        }
        const members = follower.view.members(now + 50_000 + wait);
        for (const node of before) assert(members.includes(node), node);
      },
    ));
  },
);

Deno.test(
  "LeaseView keeps whoever renews and drops whoever does not",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.subarray(["b", "c", "d", "e"]),
      fc.integer({ min: 1, max: 2900 }),
      (alive, interval) => {
        const follower = new Follower();
        for (const node of ["b", "c", "d", "e"]) follower.see(node, "0", 0);
        let now = 0;
        for (let round = 1; now < 20_000; round++) {
          now += interval;
          follower.renew(now);
          for (const node of alive) follower.see(node, `${round}`, now);
        }
        assertEquals(follower.view.members(now), [...alive, "self"]);
      },
    ));
  },
);
