import { assertEquals, assertStringIncludes } from "@std/assert";
import { conformance } from "./conformance.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const node = "gke-pool-0013d5ab-0";
const election = {
  name: "election-014",
  category: "ipv4",
  nodeNames: [node],
  ip: "192.168.72.4",
  expect: { canonicalIP: "192.168.72.4", order: [node] },
};
const wrong = { ...election, expect: { ...election.expect, order: [] } };
const foreign = {
  name: "native-ipv6",
  category: "bgp-advertisement",
  mode: "native",
  via: "load",
  resources: {},
  expect: { valid: false, class: "nativeIPv6" },
};

const files: Readonly<Record<string, string>> = {
  good: JSON.stringify(election),
  // Another ending and blank lines: the rows alone tell the format.
  "good.txt": `\n${JSON.stringify(election)}\n\n`,
  wrong: `${JSON.stringify(wrong)}\n`,
  mixed: `${JSON.stringify(election)}\n${JSON.stringify(foreign)}\n`,
  broken: `${JSON.stringify(election)}\n{"name":`,
  unknown: '{"name":"x","category":"y"}',
};

async function run(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await conformance(args, {
    readText: (file) => {
      const text = files[file];
      return text === undefined
        ? Promise.reject(new Error("no such file"))
        : Promise.resolve(text);
    },
    out: (text) => out += text,
    err: (text) => err += text,
  });
  return { code, out, err };
}

Deno.test(
  "conformance closes with the counts of all files",
  NO_PERMISSIONS,
  async () => {
    assertEquals(await run("good", "good.txt"), {
      code: 0,
      out: "2 passed, 0 failed, 0 skipped\n",
      err: "",
    });
  },
);

Deno.test(
  "conformance prints failing cases and exits with 1",
  NO_PERMISSIONS,
  async () => {
    const { code, out } = await run("good", "wrong");
    assertEquals(code, 1);
    assertStringIncludes(
      out,
      "FAILED wrong:1 election-014 (election): differs at order",
    );
    assertStringIncludes(out, '"order":["gke-pool-0013d5ab-0"]');
    assertEquals(out.endsWith("\n1 passed, 1 failed, 0 skipped\n"), true);
  },
);

Deno.test("conformance says why it skips rows", NO_PERMISSIONS, async () => {
  const { code, out } = await run("mixed");
  assertEquals(code, 0);
  assertEquals(
    out,
    "SKIPPED mixed: 1 rows, config: not ours: nativeIPv6\n1 passed, 0 failed, 1 skipped\n",
  );
});

const refusals: readonly [string, readonly string[], string][] = [
  ["no file", [], "Cannot replay anything: name at least one file\n\nUsage:"],
  ["an option", ["--all"], "Cannot use --all"],
  ["an unreadable file", ["good", "none"], "Cannot read none: no such file"],
  ["a line that is no JSON", ["broken"], "Cannot replay broken:2: "],
  ["a row of no known format", ["unknown"], "Cannot replay unknown:1 (x): "],
];

for (const [name, args, message] of refusals) {
  Deno.test(
    `conformance exits with 2 for ${name}`,
    NO_PERMISSIONS,
    async () => {
      const { code, out, err } = await run(...args);
      assertEquals([code, out], [2, ""]);
      assertEquals(err.startsWith(message), true, err);
    },
  );
}

Deno.test("conformance --help shows the usage", NO_PERMISSIONS, async () => {
  const { code, out } = await run("--help");
  assertEquals(code, 0);
  assertStringIncludes(out, "Usage: deno task conformance FILE...");
});
