import { assertEquals } from "@std/assert";
import { fromHex } from "../../tests/bytes.ts";
import {
  incompatibility,
  ownVersions,
  versionsFromBytes,
  versionsToBytes,
} from "./versions.ts";

const pure = { permissions: "none" } as const;

Deno.test("versions survive the wire; more than six are ignored", pure, () => {
  const versions = ownVersions(2);
  assertEquals(versionsToBytes(versions), fromHex("010502000000"));
  assertEquals(versionsFromBytes(fromHex("010502000000ff")), versions);
});

Deno.test.each([
  { name: "none", bytes: null },
  { name: "too few", bytes: fromHex("0105020000") },
  { name: "a least version of 0", bytes: fromHex("000502000000") },
  { name: "a greatest below the least", bytes: fromHex("030202000000") },
])("versionsFromBytes() refuses $name", pure, ({ bytes }) => {
  assertEquals(versionsFromBytes(bytes), undefined);
});

function member(name: string, hex: string) {
  const versions = versionsFromBytes(fromHex(hex));
  if (versions === undefined) throw new RangeError(hex);
  return { name, versions };
}

Deno.test.each([
  { name: "no members", members: [], problem: undefined },
  {
    name: "the same versions",
    members: [member("a", "010502000000"), member("b", "010502000000")],
    problem: undefined,
  },
  {
    name: "a version that the other understands",
    members: [member("a", "010502000000"), member("b", "010505000000")],
    problem: undefined,
  },
  {
    name: "a version that is too new for the other",
    members: [member("a", "010302000000"), member("b", "010504000000")],
    problem: "b speaks protocol version 4, others understand 1 to 3",
  },
  {
    name: "a version that is too old for the other",
    members: [member("a", "010501000000"), member("b", "020502000000")],
    problem: "a speaks protocol version 1, others understand 2 to 5",
  },
  {
    name: "another application",
    members: [member("a", "010502010101"), member("b", "010502020202")],
    problem: "a speaks delegate version 1, others understand 2 to 1",
  },
])("incompatibility() of $name", pure, ({ members, problem }) => {
  assertEquals(incompatibility(members), problem);
});
