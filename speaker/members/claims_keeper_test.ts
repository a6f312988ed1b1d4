import { assertEquals } from "@std/assert";
import { ManualClock } from "../../tests/manual_clock.ts";
import { LATEST_EXIT } from "../../mod/claims/mod.ts";
import { groupId } from "../../mod/ownership/mod.ts";
import {
  type ClaimingMembers,
  type ClaimingWorker,
  ClaimsKeeper,
} from "./claims_keeper.ts";

const KEY = "192.0.2.1";
/** `terminationGracePeriodSeconds` of the manifests, less what the Lease may take, in ms. */
const GRACE = 5000 - 1000;

/** Members of which nobody hears a goodbye; tells when they are closed. */
function silentMembers(
  clock: ManualClock,
  onClose: () => void,
): ClaimingMembers {
  return {
    alive: ["node-a"],
    bystanders: [],
    hasLooked: true,
    keys: [],
    known: ["node-a"],
    hasLegacy: false,
    peers: [],
    sayGoodbye: (timeout) => clock.sleep(timeout),
    close: () => Promise.resolve(onClose()),
  };
}

/** A packet worker that owns all until then. */
function owningUntil(clock: ManualClock, end: number): ClaimingWorker {
  return {
    enter: () => {},
    holding: () => ({
      owner: 1,
      term: 1,
      lowMask: clock.now() < end ? 1 : 0,
      highMask: 0,
    }),
    onClaims: () => {},
    showLife: () => {},
    whenApplied: () => Promise.resolve(),
  };
}

Deno.test.each([
  { worker: "gives all away", ownsUntil: 100, from: 100, to: 700 },
  {
    worker: "finds no successor",
    ownsUntil: LATEST_EXIT,
    from: LATEST_EXIT,
    to: GRACE,
  },
  { worker: "hangs", ownsUntil: Infinity, from: LATEST_EXIT, to: GRACE },
])(
  "leave() waits for a packet worker that $worker, and ends within the grace period",
  { permissions: "none" },
  async ({ ownsUntil, from, to }) => {
    const clock = new ManualClock();
    let closedAt = NaN;
    const keeper = new ClaimsKeeper({
      node: "node-a",
      members: silentMembers(clock, () => closedAt = clock.now()),
      worker: owningUntil(clock, ownsUntil),
      clock,
      heartbeatPort: 7473,
      failbackDelay: 0,
      forwards: () => true,
      onOwnership: () => {},
    });
    const group = groupId(KEY);
    const watched = [
      { group, key: KEY, ips: [], candidates: [], interfaces: "all" } as const,
    ];
    keeper.desired(
      new Map([["default/web", {
        announced: [],
        complaint: undefined,
        watched,
      }]]),
      keeper.surroundings([], []),
    );
    const left = keeper.leave();
    await clock.advance(
      6000,
      () => new Promise((resolve) => setTimeout(resolve, 0)),
    );
    await left;
    assertEquals(closedAt >= from && closedAt <= to, true, `${closedAt} ms`);
  },
);
