import type { FaultKind } from "./faults.ts";

/** A kind of runs. */
export interface Mix {
  /** What it is about. */
  readonly about: string;
  /** Faults to choose from; some more often. */
  readonly faults: readonly FaultKind[];
  /** How many, from and to. */
  readonly count: readonly [number, number];
  /** Nodes; default 3 to 5. */
  readonly nodes?: number;
  /** Groups; default 1 to 4. */
  readonly groups?: number;
  /** Segments; default 1. */
  readonly segments?: number;
  /** How many nodes have no interface on the second segment, from and to: the first candidates; default none. */
  readonly absent?: readonly [number, number];
  /** Part of the frames that is lost, to choose from. */
  readonly loss?: readonly number[];
  /** Whether some frames come late, to choose from. */
  readonly slow?: readonly boolean[];
  /** Part of the frames that come late in such runs; default 0.01. */
  readonly late?: number;
  /** Milliseconds between two beats; default 100. */
  readonly beat?: number;
  /** Beats a second that a node sends at most; default 200. */
  readonly beatsPerSecond?: number;
  /** Candidates after the owner that it beats with, to choose from; default 2. */
  readonly standbys?: readonly number[];
  /** All nodes start within so many ms; default 500. */
  readonly starts?: number;
  /** Part of the runs in which claims are stripped from frames. */
  readonly stripped?: number;
  /** Whether half of the runs have fail-back. */
  readonly failback?: boolean;
  /** Part of the faults that stay; default 0.15. */
  readonly stays?: number;
  /** Faults spare the owner of the first group. */
  readonly sparesOwner?: boolean;
  /** Faults come within so many ms; default 9000. */
  readonly span?: number;
  /** At rest the first candidate owns a group, fail-back or not. */
  readonly isFirstAtRest?: boolean;
  /** A foreign host uses the address of the first group, which is new, until a fault of its own. */
  readonly hasForeign?: boolean;
  /** The second address belongs to the first group at first, and may move to one of its own and back. */
  readonly isShared?: boolean;
  /** A watch that stands still does so for at most, in ms; default 10000. */
  readonly stale?: number;
  /** The longest gap while views differ, once somebody knows who could serve, in ms; default any. */
  readonly views?: number;
  /** No group may move. */
  readonly isStill?: boolean;
  /**
   * The longest gap after the last fault, in ms, where a standby can act; without
   * it, 605 ms after a single fault.
   */
  readonly gap?: number;
  /** The longest gap where none can, in ms; default 8000. */
  readonly longGap?: number;
  /** All gaps together, in ms. */
  readonly outage?: number;
  /** The client is judged even when its owner died in a split, and while links are cut. */
  readonly judgesClient?: boolean;
  /** All groups are IPv6, and the switch lets no node's questions pass. */
  readonly isSnooped?: boolean;
  /** Milliseconds between announcements of an unchanged owner; default 60000. */
  readonly refresh?: number;
  /** The longest time of two owners, in ms, where no frame comes late. */
  readonly two?: number;
  /** A group moves at most so often. */
  readonly moves?: number;
  /** Announcements a second, group and segment; default 8. */
  readonly announcements?: number;
}

