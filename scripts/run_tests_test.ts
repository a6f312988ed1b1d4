import { assertEquals } from "@std/assert";
import { type Count, judgeGroup, readSummary } from "./run_tests.ts";

const count = (passed: number, failed: number, skipped: number): Count => ({
  passed,
  failed,
  skipped,
});

Deno.test("readSummary() reads how deno test closes", {
  permissions: "none",
}, () => {
  const rows: readonly [string, Count | undefined][] = [
    ["ok | 12 passed | 0 failed (3s)", count(12, 0, 0)],
    ["ok | 1 passed (2 steps) | 0 failed | 3 ignored (1s)", count(1, 0, 3)],
    ["FAILED | 4 passed | 2 failed (1 step) (9ms)", count(4, 2, 0)],
    ["ok | 0 passed | 0 failed | 8 filtered out (9ms)", count(0, 0, 0)],
    ["a test ... ok (3ms)", undefined],
    ["error: Test failed", undefined],
  ];
  for (const [line, expected] of rows) {
    assertEquals(readSummary(line), expected, line);
  }
});

Deno.test("judgeGroup() fails a group that cannot have proved anything", {
  permissions: "none",
}, () => {
  const rows: readonly {
    readonly name: string;
    readonly run: Parameters<typeof judgeGroup>[0];
    readonly gives: Count;
  }[] = [
    {
      name: "all passed",
      run: { code: 0, summary: count(3, 0, 1), chosen: false },
      gives: count(3, 0, 1),
    },
    {
      name: "one failed",
      run: { code: 1, summary: count(3, 1, 0), chosen: false },
      gives: count(3, 1, 0),
    },
    {
      name: "did not compile",
      run: { code: 1, summary: undefined, chosen: false },
      gives: count(0, 1, 0),
    },
    {
      name: "leaked after the last test",
      run: { code: 1, summary: count(3, 0, 0), chosen: false },
      gives: count(3, 1, 0),
    },
    {
      name: "its tests are gone",
      run: { code: 0, summary: count(0, 0, 0), chosen: false },
      gives: count(0, 1, 0),
    },
    {
      name: "ended well without a word",
      run: { code: 0, summary: undefined, chosen: true },
      gives: count(0, 1, 0),
    },
    {
      name: "all are skipped with a reason",
      run: { code: 0, summary: count(0, 0, 5), chosen: false },
      gives: count(0, 0, 5),
    },
    {
      name: "the filter chose none of them",
      run: { code: 0, summary: count(0, 0, 0), chosen: true },
      gives: count(0, 0, 0),
    },
  ];
  for (const { name, run, gives } of rows) {
    assertEquals(judgeGroup(run), gives, name);
  }
});
