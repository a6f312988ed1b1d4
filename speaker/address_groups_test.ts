import { assertEquals } from "@std/assert";
import { AddressGroups } from "./address_groups.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

Deno.test("AddressGroups joins Services through others", NO_PERMISSIONS, () => {
  const groups = new AddressGroups();
  groups.set("c", ["2"]);
  groups.set("a", ["1"]);
  groups.set("b", ["1", "2"]);
  groups.set("d", ["3"]);
  assertEquals(groups.of("a"), ["a", "b", "c"]);
  assertEquals(groups.of("c"), ["a", "b", "c"]);
  assertEquals(groups.of("d"), ["d"]);
});

Deno.test(
  "AddressGroups splits a group whose link has moved",
  NO_PERMISSIONS,
  () => {
    const groups = new AddressGroups();
    groups.set("a", ["1"]);
    groups.set("b", ["1", "2"]);
    groups.set("c", ["2"]);
    groups.set("b", ["2"]);
    assertEquals(groups.of("a"), ["a"]);
    assertEquals(groups.of("b"), ["b", "c"]);
    groups.set("b", []);
    assertEquals(groups.of("b"), ["b"]);
    assertEquals(groups.of("c"), ["c"]);
  },
);

Deno.test(
  "AddressGroups knows a stranger as a group of its own",
  NO_PERMISSIONS,
  () => {
    assertEquals(new AddressGroups().of("x"), ["x"]);
  },
);
