import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { equalJson, type Json } from "./json.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "./json_patch.ts";

/** RFC 7386 appendix A: original, patch, result. */
const MERGES: readonly (readonly [Json, Json, Json])[] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [["a", "b"], ["c", "d"], ["c", "d"]],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

Deno.test("applyMergePatch() follows RFC 7386 appendix A", {
  permissions: "none",
}, () => {
  assertEquals(MERGES.length, 15);
  for (const [target, patch, expected] of MERGES) {
    assertEquals(applyMergePatch(target, patch), expected);
  }
});

/** Cases of RFC 6902 appendix A and of RFC 6901 section 5. */
const PATCHES: readonly {
  readonly name: string;
  readonly document: Json;
  readonly patch: readonly Json[];
  readonly result: Json;
}[] = [
  {
    name: "A.1 add an object member",
    document: { foo: "bar" },
    patch: [{ op: "add", path: "/baz", value: "qux" }],
    result: { foo: "bar", baz: "qux" },
  },
  {
    name: "A.2 add an array element",
    document: { foo: ["bar", "baz"] },
    patch: [{ op: "add", path: "/foo/1", value: "qux" }],
    result: { foo: ["bar", "qux", "baz"] },
  },
  {
    name: "A.3 remove an object member",
    document: { baz: "qux", foo: "bar" },
    patch: [{ op: "remove", path: "/baz" }],
    result: { foo: "bar" },
  },
  {
    name: "A.4 remove an array element",
    document: { foo: ["bar", "qux", "baz"] },
    patch: [{ op: "remove", path: "/foo/1" }],
    result: { foo: ["bar", "baz"] },
  },
  {
    name: "A.5 replace a value",
    document: { baz: "qux", foo: "bar" },
    patch: [{ op: "replace", path: "/baz", value: "boo" }],
    result: { baz: "boo", foo: "bar" },
  },
  {
    name: "A.6 move a value",
    document: { foo: { bar: "baz", waldo: "fred" }, qux: {} },
    patch: [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
    result: { foo: { bar: "baz" }, qux: { thud: "fred" } },
  },
  {
    name: "A.7 move an array element",
    document: { foo: ["all", "grass", "cows", "eat"] },
    patch: [{ op: "move", from: "/foo/1", path: "/foo/3" }],
    result: { foo: ["all", "cows", "eat", "grass"] },
  },
  {
    name: "A.8 test a value that is there",
    document: { baz: "qux", foo: ["a", 2, "c"] },
    patch: [
      { op: "test", path: "/baz", value: "qux" },
      { op: "test", path: "/foo/1", value: 2 },
    ],
    result: { baz: "qux", foo: ["a", 2, "c"] },
  },
  {
    name: "A.10 add a nested member object",
    document: { foo: "bar" },
    patch: [{ op: "add", path: "/child", value: { grandchild: {} } }],
    result: { foo: "bar", child: { grandchild: {} } },
  },
  {
    name: "A.14 escape order",
    document: { "/": 9, "~1": 10 },
    patch: [{ op: "test", path: "/~01", value: 10 }],
    result: { "/": 9, "~1": 10 },
  },
  {
    name: "A.16 add an array value",
    document: { foo: ["bar"] },
    patch: [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
    result: { foo: ["bar", ["abc", "def"]] },
  },
  {
    name: "copy a value",
    document: { a: { b: 1 } },
    patch: [{ op: "copy", from: "/a", path: "/c" }],
    result: { a: { b: 1 }, c: { b: 1 } },
  },
  {
    name: "a member with an empty name",
    document: { "": 1 },
    patch: [{ op: "replace", path: "/", value: 2 }],
    result: { "": 2 },
  },
  {
    name: "the whole document",
    document: { a: 1 },
    patch: [{ op: "replace", path: "", value: { b: 2 } }],
    result: { b: 2 },
  },
];

Deno.test("applyJsonPatch() follows RFC 6902 appendix A", {
  permissions: "none",
}, () => {
  assertEquals(PATCHES.length, 14);
  for (const { name, document, patch, result } of PATCHES) {
    assertEquals(applyJsonPatch(document, patch), result, name);
  }
});

const DOCUMENT: Json = { foo: ["a"], bar: { baz: 1 } };

const REFUSED: readonly (readonly [string, Json])[] = [
  ["no list", {}],
  ["no operation", [1]],
  ["no op", [{ path: "/foo" }]],
  ["an unknown op", [{ op: "set", path: "/foo", value: 1 }]],
  ["no path", [{ op: "remove" }]],
  ["a path without slash", [{ op: "remove", path: "foo" }]],
  ["no value", [{ op: "add", path: "/foo" }]],
  ["a failed test", [{ op: "test", path: "/bar/baz", value: 2 }]],
  ["a test of what is missing", [{ op: "test", path: "/nope", value: null }]],
  ["a missing target of remove", [{ op: "remove", path: "/nope" }]],
  ["a missing target of replace", [{ op: "replace", path: "/n", value: 1 }]],
  ["a missing parent", [{ op: "add", path: "/nope/x", value: 1 }]],
  ["an index out of range", [{ op: "add", path: "/foo/2", value: 1 }]],
  ["a leading zero", [{ op: "replace", path: "/foo/00", value: 1 }]],
  ["the end as a source", [{ op: "remove", path: "/foo/-" }]],
  ["a child of a plain value", [{ op: "add", path: "/bar/baz/x", value: 1 }]],
  ["removing everything", [{ op: "remove", path: "" }]],
  ["a move into itself", [{ op: "move", from: "/bar", path: "/bar/in" }]],
];

Deno.test("applyJsonPatch() refuses what it cannot apply", {
  permissions: "none",
}, () => {
  for (const [name, patch] of REFUSED) {
    assertThrows(
      () => applyJsonPatch(DOCUMENT, patch),
      PatchError,
      "Cannot",
      name,
    );
  }
});

/** JSON values; merge patches cannot express null, so it is left out where they are made. */
function jsonValue(withNull: boolean): fc.Arbitrary<Json> {
  const key = fc.constantFrom("a", "b", "c", "__proto__", "x/y", "~");
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.boolean(),
      ...(withNull ? [fc.constant(null)] : []),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 })
        .map((members) => Object.fromEntries(members)),
    ),
  }));
  return value;
}

