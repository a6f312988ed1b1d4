import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AddressSet } from "./address_set.ts";

const SIZES = [1n, 2n, 31n, 32n, 33n, 1024n, 1025n, 2n ** 64n, 2n ** 128n];

for (const size of SIZES) {
  Deno.test(`AddressSet of ${size} holds its first and last index`, {
    permissions: "none",
  }, () => {
    const set = new AddressSet(size);
    const last = size - 1n;
    assertEquals(set.add(last), true);
    assertEquals(set.add(last), false);
    assertEquals(set.has(last), true);
    assertEquals(set.firstAbsent(), size === 1n ? undefined : 0n);
    assertEquals(set.delete(last), true);
    assertEquals(set.delete(last), false);
    assertEquals(set.count, 0);
    assertEquals(set.firstAbsent(), 0n);
  });
}

Deno.test("AddressSet refuses indexes outside its size", {
  permissions: "none",
}, () => {
  const set = new AddressSet(32n);
  assertThrows(() => set.add(32n), RangeError);
  assertThrows(() => set.add(-1n), RangeError);
  assertEquals(set.has(32n), false);
  assertEquals(set.has(64n), false);
  assertEquals(set.delete(32n), false);
  assertEquals(new AddressSet(0n).firstAbsent(), undefined);
});

Deno.test("AddressSet gives out every index exactly once, lowest first", {
  permissions: "none",
}, () => {
  const size = 2100n;
  const set = new AddressSet(size);
  for (let expected = 0n; expected < size; expected++) {
    assertEquals(set.firstAbsent(), expected);
    set.add(expected);
  }
  assertEquals(set.firstAbsent(), undefined);
  set.delete(1055n);
  assertEquals(set.firstAbsent(), 1055n);
});

/** The same set, as slowly as can be. */
function lowestGap(members: ReadonlySet<bigint>, size: bigint) {
  for (let index = 0n; index < size; index++) {
    if (!members.has(index)) return index;
  }
  return undefined;
}

Deno.test("AddressSet agrees with a plain set over random histories", {
  permissions: "none",
}, () => {
  const size = 70n;
  const operation = fc.tuple(fc.boolean(), fc.bigInt(0n, size - 1n));
  fc.assert(fc.property(fc.array(operation, { maxLength: 300 }), (history) => {
    const set = new AddressSet(size);
    const model = new Set<bigint>();
    for (const [adds, index] of history) {
      assertEquals(
        adds ? set.add(index) : set.delete(index),
        adds ? !model.has(index) : model.has(index),
      );
      if (adds) model.add(index);
      else model.delete(index);
      assertEquals(set.count, model.size);
      assertEquals(set.firstAbsent(), lowestGap(model, size));
    }
  }));
});

Deno.test("firstOutside() finds the lowest member in no other set", {
  permissions: "none",
}, () => {
  const size = 5000n;
  const members = fc.uniqueArray(fc.bigInt(0n, size - 1n), { maxLength: 60 });
  const cuts = fc.array(fc.array(fc.boolean(), { maxLength: 60 }), {
    maxLength: 3,
  });
  fc.assert(fc.property(members, cuts, (all, subsets) => {
    const set = setOf(all, size);
    const chosen = subsets.map((keep) => all.filter((_, index) => keep[index]));
    const outside = all.filter((index) =>
      !chosen.some((subset) => subset.includes(index))
    );
    const [lowest] = outside.toSorted((a, b) => (a < b ? -1 : 1));
    assertEquals(
      set.firstOutside(chosen.map((subset) => setOf(subset, size))),
      lowest,
    );
  }));
});

function setOf(members: readonly bigint[], size: bigint): AddressSet {
  const set = new AddressSet(size);
  for (const index of members) set.add(index);
  return set;
}
