import { assertEquals } from "@std/assert";
import { answeringAtEnd, answeringEdges, type Edge } from "./spans.ts";
import type { WireRecord } from "./wire.ts";

const IPS = ["192.0.2.150"];
const MACS = ["a", "b"];
const IP = "192.0.2.150";

/** Questions every 10 ms; `answers` says who answers each, 1 ms later. */
function recorded(
  answers: readonly (readonly string[])[],
): readonly WireRecord[] {
  return answers.flatMap((macs, index): WireRecord[] => [
    { atMs: 10 * index, kind: "question", ip: IP, mac: "" },
    ...macs.map((mac): WireRecord => ({
      ...{ atMs: 10 * index + 1, kind: "answer", ip: IP, mac },
    })),
  ]);
}

function times(count: number, ...macs: readonly string[]): string[][] {
  return Array.from({ length: count }, () => [...macs]);
}

function begins(node: number, at: number): Edge {
  return { at, group: 0, node, isAnswering: true };
}

function ends(node: number, at: number): Edge {
  return { at, group: 0, node, isAnswering: false };
}

const CASES: readonly {
  readonly name: string;
  readonly records: readonly WireRecord[];
  readonly edges: readonly Edge[];
}[] = [
  { name: "nobody answers", records: recorded(times(9)), edges: [] },
  {
    name: "one answers to the end",
    records: recorded(times(9, "a")),
    edges: [begins(0, 1)],
  },
  {
    name: "four questions in a row unanswered are no end",
    records: recorded([...times(3, "a"), ...times(4), ...times(3, "a")]),
    edges: [begins(0, 1)],
  },
  {
    name: "five are, and the end was at the last answer",
    records: recorded([...times(3, "a"), ...times(5), ...times(3, "a")]),
    edges: [begins(0, 1), ends(0, 21), begins(0, 81)],
  },
  {
    name: "a single answer of another is seen, and takes no time",
    records: recorded([
      ...times(3, "a"),
      ...times(1, "a", "b"),
      ...times(9, "a"),
    ]),
    edges: [begins(0, 1), begins(1, 31), ends(1, 31)],
  },
  {
    name: "while nobody asks, nobody stops to answer",
    records: [
      ...recorded(times(3, "a")),
      { atMs: 5000, kind: "question", ip: IP, mac: "" },
      { atMs: 5001, kind: "answer", ip: IP, mac: "a" },
    ],
    edges: [begins(0, 1)],
  },
  {
    name: "strangers and other addresses do not count",
    records: [
      ...recorded(times(3, "stranger")),
      { atMs: 31, kind: "answer", ip: "192.0.2.1", mac: "a" },
    ],
    edges: [],
  },
];

for (const { name, records, edges } of CASES) {
  Deno.test(`answeringEdges(): ${name}`, { permissions: "none" }, () => {
    assertEquals(answeringEdges({ ips: IPS, macs: MACS, records }), [...edges]);
  });
}

Deno.test(
  "answeringAtEnd(): who still answers",
  { permissions: "none" },
  () => {
    const records = recorded([...times(5, "a"), ...times(9, "b")]);
    const [nodes] = answeringAtEnd({ ips: IPS, macs: MACS, records });
    assertEquals(nodes, new Set([1]));
  },
);
