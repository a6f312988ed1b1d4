import { assert, assertEquals, assertRejects } from "@std/assert";
import { refusalOf } from "./config.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { foreignLimit } from "./foreign_limits.ts";
import { CorpusError, count, describeFailure, replay } from "./replay.ts";
import { objectOf } from "./rows.ts";
import {
  compare,
  differences,
  type Format,
  judge,
  type Row,
} from "./runner.ts";

const READ: { permissions: Deno.PermissionOptions } = {
  permissions: { read: [new URL(".", import.meta.url)] },
};
const NO_PERMISSIONS = { permissions: "none" } as const;

const corpora = {
  allocation: { rows: 365, skipped: 0 },
  "bgp-wire": { rows: 61, skipped: 61 },
  bgp: { rows: 173, skipped: 173 },
  config: { rows: 427, skipped: 40 },
  election: { rows: 140, skipped: 0 },
  layer2: { rows: 267, skipped: 0 },
  "memberlist-wire": { rows: 75, skipped: 0 },
} as const;

function readCorpus(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`${name}.jsonl`, import.meta.url));
}

function rowsOf(text: string): readonly Row[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Row);
}

for (const [name, { rows, skipped }] of Object.entries(corpora)) {
  const left = skipped === 0 ? "" : `, ${skipped} are left out`;
  Deno.test(
    `${name}.jsonl: ${rows - skipped} rows come out as recorded${left}`,
    READ,
    async () => {
      const file = `${name}.jsonl`;
      const results = await replay(await readCorpus(name), file);
      const failures = results
        .filter(({ verdict }) => verdict.kind === "failed")
        .map((result) => describeFailure(result, file));
      assertEquals(failures, []);
      assertEquals(count(results), {
        passed: rows - skipped,
        failed: 0,
        skipped,
      });
      assert(results.every(({ format }) => format === name));
    },
  );

  Deno.test(
    `${name}.jsonl: exceptions name its rows and are at most 3 %`,
    READ,
    async () => {
      const names = new Set(
        rowsOf(await readCorpus(name)).map((row) => row.name),
      );
      const exceptions = EXCEPTIONS.filter(({ format }) => format === name);
      for (const { row } of exceptions) {
        assert(names.has(row), `no row "${row}"`);
      }
      assertEquals(
        new Set(exceptions.map(({ row }) => row)).size,
        exceptions.length,
      );
      assert(exceptions.length <= rows * 0.03);
    },
  );
}

Deno.test("every exception belongs to a corpus", NO_PERMISSIONS, () => {
  for (const { format } of EXCEPTIONS) {
    assert(Object.hasOwn(corpora, format), format);
  }
});

/** Rows of foreign limits in which we find something else that is wrong. */
const OTHERWISE_WRONG: Readonly<Record<string, string>> = {
  "admission-027-bfd-echo-v6": "bfdEchoWithIPv6",
  "bgp-advertisement-046-v6": "aggregationLengthOutOfRange",
  "peer-011": "dynamicASNInvalid",
  "peer-013": "peerASNAndDynamicASN",
  "peer-027": "peerAddressAndInterface",
  "peer-063": "bfdProfileMissing",
  "peer-065": "bfdProfileMissing",
  "peer-pair-016-same-name-same": "duplicatePeer",
  "peer-pair-017-same-name-same": "duplicatePeer",
  "random-015": "holdTimeInvalid",
  "random-025": "aggregationLengthTooShort",
  "random-032": "holdTimeInvalid",
};

Deno.test(
  "config.jsonl: what only another implementation cannot do is accepted",
  READ,
  async () => {
    const refused: Record<string, string> = {};
    let checked = 0;
    for (const row of rowsOf(await readCorpus("config"))) {
      if (foreignLimit(objectOf(row, "expect")["class"]) === undefined) {
        continue;
      }
      checked++;
      const refusal = refusalOf(row);
      if (refusal !== undefined) refused[row.name] = refusal.class;
    }
    assertEquals(refused, OTHERWISE_WRONG);
    assertEquals(checked, 40);
  },
);

