import { assertEquals } from "@std/assert";
import { parseIp } from "../mod/net/mod.ts";
import type { Outcome, Watched } from "./outcomes.ts";
import { isSameState } from "./outcome_state.ts";

const WATCHED: Watched = {
  group: 7,
  key: "192.168.1.240",
  ips: [parseIp("192.168.1.240")],
  candidates: [{ node: 1, hash: 10 }, { node: 2, hash: 20 }],
  interfaces: ["eth0", "eth1"],
};

const OTHERS: readonly (readonly [string, Partial<Watched>])[] = [
  ["another group", { group: 8, key: "192.168.1.241" }],
  ["another address", { ips: [parseIp("192.168.1.241")] }],
  ["one address more", { ips: [...WATCHED.ips, parseIp("2001:db8::1")] }],
  ["another order", { candidates: WATCHED.candidates.toReversed() }],
  ["another hash", { candidates: [{ node: 1, hash: 11 }] }],
  ["another interface", { interfaces: ["eth0"] }],
  ["all interfaces", { interfaces: "all" }],
  ["another fail-back", { failbackDelay: 5000 }],
];

function outcome(more: Partial<Outcome>): Outcome {
  return { announced: [], complaint: undefined, watched: [], ...more };
}

Deno.test("isSameState() of outcomes that say the same", {
  permissions: "none",
}, () => {
  const watched = structuredClone(WATCHED);
  const before = outcome({ watched: [WATCHED] });
  assertEquals(isSameState(before, outcome({ watched: [watched] })), true);
  assertEquals(isSameState(undefined, outcome({})), true);
  const owned = outcome({ watched: [watched], announced: [watched] });
  assertEquals(isSameState(before, owned), true, "the worker knows who owns");
  const failed = outcome({
    watched: [watched],
    complaint: "noMatchingAdvertisement",
  });
  assertEquals(isSameState(before, failed), true, "it announces no complaint");
});

for (const [what, more] of OTHERS) {
  Deno.test(`isSameState() sees ${what}`, { permissions: "none" }, () => {
    const other = { ...WATCHED, ...more };
    assertEquals(
      isSameState(
        outcome({ watched: [WATCHED] }),
        outcome({ watched: [other] }),
      ),
      false,
    );
    if (more.group !== undefined || more.failbackDelay !== undefined) return;
    if (more.candidates !== undefined) return;
    assertEquals(
      isSameState(
        outcome({ announced: [WATCHED] }),
        outcome({ announced: [other] }),
      ),
      false,
      "without claims, what is announced counts",
    );
  });
}

Deno.test("isSameState() sees what comes and goes", {
  permissions: "none",
}, () => {
  const some = outcome({ watched: [WATCHED] });
  assertEquals(isSameState(undefined, some), false);
  assertEquals(isSameState(some, undefined), false);
});
