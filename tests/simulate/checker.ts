import type { Mix } from "./mixes.ts";
import type { Observed } from "./observed.ts";
import {
  noWorst,
  type Property,
  type Violation,
  type Worst,
} from "./properties.ts";

/** Nobody serves a client whom somebody could serve. */
interface Gap {
  readonly since: number;
  /** Excused by views that differ, by news that nobody has who could serve, or by a link that only the client misses. */
  readonly kind: "gap" | "views" | "unseen" | "limit";
  /** Whether one of the first two standbys can act. */
  readonly isNear: boolean;
}

/** Two serve it at once. */
export interface Two {
  readonly since: number;
  readonly a: number;
  readonly b: number;
}

/** What is watched of one group on one segment. */
export interface Unit {
  readonly slot: number;
  readonly group: number;
  gap: Gap | undefined;
  two: Two | undefined;
  /** Who served it alone for a while, last. */
  owner: number | undefined;
  /** When that one ceased to. */
  ownerUntil: number;
  /** Who serves it alone now. */
  alone: number | undefined;
  /** Since when. */
  aloneSince: number;
  /** Whether it may not forward yet, while another could serve. */
  isHasty: boolean;
  /** All gaps together, in ms. */
  outage: number;
  /** When it was announced of late. */
  announcements: number[];
}

/** What a checker allows; see {@linkcode Mix}. */
export type Allowed = Pick<
  Mix,
  | "announcements"
  | "gap"
  | "isFirstAtRest"
  | "isStill"
  | "judgesClient"
  | "longGap"
  | "moves"
  | "outage"
  | "two"
  | "views"
>;

/** The cluster comes up before, in ms. */
const STARTED = 2500;
/** Gaps that are closed before are not judged, in ms. */
const WARM_UP = 3500;
/** What happened longer ago than this has not opened a gap, in ms. */
const RECENT = 7000;
/** What happened longer ago is no cause of a move, in ms. */
const CAUSE = 12_000;
/** Whoever serves alone for a shorter time is no owner, in ms. */
export const COLLISION = 60;
/** Stands for two or more that serve at once. */
const SEVERAL = -1;
/** The longest gap after one fault, in ms. */
const LONGEST_GAP = 605;
/** A frame is under way for at most so long, in ms. */
const ON_ITS_WAY = 6;
/** The longest gap after the last of several faults, in ms: membership or questions have to find out. */
const LONGEST_LONG_GAP = 8000;

/** Watches a run and says what must not be. */
export class Checker {
  /** What was breached. */
  readonly violations: Violation[] = [];
  /** How often an owner followed another. */
  moves = 0;
  /** States at the end that no protocol can avoid. */
  readonly limits: string[] = [];
  /** The worst. */
  readonly worst: Worst = noWorst();
  /** Per node, when it asked. */
  readonly questions: readonly number[][];
  /** What is watched. */
  readonly units: readonly Unit[];
  /** What is allowed. */
  readonly mix: Allowed;
  readonly #world: Observed;

  /** Watches a cluster. */
  constructor(world: Observed, mix: Allowed) {
    this.#world = world;
    this.mix = mix;
    const { segments, groups, nodes } = world.scenario;
    this.questions = Array.from({ length: nodes }, () => []);
    this.units = Array.from({ length: segments * groups }, (_, cell) => ({
      slot: Math.floor(cell / groups),
      group: cell % groups,
      gap: undefined,
      two: undefined,
      owner: undefined,
      ownerUntil: Infinity,
      alone: undefined,
      aloneSince: -Infinity,
      isHasty: false,
      outage: 0,
      announcements: [],
    }));
  }

  /** Something changed: looks at everything. */
  observe(): void {
    for (const unit of this.units) {
      const serving = this.serving(unit);
      this.#observeOwner(unit, serving);
      this.#observeGap(unit, serving);
      this.#observeTwo(unit, serving);
    }
  }

  /** An announcement left. */
  announced(slot: number, group: number): void {
    const { network, scenario } = this.#world;
    const unit = this.units[slot * scenario.groups + group];
    if (unit === undefined) return;
    const second = unit.announcements.filter((at) => at > network.now - 1000);
    second.push(network.now);
    unit.announcements = second;
    const { worst, mix } = this;
    worst.announcements = Math.max(worst.announcements, second.length);
    if (second.length > (mix.announcements ?? 8)) {
      this.violate("announcements", unit, network.now, second.length);
    }
  }

  /** A node asked. */
  asked(node: number): void {
    this.questions[node]?.push(this.#world.network.now);
  }

  /** An answer reached the client. */
  answered(slot: number, group: number, from: number): void {
    const { scenario, network, hasLegacy, late } = this.#world;
    const unit = this.units[slot * scenario.groups + group];
    if (unit === undefined || hasLegacy) return;
    const { alone, aloneSince } = unit;
    if (alone === undefined || alone === SEVERAL || alone === from) return;
    const length = network.now - aloneSince;
    // The answer was on its way while the other began.
    if (length <= ON_ITS_WAY + late) return;
    this.violate("wrong answer", unit, network.now, from);
  }

  /** Who answers for a group to the client. */
  serving({ slot, group }: Unit): number[] {
    const { network } = this.#world;
    return this.#world.answering(slot, group).filter((node) =>
      network.reachBoth(slot, node, network.client)
    );
  }