const row = '{"name":"r","category":"c","n":1}';
const even: Format = {
  name: "even",
  recognises: ({ n }) => typeof n === "number",
  run: ({ n }) => compare({ even: true }, { even: Number(n) % 2 === 0 }),
};
const tables = { formats: [even], exceptions: [] };

const malformed: readonly { name: string; text: string; message: string }[] = [
  { name: "no rows", text: "\n \n", message: "f: it holds no rows" },
  { name: "no JSON", text: `${row}\n{"name":`, message: "f:2: " },
  { name: "no object", text: `[]`, message: "f:1: the line is no JSON object" },
  {
    name: "no name",
    text: `{"category":"c"}`,
    message: "f:1: the line is no JSON object",
  },
  {
    name: "no category",
    text: `{"name":"r"}`,
    message: "f:1: the line is no JSON object",
  },
  {
    name: "an unknown format",
    text: `\n{"name":"r","category":"c"}`,
    message: "f:2 (r): the row is in none of the formats even",
  },
  {
    name: "a name twice",
    text: `${row}\n${row}`,
    message: 'f:2: the name "r" stands on line 1 already',
  },
];

for (const each of malformed) {
  Deno.test(`replay() refuses ${each.name}`, NO_PERMISSIONS, async () => {
    await assertRejects(
      () => replay(each.text, "f", tables),
      CorpusError,
      `Cannot replay ${each.message}`,
    );
  });
}

Deno.test(
  "replay() reports a failing row with expected and got",
  NO_PERMISSIONS,
  async () => {
    const [result] = await replay(`\n${row}\n`, "f", tables);
    assert(result !== undefined);
    assertEquals(
      describeFailure(result, "f"),
      'FAILED f:2 r (even): differs at even\n  expected {"even":true}\n  got      {"even":false}',
    );
  },
);

Deno.test(
  "replay() takes a runner that throws for a failed row",
  NO_PERMISSIONS,
  async () => {
    const throwing: Format = {
      ...even,
      run: () => {
        throw new TypeError("unexpected row");
      },
    };
    const results = await replay(row, "f", { ...tables, formats: [throwing] });
    assertEquals(count(results), { passed: 0, failed: 1, skipped: 0 });
  },
);

const exception = {
  format: "even",
  row: "r",
  section: "12",
  because: "odd is fine",
  ours: { even: false },
};

Deno.test(
  "replay() checks an exception against our result",
  NO_PERMISSIONS,
  async () => {
    const kindWith = async (ours: Record<string, unknown>, text = row) => {
      const exceptions = [{ ...exception, ours }];
      const [result] = await replay(text, "f", { ...tables, exceptions });
      return result?.verdict.kind;
    };
    assertEquals(await kindWith({ even: false }), "passed");
    assertEquals(await kindWith({ even: 7 }), "failed");
    assertEquals(await kindWith({}), "failed");
    assertEquals(
      await kindWith({ even: false }, row.replace("1", "2")),
      "failed",
    );
  },
);

Deno.test("judge() leaves skipped rows alone", NO_PERMISSIONS, () => {
  const skipped = { kind: "skipped", reason: "later" } as const;
  assertEquals(judge(skipped, exception), skipped);
});

Deno.test("differences() lists places with our values", NO_PERMISSIONS, () => {
  assertEquals(
    differences(
      { same: 1, a: { b: [1, 2] }, list: [1], gone: 0 },
      { a: { b: [1, 3] }, list: [1, 2], same: 1, extra: null },
    ),
    { "a.b[1]": 3, list: [1, 2], gone: "(absent)", extra: null },
  );
  assertEquals(differences([1], [1]), {});
  assertEquals(differences(1, 2), { "(root)": 2 });
});
