import { assertEquals } from "@std/assert";
import { type Answering, judgeAnswers, type SeenAnswer } from "./answering.ts";

const GAP_MS = 20;

/** Answers every 5 ms. */
function steady(mac: string, fromMs: number, toMs: number): SeenAnswer[] {
  const count = (toMs - fromMs) / 5 + 1;
  return Array.from({ length: count }, (_, i) => ({
    mac,
    atMs: fromMs + 5 * i,
  }));
}

const CASES: readonly {
  readonly name: string;
  readonly answers: readonly SeenAnswer[];
  readonly expected: Answering;
}[] = [
  {
    name: "nobody",
    answers: [],
    expected: { twoMs: 0, lastTwoMs: -Infinity, silenceMs: 0 },
  },
  {
    name: "one hands over to another",
    answers: [...steady("a", 0, 100), ...steady("b", 105, 200)],
    expected: { twoMs: 0, lastTwoMs: -Infinity, silenceMs: 5 },
  },
  {
    name: "one dies, another takes over",
    answers: [...steady("a", 0, 100), ...steady("b", 400, 500)],
    expected: { twoMs: 0, lastTwoMs: -Infinity, silenceMs: 300 },
  },
  {
    name: "two for some time",
    answers: [...steady("a", 0, 100), ...steady("b", 60, 200)],
    expected: { twoMs: 40, lastTwoMs: 100, silenceMs: 5 },
  },
  {
    name: "two, twice: the first comes back after a silence",
    answers: [
      ...steady("a", 0, 50),
      ...steady("b", 40, 200),
      ...steady("a", 100, 130),
    ],
    expected: { twoMs: 40, lastTwoMs: 130, silenceMs: 5 },
  },
  {
    name: "a single answer amid those of another takes no time",
    answers: [...steady("a", 0, 100), { mac: "b", atMs: 52 }],
    expected: { twoMs: 0, lastTwoMs: 52, silenceMs: 5 },
  },
];

for (const { name, answers, expected } of CASES) {
  Deno.test(`judgeAnswers(): ${name}`, { permissions: "none" }, () => {
    const sorted = answers.toSorted((a, b) => a.atMs - b.atMs);
    assertEquals(judgeAnswers(sorted, GAP_MS), expected);
  });
}
