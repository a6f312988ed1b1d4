import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LabelSelector } from "../crd/mod.ts";
import {
  compileSelector,
  EVERYTHING,
  matchesAny,
  SelectorError,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function selector(fields: Partial<LabelSelector>): LabelSelector {
  return { matchLabels: {}, matchExpressions: [], ...fields };
}

function expression(
  key: string,
  operator: string,
  ...values: string[]
): LabelSelector {
  return selector({ matchExpressions: [{ key, operator, values }] });
}

const cases: readonly {
  selector: LabelSelector;
  text: string;
  matching: readonly Record<string, string>[];
  others: readonly Record<string, string>[];
}[] = [
  { selector: selector({}), text: "", matching: [{}, { a: "b" }], others: [] },
  {
    selector: selector({ matchLabels: { b: "2", a: "1" } }),
    text: "a=1,b=2",
    matching: [{ a: "1", b: "2", c: "3" }],
    others: [{}, { a: "1" }, { a: "1", b: "3" }],
  },
  {
    selector: selector({ matchLabels: { a: "" } }),
    text: "a=",
    matching: [{ a: "" }],
    others: [{}, { a: "x" }],
  },
  {
    selector: expression("a", "In", "y", "x"),
    text: "a in (x,y)",
    matching: [{ a: "x" }, { a: "y" }],
    others: [{}, { a: "z" }],
  },
  {
    selector: expression("a", "NotIn", "x"),
    text: "a notin (x)",
    matching: [{}, { a: "y" }],
    others: [{ a: "x" }],
  },
  {
    selector: expression("a", "Exists"),
    text: "a",
    matching: [{ a: "" }, { a: "x" }],
    others: [{}, { b: "x" }],
  },
  {
    selector: expression("a", "DoesNotExist"),
    text: "!a",
    matching: [{}, { b: "x" }],
    others: [{ a: "" }],
  },
  {
    selector: expression("constructor", "DoesNotExist"),
    text: "!constructor",
    matching: [{}],
    others: [{ constructor: "x" }],
  },
  {
    selector: {
      matchLabels: { "example.com/role": "web" },
      matchExpressions: [{ key: "a", operator: "Exists", values: [] }],
    },
    text: "a,example.com/role=web",
    matching: [{ a: "1", "example.com/role": "web" }],
    others: [{ a: "1" }],
  },
];

for (const each of cases) {
  Deno.test(`compileSelector() matches "${each.text}"`, NO_PERMISSIONS, () => {
    const compiled = compileSelector(each.selector);
    assertEquals(compiled.text, each.text);
    for (const labels of each.matching) {
      assertEquals(compiled.matches(labels), true);
    }
    for (const labels of each.others) {
      assertEquals(compiled.matches(labels), false);
    }
  });
}

const refused: readonly [string, LabelSelector][] = [
  ["In without values", expression("a", "In")],
  ["NotIn without values", expression("a", "NotIn")],
  ["Exists with values", expression("a", "Exists", "x")],
  ["DoesNotExist with values", expression("a", "DoesNotExist", "x")],
  ["an unknown operator", expression("a", "Bogus", "x")],
  ["no operator", expression("a", "")],
  ["an empty key", expression("", "Exists")],
  ["a key with a blank", selector({ matchLabels: { "a b": "c" } })],
  ["a key with two slashes", expression("a/b/c", "Exists")],
  ["a key with an empty prefix", expression("/b", "Exists")],
  ["a key with an upper-case prefix", expression("Example.com/b", "Exists")],
  ["a key of 64 characters", expression("k".repeat(64), "Exists")],
  ["a value with a blank", selector({ matchLabels: { a: "not valid!" } })],
  ["a value that ends in a dot", expression("a", "In", "x.")],
  ["a value of 64 characters", expression("a", "In", "v".repeat(64))],
];

for (const [name, each] of refused) {
  Deno.test(`compileSelector() refuses ${name}`, NO_PERMISSIONS, () => {
    assertThrows(() => compileSelector(each), SelectorError, "Cannot use");
  });
}

Deno.test(
  "matchesAny() takes an empty list for everything",
  NO_PERMISSIONS,
  () => {
    assertEquals(matchesAny([], {}), true);
    assertEquals(matchesAny([EVERYTHING], {}), true);
    const [a, b] = ["a", "b"].map((key) =>
      compileSelector(expression(key, "Exists"))
    );
    assertEquals(a && b && matchesAny([a, b], { b: "" }), true);
    assertEquals(a && b && matchesAny([a, b], { c: "" }), false);
  },
);

const key = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom("", "x", "y");
const labels = fc.dictionary(key, value);

Deno.test(
  "compileSelector() makes NotIn and DoesNotExist the negations",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      key,
      fc.array(value, { minLength: 1 }),
      labels,
      (each, values, given) => {
        const matches = (operator: string, ...list: string[]) =>
          compileSelector(expression(each, operator, ...list)).matches(given);
        assertEquals(matches("NotIn", ...values), !matches("In", ...values));
        assertEquals(matches("DoesNotExist"), !matches("Exists"));
      },
    ));
  },
);