  /** Notes a breach. */
  violate(
    property: Property,
    { slot, group }: { readonly slot: number; readonly group: number },
    at: number,
    amount: number,
  ): void {
    this.violations.push({ property, at, amount, slot, group });
  }

  #observeGap(unit: Unit, serving: readonly number[]): void {
    const world = this.#world;
    const able = serving.length > 0
      ? []
      : world.candidates(unit.slot, unit.group);
    const kind = able.length === 0 ? undefined : this.#kindOf(unit, able);
    if (unit.gap?.kind === kind) return;
    if (unit.gap !== undefined) this.#closeGap(unit, unit.gap);
    unit.gap = undefined;
    if (kind === undefined) return;
    unit.gap = {
      since: world.network.now,
      kind,
      isNear: this.#isNear(unit, able),
    };
  }

  #kindOf(unit: Unit, able: readonly number[]): Gap["kind"] {
    const world = this.#world;
    const { slot, group } = unit;
    const isSound = world.answering(slot, group).some((owner) =>
      able.some((node) => world.network.reachBoth(slot, owner, node)) ||
      able.every((node) => this.#isVouchedFor(unit, owner, node))
    );
    if (isSound) return "limit";
    if (world.viewsAgree()) return "gap";
    return able.some((node) => world.knowsAll(node)) ? "views" : "unseen";
  }

  /**
   * Whether a candidate that does not hear the owner, or is not heard by it, is
   * told by one of its standbys that it lives: that a client reaches only who is
   * told so nobody can know, and a take-over would make two owners that do not
   * hear each other. Told by others than those who beat the owner, over a link
   * that passes one way only, or of an owner that is deaf, it has to act.
   */
  #isVouchedFor({ slot, group }: Unit, owner: number, node: number): boolean {
    const world = this.#world;
    const { network } = world;
    const standbys = world.order(group)
      .filter((each) => each !== owner && world.isSettled(each))
      .slice(0, world.scenario.standbys);
    const meet = (a: number, b: number): boolean =>
      network.reachesIp(slot, a, b) && network.reachesIp(slot, b, a);
    return standbys.some((standby) =>
      standby !== node && meet(owner, standby) && meet(standby, node)
    );
  }

  /** Whether one of the standbys whom the owner beat can act. */
  #isNear(unit: Unit, able: readonly number[]): boolean {
    const world = this.#world;
    if (unit.owner !== undefined && world.wasLegacy(unit.owner)) return false;
    const standbys = world.order(unit.group)
      .filter((node) =>
        node !== unit.owner && world.network.isThere(unit.slot, node)
      ).slice(0, world.scenario.standbys);
    return able.some((node) =>
      standbys.includes(node) && world.isExperienced(node)
    );
  }

  #closeGap(unit: Unit, gap: Gap): void {
    const world = this.#world;
    const { now } = world.network;
    if (gap.since < STARTED && now < WARM_UP) return;
    if (gap.kind === "unseen") return;
    if (gap.kind !== "gap") {
      const length = now - gap.since;
      this.worst[gap.kind] = Math.max(this.worst[gap.kind], length);
      if (gap.kind === "views" && length > (this.mix.views ?? Infinity)) {
        this.violate("gap", unit, gap.since, length);
      }
      return;
    }
    unit.outage += now - gap.since;
    this.worst.outage = Math.max(this.worst.outage, unit.outage);
    const faults = world.faultLog.filter(({ at }) =>
      at > gap.since - RECENT && at < now
    );
    // What happens within the gap begins it anew.
    const last = faults.reduce(
      (latest, { at }) => at > gap.since + 0.5 ? Math.max(latest, at) : latest,
      gap.since,
    );
    const isOne = this.mix.gap !== undefined || faults.length <= 1;
    this.#judgeGap(unit, gap, now - last, isOne && gap.isNear);
  }

  #judgeGap(unit: Unit, gap: Gap, length: number, isShort: boolean): void {
    const key = isShort ? "gap" : "longGap";
    this.worst[key] = Math.max(this.worst[key], length);
    const longest = isShort
      ? (this.mix.gap ?? LONGEST_GAP) + this.#world.late
      : this.mix.longGap ?? LONGEST_LONG_GAP;
    if (length <= longest) return;
    this.violate(isShort ? "gap" : "long gap", unit, gap.since, length);
  }

  #observeTwo(unit: Unit, serving: readonly number[]): void {
    const pair = this.#pairOf(unit, serving);
    const { two } = unit;
    if (two?.a === pair?.a && two?.b === pair?.b) return;
    if (two !== undefined) this.#closeTwo(unit, two);
    unit.two = pair === undefined
      ? undefined
      : { since: this.#world.network.now, ...pair };
  }

  /** Two that serve and hear each other; where nothing may move, any two. */
  #pairOf(
    { slot }: Unit,
    serving: readonly number[],
  ): { readonly a: number; readonly b: number } | undefined {
    if (serving.length < 2) return undefined;
    const { network } = this.#world;
    for (const a of serving) {
      for (const b of serving) {
        if (a >= b) continue;
        if (this.mix.isStill === true || network.reachBoth(slot, a, b)) {
          return { a, b };
        }
      }
    }
    return undefined;
  }

  #closeTwo(unit: Unit, two: Two): void {
    if (two.since < STARTED || this.#world.hasLegacy) return;
    this.judgeTwo(unit, two, "two owners");
  }

  /** Judges how long two have answered. */
  judgeTwo(unit: Unit, two: Two, property: Property): void {
    const world = this.#world;
    const length = world.network.now - two.since;
    const isHealed = world.healedAt > two.since - 350;
    const isIpCut = world.network.hasIpCut() || world.ipHealedAt > two.since;
    const key = isIpCut ? "twoIpCut" : isHealed ? "twoHealed" : "two";
    this.worst[key] = Math.max(this.worst[key], length);
    if (length > this.#longestTwo(isHealed, isIpCut)) {
      this.violate(property, unit, two.since, length);
    }
  }

  /** How long two may answer, in ms. */
  #longestTwo(isHealed: boolean, isIpCut: boolean): number {
    const { late, scenario: { loss, isStripped } } = this.#world;
    if (this.mix.two !== undefined && late === 0) return this.mix.two;
    // The winner's word, and the loser's, may both be late.
    let longest = 60 + 2 * late;
    if (loss > 0) longest = 500;
    if (isHealed) longest = Math.max(longest, 450);
    if (isIpCut || isStripped) {
      longest = Math.max(longest, loss > 0 ? 5000 : 1400);
    }
    return longest;
  }

  /** Who serves alone for longer than a collision takes is the owner. */
  #observeOwner(unit: Unit, serving: readonly number[]): void {
    const only = serving.length > 1 ? SEVERAL : serving[0];
    if (only === unit.alone) return;
    this.settleOwner(unit);
    if (unit.owner !== undefined && unit.owner === unit.alone) {
      unit.ownerUntil = this.#world.network.now;
    }
    unit.alone = only;
    unit.aloneSince = this.#world.network.now;
    unit.isHasty = this.#isHasty(unit, only);
  }

  /** Takes who served alone for the owner, if it did so for long enough. */
  settleOwner(unit: Unit): void {
    const { alone, aloneSince, owner } = unit;
    if (alone === undefined || alone === owner) return;
    if (this.#world.network.now - aloneSince < COLLISION) return;
    unit.owner = alone === SEVERAL ? undefined : alone;
    if (alone === SEVERAL) return;
    if (owner === undefined || aloneSince <= WARM_UP) return;
    this.moves++;
    if (unit.isHasty) {
      this.violate("hasty reserve", unit, aloneSince, alone);
    }
    const hasCause = this.mix.isStill !== true &&
      this.#hasCause(unit, owner, alone);
    if (!hasCause) this.violate("moved without cause", unit, aloneSince, owner);
  }

  /** Whether a new owner may not forward yet, while another could take its place. */
  #isHasty({ slot, group }: Unit, owner: number | undefined): boolean {
    const world = this.#world;
    return owner !== undefined && world.isReserve(owner) &&
      world.candidates(slot, group).some((node) =>
        !world.isReserve(node) && world.isExperienced(node)
      );
  }

  /** Whether something happened to the owner of late, or the new one comes first and returned. */
  #hasCause(unit: Unit, from: number, to: number): boolean {
    const world = this.#world;
    const { loss, hasFailback, isSnooped } = world.scenario;
    if (loss >= 0.1 || world.hasLegacy) return true;
    // Where neither IP nor questions pass, no node can know whether another answers.
    if (isSnooped && world.network.hasIpCut()) return true;
    // Of two nodes nobody vouches for the other: three beats and two questions
    // lost in a row are a death.
    if (loss > 0 && world.running() <= 2) return true;
    const order = world.order(unit.group);
    const isBack = order.includes(to) &&
      (!order.includes(from) || order.indexOf(to) < order.indexOf(from));
    if (hasFailback && isBack) return true;
    // An owner that is no candidate gives its group away, if only when what it was handed is its own to judge.
    if (order.includes(to) && !order.includes(from)) return true;
    // Whoever is first to serve a client again that the owner has not reached for long.
    const { client } = world.network;
    if (!world.network.reachBoth(unit.slot, from, client)) return true;
    // The client may have been cut off when it happened, and see it late.
    const seenAt = Math.min(unit.ownerUntil, unit.aloneSince);
    return world.faultLog.some(({ at, nodes }) =>
      at > seenAt - CAUSE &&
      (nodes === undefined || nodes.includes(from))
    );
  }
}
