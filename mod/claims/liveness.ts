/** Rule 3: who is alive, as far as this node can tell. */
import { type Beat, MAX_AGE, NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";
import type { Timing } from "./timing.ts";

/** An owner's beat may be under way while its announcement is believed, in beats. */
const DENIAL_BEATS = 1.5;

/** Within this all ranks of candidates have had their turn to take over, in ms. */
const TURNS = 1000;

/** Rule 3. Silence after which a peer is lost, in ms: by its own interval, if that is longer than ours. */
export function detectionOf(peer: Peer, timing: Timing): number {
  return peer.interval <= timing.beat
    ? timing.detect
    : timing.detect * peer.interval / timing.beat;
}

/** Rule 4. Silence after which a peer is in doubt, in ms: one beat before it is lost. */
export function doubtOf(peer: Peer, timing: Timing): number {
  return detectionOf(peer, timing) * timing.doubt / timing.detect;
}

/** Whether a beat of the peer came within the detection time. */
export function isFresh(peer: Peer, timing: Timing, now: number): boolean {
  return now - peer.beatAt < detectionOf(peer, timing);
}

/** Whether beats of every living member came within the detection time, on one segment at least. */
export function hearsAll(
  contexts: readonly Context[],
  self: Self,
  now: number,
): boolean {
  for (const { segment } of contexts) {
    for (const { node, isAlive } of segment.peerList) {
      const isOther = isAlive && node !== self.node;
      if (isOther && !isHeard(contexts, node, self.timing, now)) return false;
    }
  }
  return true;
}

function isHeard(
  contexts: readonly Context[],
  node: number,
  timing: Timing,
  now: number,
): boolean {
  for (const { segment } of contexts) {
    const peer = segment.peers.get(node);
    if (peer !== undefined && isFresh(peer, timing, now)) return true;
  }
  return false;
}

/** Whether a peer says in its beats that it hears another. */
export function isHeardBy(
  peer: Peer,
  by: Peer,
  timing: Timing,
  now: number,
): boolean {
  const report = by.reports.get(peer.node);
  return report !== undefined && now - report.life < detectionOf(peer, timing);
}

/**
 * Rule 3. When a beat's sender was last alive *and hearing*: now, dated back by
 * what its own newest reception is older than a beat, so that deafness shows
 * as fast as death; never, when that is longer ago than a beat can tell.
 */
export function lifeOfBeat(beat: Beat, now: number): number {
  if (beat.newestAge >= MAX_AGE) return -Infinity;
  return now - Math.max(0, beat.newestAge - beat.interval);
}

/** Rule 7. Contact that a group may be handed over to: each hears the other. */
export function isSound(peer: Peer, timing: Timing, now: number): boolean {
  return isFresh(peer, timing, now) && peer.isTwoWay;
}

/**
 * Rule 3. The newest sign of life of a peer: its own beats, or what a peer
 * with which we are two-way vouches for. A report may hold a take-over, it never
 * silences anybody.
 */
export function lifeOf(ctx: Context, peer: Peer, now: number): number {
  const { timing } = ctx.self;
  // Others are asked only when the peer itself may be silent.
  if (now - peer.life < timing.beat) return peer.life;
  let life = peer.life;
  for (const witness of ctx.segment.peerList) {
    if (witness === peer || !witness.isTwoWay) continue;
    const report = witness.reports.get(peer.node);
    if (report === undefined || report.life <= life) continue;
    const isPresent = peer.incarnation === 0 ||
      report.incarnation === peer.incarnation;
    if (isPresent && isFresh(witness, timing, now)) life = report.life;
  }
  return life;
}

/**
 * Rule 3. Whether the silence of a peer stops meaning anything: nobody wants
 * these beats any more.
 */
export function isDisarmed(peer: Peer, timing: Timing, now: number): boolean {
  return now >= disarmedAt(peer, timing);
}

/**
 * Rule 3. When the silence of a peer stops meaning anything. Where neither side
 * wants the beats that is before it would be asked for, so that nobody asks
 * because a session ended. Who wanted ours until the end has died: that counts
 * until whoever is asked in vain has had its turn.
 */
export function disarmedAt(peer: Peer, timing: Timing): number {
  if (peer.isWanted) return Infinity;
  return peer.wantsUsAt < peer.beatAt
    ? peer.beatAt + doubtOf(peer, timing)
    : peer.beatAt + detectionOf(peer, timing) + TURNS;
}

/**
 * Rule 3. Whether a beat of a newer incarnation, or one of the present that no
 * longer claims, ends the belief in an owner at once.
 */
export function endsBelief(): boolean {
  return true;
}

/**
 * Rule 3. Whether it is remembered that the claim of a group has ended, to be told:
 * where nobody is known to own it. Who has just started may not have known of
 * the claim, and vouches for its owner all the same.
 */
export function remembersEnd({ owner }: Group, _wasOwner: boolean): boolean {
  return owner === NO_CLAIM;
}

/**
 * Rule 3. Whether a candidate is told that the claim of a group has ended: its
 * owner, which we hear and have followed, told us, and nobody claims it since. The
 * candidate may not hear that owner, and takes our word that it lives.
 */
export function tellsEnd(
  { self }: Context,
  group: Group,
  owner: Peer,
  to: Peer,
  now: number,
): boolean {
  const { timing } = self;
  // What the dead once claimed stands for ever.
  const isClaimed = group.claimants.some((peer) => isFresh(peer, timing, now));
  return to !== owner && !isClaimed &&
    group.candidates.some(({ peer }) => peer === to) &&
    owner.isFollowed && isFresh(owner, timing, now);
}

/**
 * Rule 3. Whether we believe a peer that the claim of a group has ended: it
 * vouches for an owner that we do not hear. The LAN is asked all the same.
 */
export function heedsEnd(
  { self }: Context,
  group: Group,
  from: Peer,
  now: number,
): boolean {
  const owner = group.ownerPeer;
  return group.role === "idle" && owner !== undefined && owner !== from &&
    from.isTwoWay && from.reports.has(owner.node) &&
    !isFresh(owner, self.timing, now);
}

/**
 * Rule 3. The incarnation of a node of which a peer remembers another: when
 * that is later, its clock went back, and it goes above.
 */
export function incarnationAfter(own: number, remembered: number): number {
  return remembered > own ? remembered + 1 : own;
}

/**
 * Rule 3. Whether what a peer says may be believed: one of its beats has named our
 * present incarnation, so all that are newer were made since we started. Before,
 * they may have been recorded in an earlier life of ours.
 */
export function isContemporary(peer: Peer): boolean {
  return peer.isContemporary;
}

/**
 * Rule 3. Whether an owner is believed in that claims nothing in its beats, of
 * which we have followed all: it gave the group up, or what we heard was late, or
 * it takes the address that it answers for for another group's.
 */
export function isDenied(group: Group, timing: Timing, now: number): boolean {
  const owner = group.ownerPeer;
  return owner !== undefined && owner.isArmed && owner.isFollowed &&
    isFresh(owner, timing, now) &&
    owner.beatAt > group.believedAt + DENIAL_BEATS * timing.beat &&
    owner.claim(group.id).term === 0;
}
