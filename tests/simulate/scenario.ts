import { DEFAULT_HEARTBEATS } from "../../mod/claims/mod.ts";
import { Chance } from "./chance.ts";
import type { FaultKind } from "./faults.ts";
import { type Mix, mixNamed } from "./mixes.ts";

/** A fault to come; what exactly it is follows from its seed and the state then. */
export interface PlannedFault {
  /** When, in ms. */
  readonly at: number;
  /** What. */
  readonly kind: FaultKind;
  /** Chooses the rest. */
  readonly seed: number;
}

/** All that a run depends on, besides the rules. */
export interface Scenario {
  /** Name of the mix. */
  readonly mix: string;
  /** Seeds the network and the processes. */
  readonly seed: number;
  /** Nodes, at least 2. */
  readonly nodes: number;
  /** Groups, announced on every segment. */
  readonly groups: number;
  /** Segments; every node and one client is on each. */
  readonly segments: number;
  /** Part of the frames that is lost. */
  readonly loss: number;
  /** Part of the frames that comes twice. */
  readonly copies: number;
  /** Whether some frames come 100 ms late. */
  readonly isSlow: boolean;
  /** Part of the frames that do then. */
  readonly late: number;
  /** Milliseconds between two beats. */
  readonly beat: number;
  /** Beats a second that a node sends at most. */
  readonly beatsPerSecond: number;
  /** Candidates after the owner that it beats with. */
  readonly standbys: number;
  /** All nodes start within so many ms. */
  readonly starts: number;
  /** Whether claims are stripped from frames on the LAN. */
  readonly isStripped: boolean;
  /** Whether membership runs over another network, which no fault touches. */
  readonly isMembershipApart: boolean;
  /** Whether returned nodes get their groups back. */
  readonly hasFailback: boolean;
  /** Per group, whether it is IPv6: then only those who answer hear questions. */
  readonly isIpv6: readonly boolean[];
  /** Whether the switch lets no node's questions for IPv6 addresses pass. */
  readonly isSnooped: boolean;
  /** Milliseconds between announcements of an unchanged owner. */
  readonly refresh: number;
  /** Whether preferences put the candidates in another order than the hashes. */
  readonly hasPreferences: boolean;
  /** Whether a foreign host uses the address of the first group from the beginning. */
  readonly hasForeign: boolean;
  /** Whether the second address belongs to the first group, until it moves to one of its own. */
  readonly isShared: boolean;
  /** A watch that stands still does so for at most, in ms. */
  readonly stale: number;
  /** How many nodes have no interface on the second segment: the first candidates of the first group. */
  readonly absent: number;
  /** What goes wrong. */
  readonly faults: readonly PlannedFault[];
}

/** A watch that stands still does so for at most, in ms, where a mix does not say otherwise. */
const STALE = 10_000;

/** Three nodes, one group, and nothing that goes wrong. */
export const CALM: Scenario = {
  mix: "crash",
  seed: 1,
  nodes: 3,
  groups: 1,
  segments: 1,
  loss: 0,
  copies: 0,
  isSlow: false,
  late: 0,
  beat: DEFAULT_HEARTBEATS.beat,
  beatsPerSecond: DEFAULT_HEARTBEATS.beatsPerSecond,
  standbys: DEFAULT_HEARTBEATS.standbys,
  starts: 500,
  isStripped: false,
  isMembershipApart: true,
  hasFailback: false,
  isIpv6: [],
  isSnooped: false,
  refresh: 60_000,
  hasPreferences: false,
  hasForeign: false,
  isShared: false,
  stale: STALE,
  absent: 0,
  faults: [],
};

/** Faults begin after the cluster has come up, in ms. */
const FIRST_FAULT = 3500;

/** The scenario of a mix and a seed. */
export function scenarioOf(name: string, seed: number): Scenario {
  const mix = mixNamed(name);
  const chance = new Chance(seed, indexOf(name));
  const groups = mix.groups ?? chance.between(1, 4);
  const count = chance.between(mix.count[0], mix.count[1]);
  return {
    mix: name,
    seed,
    nodes: mix.nodes ?? chance.between(3, 5),
    groups,
    segments: mix.segments ?? 1,
    loss: chance.pick(mix.loss ?? [0]),
    copies: chance.pick([0, 0, 0.01]),
    isSlow: chance.pick(mix.slow ?? [false]),
    late: mix.late ?? 0.01,
    beat: mix.beat ?? DEFAULT_HEARTBEATS.beat,
    beatsPerSecond: mix.beatsPerSecond ?? DEFAULT_HEARTBEATS.beatsPerSecond,
    standbys: chance.pick(mix.standbys ?? [DEFAULT_HEARTBEATS.standbys]),
    starts: mix.starts ?? 500,
    isStripped: chance.happens(mix.stripped ?? 0),
    isMembershipApart: chance.happens(0.5),
    hasFailback: mix.failback === true && chance.happens(0.5),
    isIpv6: Array.from(
      { length: groups },
      () => chance.happens(mix.isSnooped === true ? 1 : 0.3),
    ),
    isSnooped: mix.isSnooped === true,
    refresh: mix.refresh ?? 60_000,
    hasPreferences: chance.happens(0.5),
    hasForeign: mix.hasForeign === true,
    isShared: mix.isShared === true,
    stale: mix.stale ?? STALE,
    absent: mix.absent === undefined
      ? 0
      : chance.between(mix.absent[0], mix.absent[1]),
    faults: planFaults(mix, count, chance),
  };
}

function planFaults(
  mix: Mix,
  count: number,
  chance: Chance,
): readonly PlannedFault[] {
  const { beat, misses } = DEFAULT_HEARTBEATS;
  const later = misses * Math.max(0, (mix.beat ?? beat) - beat);
  const span = mix.span ?? 9000;
  return Array.from({ length: count }, () => ({
    at: FIRST_FAULT + later + span * chance.unit(),
    kind: chance.pick(mix.faults),
    seed: chance.seed(),
  })).sort((a, b) => a.at - b.at);
}

/** A number that is another for every name. */
function indexOf(name: string): number {
  let index = 7;
  for (const char of name) index = (index * 31 + char.charCodeAt(0)) >>> 0;
  return index;
}
