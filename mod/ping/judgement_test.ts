import { assertEquals } from "@std/assert";
import {
  type Expectation,
  judge,
  type Knowledge,
  stationsOf,
  type TimedAnswer,
  type Verdict,
} from "./mod.ts";

const A = "02:00:00:00:00:0a";
const A1 = "02:00:00:00:01:0a";
const B = "02:00:00:00:00:0b";
const X = "02:00:00:00:00:99";

const EXPECTED: Expectation = {
  services: ["default/web"],
  owner: "node-a",
  why: "it is the only candidate",
};

/** A machine outside of the cluster, which has two nodes. */
function knowledge(change: Partial<Expectation> = {}): Knowledge {
  return {
    nodesByMac: new Map([[A, ["node-a"]], [A1, ["node-a"]], [B, ["node-b"]]]),
    self: null,
    expected: { ...EXPECTED, ...change },
  };
}

const NOBODY = { owner: null, why: "no node is a candidate" };
const NO_SERVICE = { services: [], owner: null, why: "" };
const SHOULD = "node-a should answer (default/web): it is the only candidate";

function answersOf(heard: readonly string[]): readonly TimedAnswer[] {
  return heard.map((text) => {
    const [mac = "", name = "eth0"] = text.split(" on ");
    const rest = { round: 1, ms: 0.2, kind: "reply" } as const;
    return { ...rest, interface: name, mac, sender: mac };
  });
}

const cases: readonly {
  readonly what: string;
  readonly heard: readonly string[];
  readonly known?: Knowledge;
  readonly verdict: Verdict;
  readonly problem?: string;
  readonly notes?: readonly string[];
}[] = [
  {
    what: "one answer, no cluster",
    heard: [A, A],
    verdict: "one",
  },
  {
    what: "the owner's answer",
    heard: [A],
    known: knowledge(),
    verdict: "one",
    notes: [SHOULD],
  },
  {
    what: "another node's answer",
    heard: [B],
    known: knowledge(),
    verdict: "one",
    problem: `${B} (node-b) answers, and node-a should (default/web)`,
    notes: ["when a hand-over is under way the next answers are right"],
  },
  {
    what: "a stranger's answer",
    heard: [X],
    known: knowledge(),
    verdict: "one",
    problem:
      `${X} answers, which is no node's: another station uses the address, and node-a should (default/web)`,
    notes: ["when a hand-over is under way the next answers are right"],
  },
  {
    what: "an answer while the owner's MAC is not known",
    heard: [X],
    known: { ...knowledge(), nodesByMac: new Map([[B, ["node-b"]]]) },
    verdict: "one",
    notes: [
      SHOULD,
      "whether it is node-a cannot be told: its MAC addresses are not known",
    ],
  },
  {
    what: "an answer heard by the owner",
    heard: [B],
    known: { ...knowledge(), self: "node-a" },
    verdict: "one",
    problem: `${B} (node-b) answers, and node-a should (default/web)`,
    notes: [
      "node-a is this machine, and a machine does not hear its own answers",
    ],
  },
  {
    what: "an answer where nobody should",
    heard: [A],
    known: knowledge(NOBODY),
    verdict: "one",
    problem: `${A} (node-a) answers, and nobody should: no node is a candidate`,
  },
  {
    what: "an answer for an address that no Service has",
    heard: [X],
    known: knowledge(NO_SERVICE),
    verdict: "one",
    notes: ["no Service has the address"],
  },
  {
    what: "one node heard on two interfaces",
    heard: [`${A} on eth0`, `${A1} on eth1`],
    known: knowledge(),
    verdict: "one",
    notes: [SHOULD],
  },
  {
    what: "two MACs of one node on one interface",
    heard: [A, A1],
    known: knowledge(),
    verdict: "several",
    problem: `2 MAC addresses answer: ${A} (node-a), ${A1} (node-a)`,
    notes: ["interfaces of node-a share a segment, and each answers", SHOULD],
  },
  {
    what: "the owner's and a stranger's answer",
    heard: [A, X, A, X],
    known: knowledge(),
    verdict: "several",
    problem: `2 MAC addresses answer: ${A} (node-a), ${X}`,
    notes: [SHOULD],
  },
  {
    what: "two MACs on two interfaces, no cluster",
    heard: [`${A} on eth0`, `${B} on eth1`],
    verdict: "several",
    problem: `2 MAC addresses answer: ${A}, ${B}`,
  },
  {
    what: "no answer, no cluster",
    heard: [],
    verdict: "none",
    problem: "nobody answers",
    notes: [
      "if this machine owns the address: a machine does not hear its own answers",
    ],
  },
  {
    what: "no answer from the owner",
    heard: [],
    known: knowledge(),
    verdict: "none",
    problem: "nobody answers, and node-a should (default/web)",
  },
  {
    what: "no answer, asked by the owner",
    heard: [],
    known: { ...knowledge(), self: "node-a" },
    verdict: "none",
    problem:
      "nobody else answers: this machine is node-a, which should, and a machine does not hear its own answers: ask from another one",
  },
  {
    what: "no answer, and none is due",
    heard: [],
    known: knowledge(NOBODY),
    verdict: "none",
    problem: "nobody answers, and nobody should: no node is a candidate",
  },
  {
    what: "no answer for an address that no Service has",
    heard: [],
    known: knowledge(NO_SERVICE),
    verdict: "none",
    problem: "nobody answers: no Service has the address",
  },
];

Deno.test.each(cases)(
  "judge() of $what",
  { permissions: "none" },
  ({ heard, known, verdict, problem, notes = [] }) => {
    const stations = stationsOf(
      answersOf(heard),
      known?.nodesByMac ?? new Map(),
    );
    assertEquals(judge(stations, known), {
      verdict,
      problems: problem === undefined ? [] : [problem],
      notes,
    });
  },
);
