import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { seededRandom } from "../../tests/swim/virtual_network.ts";
import type { Member, MemberState } from "./mod.ts";
import { MemberTable } from "./member_table.ts";
import { ownVersions } from "./versions.ts";

const pure = { permissions: "none" } as const;

function member(name: string, state: MemberState = "alive", since = 0): Member {
  return {
    name,
    endpoint: { ip: "192.0.2.1", port: 7946 },
    address: Uint8Array.of(192, 0, 2, 1),
    meta: new Uint8Array(),
    incarnation: 1,
    state,
    since,
    versions: ownVersions(2),
  };
}

function tableOf(seed: number, members: readonly Member[]): MemberTable {
  const table = new MemberTable(seededRandom(seed, 1));
  for (const each of members) table.set(each);
  return table;
}

Deno.test("every round probes every other living member once", pure, () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, size) => {
      const names = Array.from({ length: size }, (_, index) => `m${index}`);
      const living = names.map((name, index) =>
        member(name, index % 2 === 0 ? "alive" : "suspect")
      );
      const table = tableOf(seed, [
        ...living,
        member("self"),
        member("dead", "dead", 100),
        member("left", "left", 100),
      ]);
      // A new table stands at the beginning of its first round.
      for (let round = 0; round < 3; round++) {
        const probed = names.map(() =>
          table.nextToProbe("self", 50).target?.name
        );
        assertEquals(probed.toSorted(), names.toSorted());
      }
    }),
  );
});

Deno.test("nobody is probed when there is nobody else", pure, () => {
  const table = tableOf(1, [member("self"), member("dead", "dead", 100)]);
  assertEquals(table.nextToProbe("self", 50), {
    target: undefined,
    forgotten: [],
  });
});

Deno.test(
  "the long dead are forgotten at the end of a round, not before",
  pure,
  () => {
    const table = tableOf(1, [
      member("self"),
      member("a"),
      member("dead", "dead", 10),
      member("left", "left", 10),
      member("recent", "dead", 60),
    ]);
    const forgotten: string[] = [];
    for (let probes = 0; probes < 3; probes++) {
      const next = table.nextToProbe("self", 50);
      assertEquals(next.target?.name, "a");
      forgotten.push(...next.forgotten.map(({ name }) => name));
    }
    assertEquals(forgotten.toSorted(), ["dead", "left"]);
    assertEquals(table.size, 3);
  },
);

Deno.test(
  "pick() gives different members to whom the condition applies",
  pure,
  () => {
    const names = ["a", "b", "c", "d"];
    const table = tableOf(1, names.map((name) => member(name)));
    const others = ({ name }: Member): boolean => name !== "a";
    const seen = new Set<string>();
    for (let times = 0; times < 50; times++) {
      const picked = table.pick(2, others).map(({ name }) => name);
      assertEquals(new Set(picked).size, 2);
      for (const name of picked) seen.add(name);
    }
    assertEquals([...seen].toSorted(), ["b", "c", "d"]);
    assertEquals(table.pick(9, others).length, 3);
    assertEquals(table.pick(0, others), []);
  },
);
