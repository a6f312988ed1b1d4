/** Which faults happen, in which order, to whom: a seed says it. */
import { Chance } from "../../../tests/simulate/chance.ts";

/** What can go wrong, one kind after the other; `two` stands for two at once. */
export const FAULT_KINDS = [
  "killed",
  "death",
  "restart",
  "paused",
  "blink",
  "unplugged",
  "partitioned",
  "deaf",
  "mute",
  "link",
  "halfLink",
  "ipCut",
  "client",
  "apiCut",
  "loss",
  "two",
] as const;

/** The name of a kind. */
export type FaultKind = typeof FAULT_KINDS[number];

/** A kind that is no combination. */
export type SingleKind = Exclude<FaultKind, "two">;

/** What is planned of a fault; whom it hits follows from who owns what then. */
export interface PlannedFault {
  readonly kind: SingleKind;
  /** Index of the address whose owner counts. */
  readonly group: number;
  /** Whom it hits: 0 = the owner, 1 = who comes first after it, and so on. */
  readonly place: number;
  /** The other end of a link, counted in the same way. */
  readonly otherPlace: number;
  /** Of a link with the client, what does not pass. */
  readonly way: "both" | "toClient" | "fromClient";
}

/** Faults that begin together, and for how long they last. */
export interface PlannedStep {
  readonly kind: FaultKind;
  readonly faults: readonly PlannedFault[];
  readonly holdMs: number;
}

/** What a plan is made for. */
export interface PlanOptions {
  readonly seed: number;
  readonly count: number;
  readonly kinds: readonly FaultKind[];
  readonly nodes: number;
  /** How many addresses. */
  readonly groups: number;
  /** The longest that a fault lasts, in milliseconds. */
  readonly longestMs: number;
}

/** Longer than any take-over, in milliseconds. */
const SHORTEST_MS = 700;
/** Shorter than the detection time: nothing may happen. */
const BLINK_MS = 150;
/** What may come together: each alone moves something, or hides it. */
const PAIRED: readonly SingleKind[] = [
  "killed",
  "death",
  "paused",
  "unplugged",
  "partitioned",
  "ipCut",
  "apiCut",
];

/**
 * Plans faults: every kind once before any comes twice, in an order that the
 * seed says.
 */
export function planSteps(options: PlanOptions): PlannedStep[] {
  const { seed, count, kinds } = options;
  const chance = new Chance(seed);
  const steps: PlannedStep[] = [];
  let deck: FaultKind[] = [];
  while (steps.length < count) {
    if (deck.length === 0) deck = chance.shuffle(kinds);
    const kind = deck.pop();
    if (kind === undefined) break;
    steps.push(planStep(kind, chance, options));
  }
  return steps;
}

function planStep(
  kind: FaultKind,
  chance: Chance,
  { longestMs, nodes, groups }: PlanOptions,
): PlannedStep {
  const holdMs = kind === "blink"
    ? BLINK_MS
    : Math.round(chance.within(SHORTEST_MS, longestMs));
  const group = chance.below(groups);
  const single = (kind: SingleKind, place: number): PlannedFault => ({
    ...{ kind, group, place },
    otherPlace: (place + 1 + chance.below(nodes - 1)) % nodes,
    way: chance.pick(["both", "toClient", "fromClient"]),
  });
  if (kind !== "two") {
    // The owner, mostly: what happens to others must move nothing.
    const place = chance.happens(0.7) ? 0 : chance.below(nodes);
    return { kind, holdMs, faults: [single(kind, place)] };
  }
  const [first = "killed", second = "paused"] = chance.shuffle(PAIRED);
  return { kind, holdMs, faults: [single(first, 0), single(second, 1)] };
}
