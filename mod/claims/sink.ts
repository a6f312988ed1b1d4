import type { Beat, Claim } from "../ownership/mod.ts";

/** Why something happened, in one word; the words are labels of metrics. */
export type ClaimReason =
  /** The owner gave no sign of life on any path. */
  | "ownerSilent"
  /** Nobody is known to own the group, and nobody answered. */
  | "ownerUnknown"
  /** Another handed it over. */
  | "offered"
  /** A claim made alone was made in full, because members hear us again. */
  | "hearsAgain"
  /** A higher claim is remembered, and its claimant is gone. */
  | "claimantGone"
  /** Whoever silenced us does not answer. */
  | "winnerSilent"
  /** A higher claim was heard from its owner. */
  | "higherClaim"
  /** The successor claims it. */
  | "handedOver"
  /** This node was standing still and may have been replaced. */
  | "stall"
  /** The group is no longer to be announced here. */
  | "removed"
  /** A member that knows no claims comes first; for a take-over, it owned the group and does not any more. */
  | "legacyOwner"
  /** The node drains. */
  | "drain"
  /** The speaker ends. */
  | "exit"
  /** The main thread has been silent for too long. */
  | "mainSilent"
  /** This node is no longer a candidate. */
  | "notCandidate"
  /** The order changed and another comes first. */
  | "placement"
  /** A candidate that comes first has returned. */
  | "failback"
  /** Nobody took it over. */
  | "noSuccessor";

/** What is reported after it was done. */
export interface ClaimEvent {
  /** What happened: taken over, offered to another, kept after all, fallen silent. */
  readonly kind: "takeOver" | "offer" | "keep" | "silent";
  /** Why. */
  readonly reason: ClaimReason;
  /** Slot of the interface. */
  readonly slot: number;
  /** Id of the group. */
  readonly group: number;
  /** Own claim after it; what was given up, for `silent`. */
  readonly claim: Claim;
  /** The other node concerned: previous owner, successor, winner; `NO_NODE` = none. */
  readonly node: number;
}

/** Something that is counted and told, but changes no owner. */
export type ClaimNotice =
  /** A foreign host announces or answers for an address of the group (RFC 5227 §2.4). */
  | "foreignConflict"
  /** A new address was not taken into use: a foreign host answers for it (RFC 5227 §2.1). */
  | "addressInUse"
  /** A member's MAC announced without a claim although that member sends claims. */
  | "claimMissing"
  /** A lower claim was heard from another owner. */
  | "contested"
  /** A claim was made without proof that anybody hears us. */
  | "alone"
  /** A peer that was taken for lost lives: its beats come again, of the same start. Of no group. */
  | "lostPeerLives"
  /** This node is late again and again: others are asked to wait longer for it. Of no group. */
  | "late";

/**
 * What the engine has done: the driver performs it, and decides nothing.
 *
 * Slots are those of interfaces; groups and nodes are ids.
 */
export interface ClaimSink {
  /**
   * Answer for the addresses of the group from now on, with this claim in every
   * frame that a member may see; called again when the claim changes.
   */
  answer(slot: number, group: number, claim: Claim): void;
  /** Answer for them no longer. */
  silence(slot: number, group: number): void;
  /** Send one announcement of every address of the group, now. */
  announce(slot: number, group: number): void;
  /**
   * Send one frame about every address of the group, now: nothing has changed.
   *
   * @param turn Counts on; where an announcement takes several forms, they take turns.
   */
  announceAgain(slot: number, group: number, turn: number): void;
  /**
   * Ask who answers for the group: an ARP probe, a Neighbor Solicitation.
   *
   * @param claim What the question carries; `NO_CLAIM` = nothing.
   */
  ask(slot: number, group: number, claim: Claim): void;
  /** Ask a station that was heard before, such as the gateway, for a sign that it hears us. */
  askWitness(slot: number): void;
  /** Send a beat; it is filled anew after the call. */
  beat(slot: number, node: number, beat: Beat): void;
  /**
   * A beat came of a peer that was not lost.
   *
   * @param lateness How much later than one of its intervals after the one
   * before, in ms; 0 for one that came earlier.
   */
  beatCame(slot: number, lateness: number): void;
  /** Tell what became of a group. */
  report(event: ClaimEvent): void;
  /** Count and tell something else; group 0 = it is about no group. */
  notice(slot: number, group: number, notice: ClaimNotice): void;
}
