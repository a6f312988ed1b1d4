/**
 * The knobs of the protocol, each with the formula that it goes into. In the
 * formulas n is the number of members known, the recently dead included.
 * Every member should have the same settings, though nothing breaks if not.
 */

/** Settings of a member. Durations are in ms; an interval of 0 switches off. */
export interface SwimSettings {
  /**
   * `ProbeInterval`: one member is probed in each, in turn, in an order that is
   * shuffled every round, so that every member is probed by somebody about once
   * an interval, whatever n is. A probe that fails is known to have failed at
   * the end of its interval. While the own health is bad, the interval is
   * `probeInterval × (1 + score)`. Shorter detects sooner, and costs packets. While
   * something else tells that all live, 5 s if that is longer (the event `heard`).
   */
  readonly probeInterval: number;
  /**
   * `ProbeTimeout`: time for the direct answer, after which others are asked to
   * probe for us, and a stream is tried, for the rest of the interval. More
   * than the round trip of 99 packets in 100.
   */
  readonly probeTimeout: number;
  /** `IndirectChecks`: how many members are asked to probe for us. */
  readonly indirectChecks: number;
  /** `DisableTcpPings`, inverted: whether a stream is tried as well. */
  readonly streamPings: boolean;
  /**
   * `AwarenessMaxMultiplier`: the score of the own health goes from 0 to one
   * less. It rises when probes fail for what may be our own fault (each nack
   * that is missing, each accusation to be refuted), and falls with each probe
   * that succeeds.
   */
  readonly awarenessMaxMultiplier: number;
  /**
   * `SuspicionMult`: a suspect has at least
   * `min = suspicionMult × max(1, log10 n) × probeInterval` to refute before it
   * is declared dead, and that little only once
   * `k = suspicionMult − 2` others confirm the suspicion (`k = 0` while n − 2 < k).
   */
  readonly suspicionMult: number;
  /**
   * `SuspicionMaxTimeoutMult`: without confirmations a suspect has
   * `max = suspicionMaxTimeoutMult × min`; with c of them
   * `max(min, max − (max − min) × log(c + 1) / log(k + 1))`.
   */
  readonly suspicionMaxTimeoutMult: number;
  /**
   * `RetransmitMult`: a message is gossiped
   * `retransmitMult × ceil(log10(n + 1))` times. More spreads more surely.
   */
  readonly retransmitMult: number;
  /** `GossipInterval`: how often gossip is sent that no other packet has carried. */
  readonly gossipInterval: number;
  /** `GossipNodes`: to how many members each time. */
  readonly gossipNodes: number;
  /**
   * `GossipToTheDeadTime`: for how long a dead member still gets gossip, so
   * that it can object, and is remembered. Afterwards it is forgotten at the
   * end of the next round of probes.
   */
  readonly gossipToTheDead: number;
  /**
   * `PushPullInterval`: how often all states are exchanged with one other
   * member over a stream; heals what gossip missed. From 33 members on it is
   * `pushPullInterval × (1 + ceil(log2 n − log2 32))`.
   */
  readonly pushPullInterval: number;
  /** `TCPTimeout`: time for such an exchange, connecting included. */
  readonly streamTimeout: number;
  /**
   * `DeadNodeReclaimTime` (not in MetalLB's ConfigMap): after how long another
   * address may take the name of a dead member. 0: not before it is forgotten.
   * The name of one that left is free at once, and the same address may always
   * come back.
   */
  readonly deadNodeReclaim: number;
  /**
   * `UDPBufferSize`: bytes of the largest packet, below the path's MTU. At
   * least 1200, so that any one message fits; IPv6 guarantees 1232.
   */
  readonly packetSize: number;
  /** `EnableCompression`: whether messages are compressed where that makes them shorter. */
  readonly compression: boolean;
  /** `GossipVerifyIncoming`: with a key, whether what comes in plain is refused. */
  readonly verifyIncoming: boolean;
  /**
   * `GossipVerifyOutgoing`: with a key, whether what goes out is encrypted. A
   * running cluster gets encryption in three rounds over all members: keys with
   * both off, then outgoing on, then incoming on.
   */
  readonly verifyOutgoing: boolean;
  /**
   * Protocol version that is spoken, 1 to 5; all of 1 to 5 are understood. 1
   * fills encrypted payloads up to whole blocks. memberlist speaks 2 by default.
   */
  readonly protocolVersion: number;
}

/** For one LAN: what MetalLB uses by default. Death is known in 5 to 7 s with a few members. */
export const LAN: SwimSettings = {
  probeInterval: 1000,
  probeTimeout: 500,
  indirectChecks: 3,
  streamPings: true,
  awarenessMaxMultiplier: 8,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  retransmitMult: 4,
  gossipInterval: 200,
  gossipNodes: 3,
  gossipToTheDead: 30_000,
  pushPullInterval: 30_000,
  streamTimeout: 10_000,
  deadNodeReclaim: 0,
  packetSize: 1400,
  compression: true,
  verifyIncoming: true,
  verifyOutgoing: true,
  protocolVersion: 2,
};

/** For slow or lossy networks (MetalLB's `--ml-wan-config`): about 40 s. */
export const WAN: SwimSettings = {
  ...LAN,
  streamTimeout: 30_000,
  suspicionMult: 6,
  pushPullInterval: 60_000,
  probeTimeout: 3000,
  probeInterval: 5000,
  gossipNodes: 4,
  gossipInterval: 500,
  gossipToTheDead: 60_000,
};

/** For members on one machine: 4 to 6 s. */
export const LOCAL: SwimSettings = {
  ...LAN,
  streamTimeout: 1000,
  indirectChecks: 1,
  retransmitMult: 2,
  suspicionMult: 3,
  pushPullInterval: 15_000,
  probeTimeout: 200,
  gossipInterval: 100,
  gossipToTheDead: 15_000,
};

/** What is wrong with settings, one sentence each; nothing when they can be used. */
export function settingsProblems(settings: SwimSettings): readonly string[] {
  const problems: string[] = [];
  const demand = (
    name: keyof SwimSettings,
    least: number,
    most = Number.MAX_SAFE_INTEGER,
  ): void => {
    const value = Number(settings[name]);
    if (!(value >= least && value <= most)) {
      problems.push(`${name} is ${value}: it must be from ${least} to ${most}`);
    }
  };
  for (const name of DURATIONS) demand(name, 0);
  demand("streamTimeout", 1);
  demand("indirectChecks", 0);
  demand("gossipNodes", 0);
  demand("awarenessMaxMultiplier", 1);
  demand("suspicionMult", 1);
  demand("suspicionMaxTimeoutMult", 1);
  demand("retransmitMult", 1);
  demand("packetSize", LEAST_PACKET, 65_507);
  demand("protocolVersion", 1, 5);
  return problems;
}

const DURATIONS = [
  "probeInterval",
  "probeTimeout",
  "gossipInterval",
  "gossipToTheDead",
  "pushPullInterval",
  "deadNodeReclaim",
] as const;

/** Room for one member with the longest name and metadata, protected and labelled. */
const LEAST_PACKET = 1200;
