import { assertEquals } from "@std/assert";
import { judgeStep } from "./judge.ts";
import type { Happening, NodeChange } from "./recorded.ts";
import type { WireRecord } from "./wire.ts";

const IP = "192.0.2.150";
const NAMES = ["node-a", "node-b", "node-c"];
const MACS = ["a", "b", "c"];
/** The client, after the nodes. */
const CLIENT = 3;
const EVERY = 10;

/** Who answers, and from when to when. */
interface Answers {
  readonly mac: string;
  readonly from: number;
  readonly to: number;
}

function recorded(
  answers: readonly Answers[],
  announcements: readonly WireRecord[] = [],
): WireRecord[] {
  const records: WireRecord[] = [...announcements];
  for (let at = 0; at <= 4000; at += EVERY) {
    records.push({ atMs: at, kind: "question", ip: IP, mac: "" });
    for (const { mac, from, to } of answers) {
      if (at < from || at > to) continue;
      records.push({ atMs: at + 1, kind: "answer", ip: IP, mac });
    }
  }
  return records.sort((a, b) => a.atMs - b.atMs);
}

function announced(mac: string, ...times: readonly number[]): WireRecord[] {
  return times.map((atMs) => ({ atMs, kind: "announcement", ip: IP, mac }));
}

function node(at: number, index: number, to: NodeChange): Happening {
  return {
    ...{ at, text: `${NAMES[index]} ${to}`, nodes: [index] },
    change: { kind: "node", node: index, to },
  };
}

function links(
  at: number,
  isHealed: boolean,
  all: readonly (readonly [number, number])[],
  nodes: readonly number[] = [0],
): Happening {
  const text = isHealed ? "healed" : "cut";
  const change = {
    kind: "links",
    links: all,
    isHealed,
    isIpOnly: false,
  } as const;
  return { at, text, nodes, change };
}

/** Both ways between node-a and everybody. */
const ALONE = [1, 2, CLIENT].flatMap((other): (readonly [number, number])[] => [
  [0, other],
  [other, 0],
]);

function lost(at: number, share: number): Happening {
  const change = { kind: "loss", share } as const;
  return { at, text: "lost", nodes: undefined, change };
}

const CASES: readonly {
  readonly name: string;
  readonly records: readonly WireRecord[];
  readonly happenings: readonly Happening[];
  readonly breached: readonly string[];
  readonly limits?: readonly string[];
}[] = [
  {
    name: "the owner dies, another takes over in time",
    records: recorded(
      [{ mac: "a", from: 0, to: 990 }, { mac: "b", from: 1300, to: 4000 }],
      announced("b", 1295),
    ),
    happenings: [node(1000, 0, "ended")],
    breached: [],
  },
  {
    name: "another takes over late",
    records: recorded(
      [{ mac: "a", from: 0, to: 990 }, { mac: "b", from: 2300, to: 4000 }],
      announced("b", 2295),
    ),
    happenings: [node(1000, 0, "ended")],
    breached: ["gap"],
  },
  {
    name: "nobody takes over",
    records: recorded([{ mac: "a", from: 0, to: 990 }]),
    happenings: [node(1000, 0, "ended")],
    breached: ["owner at rest"],
  },
  {
    name: "a paused owner answers beside its heir when it goes on",
    records: recorded(
      [
        { mac: "a", from: 0, to: 990 },
        { mac: "b", from: 1300, to: 4000 },
        { mac: "a", from: 2000, to: 2600 },
      ],
      announced("b", 1295),
    ),
    happenings: [node(1000, 0, "paused"), node(2000, 0, "resumed")],
    breached: ["two owners"],
  },
  {
    name: "two owners answer to the end",
    records: recorded(
      [{ mac: "a", from: 0, to: 4000 }, { mac: "b", from: 1300, to: 4000 }],
      announced("b", 1295),
    ),
    happenings: [node(1000, 0, "paused"), node(1300, 0, "resumed")],
    breached: ["one owner at rest"],
  },
  {
    name: "it moves because of what happened to another node",
    records: recorded(
      [{ mac: "a", from: 0, to: 1400 }, { mac: "b", from: 1410, to: 4000 }],
      announced("b", 1405),
    ),
    happenings: [node(1000, 2, "ended")],
    breached: ["moved without cause"],
  },
  {
    name: "it moves because frames get lost",
    records: recorded(
      [{ mac: "a", from: 0, to: 1400 }, { mac: "b", from: 1410, to: 4000 }],
      announced("b", 1405),
    ),
    happenings: [lost(1000, 0.2), lost(2000, 0)],
    breached: [],
  },
  {
    name: "it goes back to who comes first in its order",
    records: recorded(
      [{ mac: "b", from: 0, to: 1400 }, { mac: "a", from: 1410, to: 4000 }],
      announced("a", 1405),
    ),
    happenings: [node(1000, 2, "ended")],
    breached: [],
  },
  {
    name: "the owner is cut off, another serves, and the owner comes back",
    records: recorded(
      [
        { mac: "a", from: 0, to: 990 },
        { mac: "b", from: 1300, to: 2510 },
        { mac: "a", from: 2500, to: 4000 },
      ],
      [...announced("b", 1295), ...announced("a", 2505)],
    ),
    happenings: [links(1000, false, ALONE), links(2400, true, ALONE)],
    breached: [],
  },
  {
    name: "… and does not tell the client",
    records: recorded(
      [
        { mac: "a", from: 0, to: 990 },
        { mac: "b", from: 1300, to: 2510 },
        { mac: "a", from: 2500, to: 4000 },
      ],
      announced("b", 1295),
    ),
    happenings: [links(1000, false, ALONE), links(2400, true, ALONE)],
    breached: ["client at rest"],
  },
  {
    name: "the client alone does not reach a sound owner",
    records: recorded([{ mac: "a", from: 0, to: 990 }, {
      mac: "a",
      from: 2500,
      to: 4000,
    }]),
    happenings: [
      links(1000, false, [[CLIENT, 0]]),
      links(2490, true, [[CLIENT, 0]]),
    ],
    breached: [],
  },
  {
    name: "… to the end",
    records: recorded([{ mac: "a", from: 0, to: 990 }]),
    happenings: [links(1000, false, [[CLIENT, 0]])],
    breached: [],
    limits: ["client cut from a sound owner"],
  },
  {
    name: "ten announcements in a second",
    records: recorded(
      [{ mac: "a", from: 0, to: 4000 }],
      announced("a", ...Array.from({ length: 10 }, (_, i) => 2000 + 50 * i)),
    ),
    happenings: [node(1000, 2, "ended")],
    breached: ["announcements"],
  },
];

for (const { name, breached, limits = [], ...recording } of CASES) {
  Deno.test(`judgeStep(): ${name}`, { permissions: "none" }, () => {
    const judgement = judgeStep({
      ...{ ips: [IP], macs: MACS, names: NAMES, ...recording },
      ...{ nodes: 3, orders: [[0, 1, 2]], late: 100, startedMs: 0 },
    });
    const found = new Set(judgement.violations.map(({ property }) => property));
    assertEquals([...found], [...breached]);
    assertEquals(judgement.limits, [...limits]);
  });
}
