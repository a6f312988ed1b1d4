import { assertEquals } from "@std/assert";
import { ownersAtRest } from "./rest.ts";
import type { WireRecord } from "./wire.ts";

const IP = "192.0.2.150";
const MACS = ["a", "b"];

/** Questions every 10 ms; each letter says who answers it, 1 ms later. */
function recorded(answers: string): readonly WireRecord[] {
  return [...answers].flatMap((mac, index): WireRecord[] => [
    { atMs: 10 * index, kind: "question", ip: IP, mac: "" },
    ...mac === "-"
      ? []
      : [{ atMs: 10 * index + 1, kind: "answer", ip: IP, mac } as const],
  ]);
}

const CASES: readonly (readonly [string, string, number | string])[] = [
  ["one answers all the while", "b".repeat(80), 1],
  ["one answers mostly", "b-".repeat(40), 1],
  ["too little has been seen", "a".repeat(60), "nothing has been seen yet"],
  [
    "another answered a moment ago",
    "a".repeat(40) + "b".repeat(60),
    `${IP} has 70 answers of nodes 0, 1`,
  ],
  ["one answers rarely", "a---".repeat(20), `${IP} has 17 answers of nodes 0`],
  [
    "one has fallen silent",
    "a".repeat(80) + "-".repeat(20),
    `${IP} has 51 answers of nodes 0, and none any more`,
  ],
  ["one has missed a few", "a".repeat(80) + "-".repeat(4), 0],
];

for (const [title, answers, expected] of CASES) {
  Deno.test(`ownersAtRest(): ${title}`, { permissions: "none" }, () => {
    const records = recorded(answers);
    assertEquals(ownersAtRest({ ips: [IP], macs: MACS, records }, 0), [
      expected,
    ]);
  });
}