/** The mixes by name. */
export const MIXES: Readonly<Record<string, Mix>> = {
  quiet: {
    about: "nothing happens",
    faults: ["none"],
    count: [0, 0],
    slow: [false, true],
    isStill: true,
    gap: 200,
  },
  loss5: {
    about: "2 to 5 % of the frames are lost",
    faults: ["none"],
    count: [0, 0],
    loss: [0.02, 0.05],
    isStill: true,
  },
  loss20: {
    about: "10 to 20 % of the frames are lost",
    faults: ["none"],
    count: [0, 0],
    loss: [0.1, 0.2],
    announcements: 12,
  },
  crash: {
    about: "one node crashes",
    faults: ["crash"],
    count: [1, 1],
    slow: [false, false, true],
    gap: 500,
    two: 0,
  },
  restart: {
    about:
      "the owner's process crashes and is back at once, and waits for a node that is down",
    faults: ["restart"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    gap: 400,
  },
  newcomer: {
    about: "a candidate starts again that does not hear the owner",
    faults: ["newcomer"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    isStill: true,
  },
  latecomer: {
    about:
      "the last candidate starts again where a switch lets no questions pass",
    faults: ["latecomer"],
    count: [1, 1],
    nodes: 5,
    groups: 1,
    isSnooped: true,
    isStill: true,
  },
  boot: {
    about:
      "standbys boot and do not forward yet, and the owner crashes or ends",
    faults: ["boot"],
    count: [1, 1],
    groups: 1,
    gap: 500,
  },
  rack: {
    about: "the owner and both standbys crash",
    faults: ["rack"],
    count: [1, 1],
    nodes: 5,
    groups: 1,
  },
  far: {
    about: "the client is left with candidates that do not beat the owner",
    faults: ["far"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    stays: 0.5,
  },
  crashes: {
    about: "crashes and ends",
    faults: ["crash", "crash", "exit"],
    count: [2, 4],
    loss: [0, 0, 0.05],
  },
  term: {
    about: "speakers end",
    faults: ["exit"],
    count: [1, 2],
    slow: [false, false, true],
    gap: 100,
  },
  drain: {
    about: "nodes drain and return",
    faults: ["drain", "drain", "crash", "exit"],
    count: [1, 3],
    failback: true,
  },
  pause: { about: "nodes stand still", faults: ["pause"], count: [1, 3] },
  freeze: {
    about: "machines stand still, and lose what is sent to them",
    faults: ["freeze"],
    count: [1, 3],
    two: 20,
  },
  power: {
    about: "all nodes lose power, and somebody replays what they said before",
    faults: ["power", "crash", "spoof", "spoof", "spoof", "spoof"],
    count: [4, 12],
    announcements: 12,
  },
  heal: {
    about: "a long split with owners on either side heals",
    faults: ["longSplit"],
    count: [1, 1],
    span: 1500,
  },
  heckler: {
    about:
      "a long split heals while the winner pauses between answers to lower claims",
    faults: ["heckler"],
    count: [1, 1],
    groups: 1,
    nodes: 4,
    judgesClient: true,
  },
  widow: {
    about: "the owner is cut off, and its replacement dies at the heal",
    faults: ["widow"],
    count: [1, 1],
    groups: 1,
    nodes: 2,
    judgesClient: true,
  },
  widows: {
    about: "the same, and others remember the claim of the dead",
    faults: ["widow"],
    count: [1, 1],
    groups: 1,
    nodes: 4,
    judgesClient: true,
  },
  recluse: {
    about: "the owner is cut off, is replaced, drains, and is heard again",
    faults: ["recluse"],
    count: [1, 1],
    groups: 1,
    moves: 1,
  },
  muted: {
    about: "nobody hears the owner, which is told of its replacement by others",
    faults: ["muted"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    moves: 1,
  },
  heir: {
    about:
      "the owner crashes, and nobody hears any more who is about to follow it",
    faults: ["heir"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    moves: 1,
  },
  blink: {
    about: "a standby is cut off for about as long as a take-over takes",
    faults: ["blink"],
    count: [1, 4],
    nodes: 5,
    groups: 4,
    isStill: true,
  },
  flicker: {
    about: "the cable of a standby is loose, and makes contact for moments",
    faults: ["flicker"],
    count: [1, 1],
    nodes: 4,
    groups: 3,
    isStill: true,
  },
  snoop: {
    about: "a switch lets no questions for IPv6 addresses pass",
    faults: ["longSplit", "crash", "pair"],
    count: [1, 2],
    span: 4000,
    isSnooped: true,
  },
  feud: {
    about:
      "the segment is split twice where a switch lets no questions pass, and heals",
    faults: ["longSplit"],
    count: [2, 2],
    groups: 1,
    span: 4000,
    isSnooped: true,
    // Who is nobody's standby is found by gossip.
    two: 10_000,
    moves: 5,
  },
  dispute: {
    about: "nodes do not hear each other's IP, nor each other's questions",
    faults: ["ipcut"],
    count: [1, 1],
    groups: 1,
    stays: 1,
    isSnooped: true,
    moves: 20,
  },
  deaf: {
    about: "a new owner turns deaf and goes on sending",
    faults: ["deaf"],
    count: [1, 1],
    groups: 1,
    refresh: 2000,
    gap: 560,
    judgesClient: true,
  },
  rivals: {
    about: "a split heals while IP is cut and claims are stripped",
    faults: ["rivals"],
    count: [1, 1],
    span: 1500,
    stripped: 0.7,
  },
  rotation: {
    about:
      "the segment is split while the key is replaced, and heals before all have it",
    faults: ["rotation"],
    count: [1, 1],
    span: 1500,
    // Who cannot read each other's claims are two owners until they can.
    two: 6500,
  },
  handover: {
    about:
      "a group is given away by an owner that does not reach all candidates",
    faults: ["handover"],
    count: [1, 1],
    nodes: 6,
    groups: 1,
    standbys: [2, 5],
    gap: 100,
  },
  lateoffer: {
    about: "a candidate stands still while groups are offered to it",
    faults: ["lateOffer"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
  },
  replay: {
    about: "somebody replays a claim from an earlier life of the cluster",
    faults: ["replay"],
    count: [1, 2],
    outage: 420,
    gap: 260,
    announcements: 12,
  },
  chorus: {
    about:
      "somebody replays old claims of more nodes than an owner may beat, and it crashes",
    faults: ["chorus"],
    count: [1, 1],
    nodes: 8,
    groups: 1,
    beatsPerSecond: 35,
    gap: 450,
  },
  rebeat: {
    about:
      "a standby that starts again is told what a dead owner told it before",
    faults: ["rebeat"],
    count: [1, 1],
    nodes: 3,
    groups: 1,
    span: 1500,
    longGap: 2000,
  },
  succession: {
    about: "the owner crashes while its first standby drains or starts",
    faults: ["succession"],
    count: [1, 1],
    groups: 1,
    gap: 380,
  },
  flap: {
    about: "a node fails again and again soon after it has returned",
    faults: ["flap"],
    count: [1, 1],
    groups: 1,
    failback: true,
    span: 500,
    moves: 5,
  },
  link: {
    about: "the link between two nodes is cut, one way or both",
    faults: ["pair"],
    count: [1, 1],
    isStill: true,
  },
  farlink: {
    about:
      "the link between the owner and a candidate that does not beat it is cut",
    faults: ["farLink"],
    count: [1, 1],
    nodes: 5,
    isStill: true,
  },
  blackout: {
    about: "the owner stands still until it is replaced, and then all do",
    faults: ["blackout"],
    count: [1, 2],
  },
  dominoes: {
    about:
      "one owner after the other stands still, and all go on at nearly the same time",
    faults: ["dominoes"],
    count: [1, 1],
    nodes: 4,
    groups: 1,
    outage: 2500,
  },
  busy: {
    about: "all nodes get no processor for a moment, again and again",
    faults: ["busy"],
    count: [1, 1],
    groups: 1,
    failback: true,
    span: 500,
    moves: 8,
  },
  mutiny: {
    about: "a deaf candidate takes over alone, and ends",
    faults: ["mutiny"],
    count: [1, 1],
    groups: 1,
    isStill: true,
  },
  bystander: {
    about: "something happens to nodes that do not own the group",
    faults: ["pause", "crash", "isolate", "exit"],
    count: [1, 3],
    nodes: 4,
    groups: 1,
    sparesOwner: true,
    isStill: true,
    stays: 0,
  },
  links: {
    about: "links between nodes and to the client are cut, one way or both",
    faults: ["pair", "isolate", "client"],
    count: [1, 3],
  },
  split: {
    about: "the segment is split",
    faults: ["split", "isolate", "split", "crash"],
    count: [1, 3],
  },
  ipcut: {
    about: "nodes do not hear each other's IP, but ARP passes",
    faults: ["ipcut", "ipcut", "crash", "pause"],
    count: [1, 3],
  },
  views: {
    about: "views of the API differ for moments",
    faults: ["view"],
    count: [1, 4],
    failback: true,
  },
  cold: {
    about: "all nodes start within a second",
    faults: ["none"],
    count: [0, 0],
    starts: 1000,
    slow: [false, false, true],
    loss: [0, 0.05, 0.1],
    isFirstAtRest: true,
    isStill: true,
  },
  prefer: {
    about: "preferences change among nodes that are here",
    faults: ["prefer"],
    count: [1, 1],
    isFirstAtRest: true,
    gap: 100,
  },
  move: {
    about: "the only endpoint ends and comes elsewhere, and frames come late",
    faults: ["move"],
    count: [4, 8],
    groups: 1,
    slow: [true],
    late: 0.5,
    refresh: 250,
    announcements: 12,
  },
  viewcrash: {
    about: "views differ while nodes crash, end and stand still",
    faults: ["view", "view", "crash", "exit", "pause"],
    count: [2, 4],
    failback: true,
  },
  yieldcut: {
    about: "hand-over while links and IP are cut",
    faults: ["ipcut", "view", "ipcut", "view", "exit", "pair"],
    count: [3, 5],
    stays: 0.4,
  },
  adopt: {
    about:
      "an address moves from one Service to another, and views differ for long",
    faults: ["adopt", "adopt", "crash", "exit", "pause"],
    count: [1, 3],
    groups: 2,
    isShared: true,
    stale: 20_000,
    span: 6000,
    views: 8000,
  },
  movecut: {
    about: "an only endpoint moves while IP is cut between the nodes",
    faults: ["moveCut"],
    count: [1, 1],
  },
  amnesia: {
    about:
      "the same, and a third starts again that knew that the owner fell silent",
    faults: ["amnesia"],
    count: [1, 1],
    nodes: 3,
    groups: 3,
  },
  strip: {
    about: "claims are stripped from frames",
    faults: ["crash", "pause", "ipcut", "view", "isolate"],
    count: [1, 3],
    stripped: 1,
  },
  spoof: {
    about:
      "somebody announces under members' and foreign addresses, and replays",
    faults: ["spoof"],
    count: [3, 12],
    isStill: true,
    gap: 200,
    announcements: 12,
  },
  foreign: {
    about:
      "a foreign host uses a new address, leaves, comes back and fights for it",
    faults: ["foreign"],
    count: [1, 1],
    hasForeign: true,
  },
  metallb: {
    about: "one node becomes a speaker of MetalLB's",
    faults: ["metallb", "crash", "pause"],
    count: [2, 4],
    announcements: 12,
  },
  crowd: {
    about: "a node crashes where there are more peers than a node may beat",
    faults: ["crash"],
    count: [1, 1],
    nodes: 6,
    groups: 4,
    beatsPerSecond: 20,
    gap: 1000,
  },
  shrink: {
    about:
      "all groups but one are deleted where there are more peers than a node may beat",
    faults: ["clear"],
    count: [1, 1],
    nodes: 6,
    groups: 8,
    beatsPerSecond: 10,
    standbys: [1],
    isStill: true,
    gap: 200,
  },
  farewell: {
    about:
      "a speaker ends where beats in turn are rarer than an offer used to stand",
    faults: ["farewell"],
    count: [1, 1],
    nodes: 6,
    groups: 4,
    beatsPerSecond: 2,
    span: 0,
    gap: 150,
  },
  fast: {
    about: "a node crashes where heartbeats are every 50 ms",
    faults: ["crash"],
    count: [1, 1],
    beat: 50,
    slow: [false, false, true],
    gap: 300,
    two: 0,
  },
  slow: {
    about: "a crash, an end or a split where heartbeats are every second",
    faults: ["crash", "exit", "split"],
    count: [1, 1],
    beat: 1000,
    gap: 3300,
    longGap: 9500,
    // Two find each other by their next beat.
    two: 1060,
  },
  segments: {
    about: "two segments, faults on one of them",
    faults: ["isolate", "split", "pair", "crash", "client", "unplug"],
    count: [1, 3],
    segments: 2,
  },
  branch: {
    about:
      "an owner dies on a segment on which the first candidates have no interface",
    faults: ["branch"],
    count: [1, 1],
    nodes: 6,
    groups: 1,
    segments: 2,
    absent: [3, 4],
    span: 6000,
    gap: 720,
  },
  clock: {
    about: "clocks jump while nodes restart",
    faults: ["clock", "crash", "clock", "crash", "exit"],
    count: [2, 5],
    stays: 0,
  },
  skew: {
    about: "the only standby has started again with a clock that went back",
    faults: ["skew"],
    count: [1, 1],
    nodes: 2,
    gap: 500,
  },
  all: {
    about: "everything",
    faults: [
      "crash",
      "exit",
      "pause",
      "pair",
      "isolate",
      "split",
      "ipcut",
      "view",
      "client",
      "spoof",
      "drain",
      "clock",
    ],
    count: [2, 6],
    loss: [0, 0, 0.05, 0.2],
    slow: [false, false, true],
    stripped: 0.1,
    failback: true,
    announcements: 12,
  },
};

/**
 * The mix of a name.
 *
 * @throws {RangeError} When there is none.
 */
export function mixNamed(name: string): Mix {
  const mix = MIXES[name];
  if (mix === undefined) throw new RangeError(`Cannot find mix "${name}"`);
  return mix;
}
