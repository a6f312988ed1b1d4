import { assertEquals, assertThrows } from "@std/assert";
import { readOptions } from "./simulate.ts";

const NOTHING = {
  mixes: undefined,
  runs: undefined,
  seed: undefined,
  without: undefined,
  scenario: undefined,
  lists: false,
};

const READ = [
  { args: [], options: NOTHING },
  {
    args: ["--mix", "crash,split", "--runs=5", "--seed", "7"],
    options: { ...NOTHING, mixes: ["crash", "split"], runs: 5, seed: 7 },
  },
  {
    args: ["--without", "veto", "--list"],
    options: { ...NOTHING, without: "veto", lists: true },
  },
  {
    args: ["--without=all"],
    options: { ...NOTHING, without: "all" },
  },
];
Deno.test.each(READ)(
  "readOptions() understands $args",
  { permissions: "none" },
  ({ args, options }) => assertEquals(readOptions(args), options),
);

const REFUSED = [
  { args: ["--mix", "earthquake"], message: `Unknown mix "earthquake"` },
  { args: ["--without", "luck"], message: `Unknown rule "luck"` },
  { args: ["--runs", "many"], message: "Cannot read --runs=many" },
  { args: ["--fast"], message: `Cannot understand "--fast"` },
];
Deno.test.each(REFUSED)(
  "readOptions() refuses $args",
  { permissions: "none" },
  ({ args, message }) => {
    assertThrows(() => readOptions(args), RangeError, message);
  },
);
