import { assertEquals } from "@std/assert";
import { formatIp, parseIp } from "../mod/net/mod.ts";
import { claimHash, electionHash, groupId } from "../mod/ownership/mod.ts";
import type { Outcome, Watched } from "./outcomes.ts";
import { watchedGroups } from "./watched_groups.ts";

const options = { permissions: "none" } as const;
const TRAITS = { isNew: false, failbackDelay: 0 };

function outcome(
  key: string,
  ips: readonly string[],
  interfaces: Watched["interfaces"],
): Outcome {
  return {
    announced: [],
    complaint: undefined,
    watched: [{
      group: groupId(key),
      key,
      ips: ips.map(parseIp),
      candidates: [{ node: 7, hash: 9 }],
      interfaces,
    }],
  };
}

Deno.test(
  "watchedGroups() tells each group once, with this node's hash",
  options,
  () => {
    const { groups } = watchedGroups("node-a", [
      outcome("192.0.2.1", ["192.0.2.1"], "all"),
      outcome("192.0.2.1", ["192.0.2.1"], "all"),
      outcome("192.0.2.2", ["192.0.2.2"], "all"),
    ], (key) => ({ isNew: key === "192.0.2.2", failbackDelay: 5 }));
    assertEquals(
      groups,
      ["192.0.2.1", "192.0.2.2"].map((key) => ({
        id: groupId(key),
        hash: claimHash(electionHash("node-a", key)),
        candidates: [{ node: 7, hash: 9 }],
        isNew: key === "192.0.2.2",
        failbackDelay: 5,
      })),
    );
  },
);

Deno.test.each(
  [
    { one: ["eth0"], other: ["eth1"], both: ["eth0", "eth1"] },
    { one: ["eth0"], other: "all", both: "all" },
  ] as const,
)(
  "watchedGroups() unites the interfaces of sharers: $one and $other",
  options,
  (row) => {
    const key = "192.0.2.1";
    const { addresses } = watchedGroups("node-a", [
      outcome(key, [key, "2001:db8::1"], row.one),
      outcome(key, [key], row.other),
    ], () => TRAITS);
    assertEquals(
      addresses.map((
        { ip, interfaces, group },
      ) => [formatIp(ip), interfaces, group]),
      [
        [key, row.both, groupId(key)],
        ["2001:db8::1", row.one, groupId(key)],
      ],
    );
  },
);
