import { assert, assertEquals } from "@std/assert";
import { Chance } from "./chance.ts";
import { KINDS, type Update } from "./views.ts";
import { Watches } from "./watches.ts";

const options = { permissions: "none" } as const;
const NODES = 3;
/** Changes, one every 100 ms, of two objects of each kind in turn. */
const CHANGES: readonly (Update & { readonly since: number })[] = Array.from(
  { length: 60 },
  (_, number) => ({
    kind: KINDS[number % KINDS.length] ?? "node",
    index: Math.floor(number / KINDS.length) % 2,
    version: 1 + Math.floor(number / KINDS.length / 2),
    since: number * 100,
  }),
);

/** When a node sees each change. */
function seen(seed: number, node: number): number[] {
  const chance = new Chance(seed);
  const watches = new Watches(NODES, 10_000);
  return CHANGES.map((update) => {
    watches.stall(chance, update.since);
    const at = Array.from(
      { length: NODES },
      (_, each) => watches.seenAt(each, update, update.since, chance),
    );
    return at[node] ?? -1;
  });
}

Deno.test(
  "Watches: of one object every version is seen, in its order",
  options,
  () => {
    for (let seed = 0; seed < 50; seed++) {
      const at = seen(seed, 1);
      for (const [number, { kind, index, since }] of CHANGES.entries()) {
        assert((at[number] ?? -1) >= since, "nothing is seen before it is");
        const before = CHANGES.findLastIndex((each, other) =>
          other < number && each.kind === kind && each.index === index
        );
        assert(before < 0 || (at[number] ?? -1) >= (at[before] ?? Infinity));
      }
    }
  },
);

Deno.test(
  "Watches: a later change of another object may be seen first, on some nodes only",
  options,
  () => {
    let overtaken = 0;
    let unequal = 0;
    let stale = 0;
    for (let seed = 0; seed < 50; seed++) {
      const [here, there] = [seen(seed, 0), seen(seed, 1)];
      for (const [number, { since }] of CHANGES.entries()) {
        if ((here[number] ?? 0) > (here[number + 1] ?? Infinity)) overtaken++;
        if (here[number] !== there[number]) unequal++;
        if ((here[number] ?? 0) > since + 2000) stale++;
      }
    }
    const all = 50 * CHANGES.length;
    assert(overtaken > 0.1 * all, `${overtaken} of ${all} were overtaken`);
    assert(unequal > 0.5 * all, `${unequal} were seen at different times`);
    assert(stale > 0.1 * all, `${stale} were held up by a watch`);
  },
);

Deno.test("Watches: a run can be repeated", options, () => {
  assertEquals(seen(7, 2), seen(7, 2));
});
