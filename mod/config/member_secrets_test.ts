import { assert, assertEquals } from "@std/assert";
import { readMemberSecrets, type SecretTexts } from "./mod.ts";

const pure = { permissions: "none" } as const;
const NONE: SecretTexts = {
  primary: undefined,
  next: undefined,
  previous: undefined,
};

Deno.test.each([
  { what: "the only one", texts: { primary: "a" }, primary: "a", accepted: [] },
  {
    what: "a coming one",
    texts: { primary: "a", next: "b" },
    primary: "a",
    accepted: ["b"],
  },
  {
    what: "a past one",
    texts: { primary: "b", previous: "a" },
    primary: "b",
    accepted: ["a"],
  },
  {
    what: "both",
    texts: { primary: "b", next: "c", previous: "a" },
    primary: "b",
    accepted: ["c", "a"],
  },
  {
    what: "one that is there twice",
    texts: { primary: "b", next: "b", previous: "b" },
    primary: "b",
    accepted: [],
  },
  {
    what: "one of several lines, with a break at its end",
    texts: { primary: "a\nb\n" },
    primary: "a\nb\n",
    accepted: [],
  },
])("readMemberSecrets() takes $what", pure, (row) => {
  const { primary, accepted } = row;
  assertEquals(readMemberSecrets({ ...NONE, ...row.texts }), {
    kind: "secrets",
    secrets: { primary, accepted },
  });
});

Deno.test.each([
  { what: "none", texts: {}, problems: ["secretkey is missing"] },
  { what: "an empty one", texts: { primary: "" }, problems: ["secretkey is"] },
  {
    what: "only a coming one",
    texts: { next: "b" },
    problems: ["secretkey is missing"],
  },
  {
    what: "empty ones beside it",
    texts: { primary: "xyzzy", next: "", previous: "" },
    problems: ["secretkey-next is empty", "secretkey-previous is empty"],
  },
])("readMemberSecrets() refuses $what", pure, (row) => {
  const result = readMemberSecrets({ ...NONE, ...row.texts });
  assert(result.kind === "refused");
  assertEquals(result.problems.length, row.problems.length);
  for (const [at, start] of row.problems.entries()) {
    assert(result.problems[at]?.startsWith(start), result.problems[at]);
    assert(!result.problems[at]?.includes("xyzzy"), "it tells the secret");
  }
});
