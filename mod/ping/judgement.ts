/** What the answers mean. */

/** An answer as it came. */
export interface TimedAnswer {
  /** Which question was the last before it, from 1. */
  readonly round: number;
  /** Name of the interface. */
  readonly interface: string;
  /** Time since that question, in ms. */
  readonly ms: number;
  /** The MAC address that neighbours take from it. */
  readonly mac: string;
  /** Who sent the frame. */
  readonly sender: string;
  /** To the question, or told in another way. */
  readonly kind: "reply" | "unasked";
}

/** One MAC address that answers. */
export interface Station {
  /** The MAC address. */
  readonly mac: string;
  /** Nodes that have it; empty = none, or none is known to. */
  readonly nodes: readonly string[];
  /** Interfaces that it is heard on. */
  readonly interfaces: readonly string[];
}

/** Who should answer for an address. */
export interface Expectation {
  /** Services that have the address, `namespace/name`. */
  readonly services: readonly string[];
  /** Node that owns it; `null` = nobody does. */
  readonly owner: string | null;
  /** Why this one, or why nobody. */
  readonly why: string;
}

/** What a cluster says. */
export interface Knowledge {
  /** Nodes by the MAC addresses of their interfaces. */
  readonly nodesByMac: ReadonlyMap<string, readonly string[]>;
  /** Node that this machine is; `null` = none. */
  readonly self: string | null;
  /** Who should answer. */
  readonly expected: Expectation;
}

/** How many answer. */
export type Verdict = "one" | "none" | "several";

/** What a person makes of the answers. */
export interface Judgement {
  /** How many answer. */
  readonly verdict: Verdict;
  /** What to look at; empty = exactly one answers, and no other one should. */
  readonly problems: readonly string[];
  /** What else there is to say. */
  readonly notes: readonly string[];
}

/** The MAC addresses that answer, in the order in which they first did. */
export function stationsOf(
  answers: readonly TimedAnswer[],
  nodesByMac: Knowledge["nodesByMac"],
): readonly Station[] {
  const byMac = Map.groupBy(answers, ({ mac }) => mac);
  return Array.from(byMac, ([mac, own]) => ({
    mac,
    nodes: nodesByMac.get(mac) ?? [],
    interfaces: [...new Set(own.map((answer) => answer.interface))],
  }));
}

const OWN_ANSWERS = "a machine does not hear its own answers";

/**
 * Judges who answers.
 *
 * A node that is heard on two interfaces with the MAC address of each is one
 * that answers; two on one interface are two, for neighbours must choose.
 *
 * @param knowledge Absent when no cluster was reached.
 */
export function judge(
  stations: readonly Station[],
  knowledge?: Knowledge,
): Judgement {
  const verdict = verdictOf(stations);
  switch (verdict) {
    case "none":
      return { verdict, ...judgeNone(knowledge) };
    case "several":
      return { verdict, ...judgeSeveral(stations, knowledge) };
    case "one":
      return { verdict, ...judgeOne(stations, knowledge) };
  }
}

function verdictOf(stations: readonly Station[]): Verdict {
  if (stations.length === 0) return "none";
  const who = new Set(stations.map(({ mac, nodes }) => nodes[0] ?? mac));
  const perInterface = stations.flatMap(({ interfaces }) => interfaces);
  const isShared = new Set(perInterface).size < perInterface.length;
  return who.size > 1 || isShared ? "several" : "one";
}

type Findings = Omit<Judgement, "verdict">;

function judgeNone(knowledge: Knowledge | undefined): Findings {
  if (knowledge === undefined) {
    const notes = [`if this machine owns the address: ${OWN_ANSWERS}`];
    return { problems: ["nobody answers"], notes };
  }
  const { self, expected: { owner, services, why } } = knowledge;
  if (services.length === 0) {
    const problems = ["nobody answers: no Service has the address"];
    return { problems, notes: [] };
  }
  if (owner === null) {
    const problems = [`nobody answers, and nobody should: ${why}`];
    return { problems, notes: [] };
  }
  if (owner === self) {
    const problems = [
      `nobody else answers: this machine is ${owner}, which should, and ${OWN_ANSWERS}: ask from another one`,
    ];
    return { problems, notes: [] };
  }
  const problems = [`nobody answers, and ${should(owner, services)}`];
  return { problems, notes: [] };
}

function judgeSeveral(
  stations: readonly Station[],
  knowledge: Knowledge | undefined,
): Findings {
  const list = stations.map(named).join(", ");
  const problem = `${stations.length} MAC addresses answer: ${list}`;
  const [first, ...others] = stations.map(({ nodes }) => nodes[0]);
  const isOneNode = first !== undefined &&
    others.every((node) => node === first);
  const why = isOneNode
    ? [`interfaces of ${first} share a segment, and each answers`]
    : [];
  return { problems: [problem], notes: [...why, ...expectation(knowledge)] };
}

function judgeOne(
  stations: readonly Station[],
  knowledge: Knowledge | undefined,
): Findings {
  if (knowledge === undefined) return { problems: [], notes: [] };
  const { expected: { owner, services, why }, nodesByMac, self } = knowledge;
  const who = stations.map(named).join(", ");
  const nodes = stations.flatMap((station) => station.nodes);
  const notes = expectation(knowledge);
  if (services.length === 0) return { problems: [], notes };
  if (owner === null) {
    return {
      problems: [`${who} answers, and nobody should: ${why}`],
      notes: [],
    };
  }
  if (nodes.includes(owner)) return { problems: [], notes };
  const isOwnerKnown = [...nodesByMac.values()].flat().includes(owner);
  if (owner !== self && !isOwnerKnown) {
    const note =
      `whether it is ${owner} cannot be told: its MAC addresses are not known`;
    return { problems: [], notes: [...notes, note] };
  }
  const stranger = nodes.length === 0
    ? `${who} answers, which is no node's: another station uses the address`
    : `${who} answers`;
  return {
    problems: [`${stranger}, and ${should(owner, services)}`],
    notes: owner === self
      ? [`${owner} is this machine, and ${OWN_ANSWERS}`]
      : ["when a hand-over is under way the next answers are right"],
  };
}

function named({ mac, nodes }: Station): string {
  return nodes.length === 0 ? mac : `${mac} (${nodes.join(" or ")})`;
}

function should(owner: string, services: readonly string[]): string {
  return `${owner} should (${services.join(", ")})`;
}

function expectation(knowledge: Knowledge | undefined): readonly string[] {
  if (knowledge === undefined) return [];
  const { owner, services, why } = knowledge.expected;
  if (services.length === 0) return ["no Service has the address"];
  if (owner === null) return [`nobody should answer: ${why}`];
  return [`${owner} should answer (${services.join(", ")}): ${why}`];
}