/** The merge patch from one value to another. */
function mergeDiff(from: Json, to: Json): Json {
  const isMap = (value: Json): value is { readonly [key: string]: Json } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap(from) || !isMap(to)) return to;
  const removed = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const changed = Object.entries(to).map(([key, value]) => {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    return [key, before === undefined ? value : mergeDiff(before, value)];
  });
  return Object.fromEntries([
    ...removed.map((key) => [key, null]),
    ...changed,
  ]);
}

Deno.test(
  "applyMergePatch() turns any value into any other by their difference",
  { permissions: "none" },
  () => {
    fc.assert(fc.property(jsonValue(false), jsonValue(false), (from, to) => {
      const before = JSON.stringify(from);
      const patch = mergeDiff(from, to);
      const patched = applyMergePatch(from, patch);
      assertEquals(equalJson(patched, to), true);
      // Once more changes nothing, and the input stays as it was.
      assertEquals(equalJson(applyMergePatch(patched, patch), to), true);
      assertEquals(JSON.stringify(from), before);
    }));
  },
);

function pointers(value: Json, at: string): string[] {
  const escape = (key: string) =>
    key.replaceAll("~", "~0").replaceAll("/", "~1");
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => [
      `${at}/${index}`,
      ...pointers(item, `${at}/${index}`),
    ]);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${at}/${escape(key)}`,
    ...pointers(member, `${at}/${escape(key)}`),
  ]);
}

Deno.test(
  "applyJsonPatch() undoes a removal by adding, and a move by moving back",
  { permissions: "none" },
  () => {
    fc.assert(fc.property(jsonValue(true), fc.nat(), (document, choice) => {
      const paths = pointers(document, "");
      const path = paths[choice % Math.max(1, paths.length)];
      fc.pre(path !== undefined);
      const wrapped = { document, aside: {} };
      const from = `/document${path}`;
      const there = [{ op: "move", from, path: "/aside/kept" }];
      const back = [{ op: "move", from: "/aside/kept", path: from }];
      const moved = applyJsonPatch(wrapped, there);
      assertEquals(equalJson(moved, wrapped), false);
      assertEquals(equalJson(applyJsonPatch(moved, back), wrapped), true);
    }));
  },
);
