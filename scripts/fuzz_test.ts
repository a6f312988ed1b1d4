import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { WireError } from "../mod/net/mod.ts";
import { fromHex, toHex } from "../tests/bytes.ts";
import { fuzz, type RunOptions } from "../tests/fuzz/fuzz.ts";
import { makeInput } from "../tests/fuzz/input.ts";
import { decoderTarget, type FuzzTarget } from "../tests/fuzz/target.ts";
import { targets } from "../tests/fuzz/targets.ts";
import { parseFuzzArguments } from "./fuzz.ts";

const pure = { permissions: "none" } as const;
const EXECUTIONS = 1000;
/** Targets that take any input. */
const TAKES_ALL = ["ndp-receive"];

function times(count: number): RunOptions {
  return { seed: 1, goesOn: (index) => index < count, now: () => 0 };
}

Deno.test.each(targets)(
  "fuzzing $name finds nothing and reaches both answers",
  pure,
  (target) => {
    const report = fuzz(target, times(EXECUTIONS));
    assertEquals(report.finding, undefined);
    assertEquals(report.executions, EXECUTIONS);
    assertGreater(report.accepted, 0);
    assertEquals(
      report.accepted === EXECUTIONS,
      TAKES_ALL.includes(target.name),
    );
  },
);

Deno.test.each(targets)("the seeds of $name are valid", pure, (target) => {
  assertGreater(target.seeds.length, 0);
  for (const seed of target.seeds) assertEquals(target.run(seed), "accepted");
});

Deno.test("targets have names of their own", pure, () => {
  assertEquals(
    new Set(targets.map((target) => target.name)).size,
    targets.length,
  );
  assertGreater(targets.length, 10);
});

/** Accepts "ab", refuses the rest, but for one planted fault. */
function planted(fault: (bytes: Uint8Array) => void): FuzzTarget {
  return decoderTarget({
    name: "planted",
    seeds: [fromHex("6162")],
    decode: (bytes) => {
      fault(bytes);
      if (toHex(bytes) !== "6162") {
        throw new WireError("text", 0, "it is not ab");
      }
      return "ab";
    },
    refusal: WireError,
  });
}

Deno.test("fuzz() reports an error that is not the decoder's own", pure, () => {
  const target = planted((bytes) => {
    if (bytes.length === 1) new DataView(bytes.buffer).getUint16(0);
  });
  const { finding, executions } = fuzz(target, times(EXECUTIONS));
  assertEquals(finding?.target, "planted");
  assertEquals(finding?.seed, 1);
  assertEquals(finding?.index, executions - 1);
  assertEquals(finding?.hex.length, 2);
  assertStringIncludes(finding?.problem ?? "", "RangeError");
});

Deno.test(
  "fuzz() makes the input of a finding again from seed and index",
  pure,
  () => {
    const target = planted((bytes) => {
      if (bytes.length > 4) throw new TypeError("too long");
    });
    const { finding } = fuzz(target, times(EXECUTIONS));
    const index = finding?.index ?? -1;
    assertEquals(toHex(makeInput(target.seeds, 1, index)), finding?.hex);
    const again = fuzz(target, { ...times(index + 1), from: index });
    assertEquals(again.finding?.hex, finding?.hex);
    assertEquals(again.executions, 1);
  },
);

Deno.test(
  "fuzz() reports an input that is slow each time, not one pause",
  pure,
  () => {
    let clock = 0;
    let pauses = 1;
    const slow = planted((bytes) => {
      if (bytes.length === 1) clock += 150;
      else if (pauses > 0) clock += 150 * pauses--;
    });
    const options = { ...times(EXECUTIONS), now: () => clock };
    const { finding } = fuzz(slow, options);
    assertEquals(finding?.problem, "It takes 150 ms");
    assertEquals(finding?.hex.length, 2);
    assertEquals(pauses, 0);
  },
);

Deno.test("fuzz() reports a round trip that changes the value", pure, () => {
  const target = decoderTarget({
    name: "drifting",
    seeds: [fromHex("00")],
    decode: (bytes) => bytes[0] ?? 0,
    encode: (value) => Uint8Array.of(value + 1),
  });
  const { finding } = fuzz(target, times(EXECUTIONS));
  assertStringIncludes(finding?.problem ?? "", "encoded again");
});

Deno.test(
  "makeInput() depends on seed and index only, and varies with both",
  pure,
  () => {
    const seeds = [fromHex("000102030405060708090a0b0c0d0e0f")];
    const inputs = (seed: number): string[] =>
      Array.from(
        { length: 200 },
        (_, index) => toHex(makeInput(seeds, seed, index)),
      );
    assertEquals(inputs(7), inputs(7));
    assertGreater(new Set(inputs(7)).size, 150);
    const other = new Set(inputs(8));
    assertGreater(inputs(7).filter((hex) => !other.has(hex)).length, 100);
  },
);

const all = targets.map((target) => target.name);

Deno.test.each([
  { args: [], expected: { names: all, seconds: 13 } },
  { args: ["arp"], expected: { names: ["arp"], seconds: 13 } },
  {
    args: ["--seconds", "2.5", "--seed=0", "arp", "ndp"],
    expected: { names: ["arp", "ndp"], seconds: 2.5, seed: 0 },
  },
  {
    args: ["--seed", "4294967295"],
    expected: { names: all, seconds: 13, seed: 4294967295 },
  },
])("parseFuzzArguments() reads $args", pure, ({ args, expected }) => {
  assertEquals<unknown>(parseFuzzArguments(args), expected);
});

Deno.test.each([
  { args: ["--sceonds", "1"], says: 'Unknown option "--sceonds"' },
  { args: ["apr"], says: 'Unknown target "apr"' },
  { args: ["--seconds", "0"], says: "--seconds" },
  { args: ["--seconds", "soon"], says: "--seconds" },
  { args: ["--seconds"], says: "--seconds" },
  { args: ["--seed", "-1"], says: "--seed" },
  { args: ["--seed", "1.5"], says: "--seed" },
  { args: ["--seed", "4294967296"], says: "--seed" },
])("parseFuzzArguments() refuses $args", pure, ({ args, says }) => {
  const problem = parseFuzzArguments(args);
  assertStringIncludes(
    typeof problem === "string" ? problem : "accepted",
    says,
  );
});
