/** What a node learns from a beat. */
import {
  type Beat,
  type Claim,
  claimOf,
  MAX_AGE,
  NO_CLAIM,
  NO_OWNER,
} from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { hearClaim, hearOfClaim } from "./hearing.ts";
import { disbelieve } from "./idle.ts";
import { noteHeard, noteTwoWay } from "./isolation.ts";
import { detectionOf, isFresh } from "./liveness.ts";
import type { Peer } from "./peer.ts";
import { claim } from "./transitions.ts";
import {
  noteBeat,
  noteProof,
  noteVouching,
  touchGroupsOf,
} from "./watching.ts";

/** By so much two reports of the same sign of life may differ, in ms: ages are rounded, and beats are not equally long under way. */
const REPORT_ERROR = 5;

/** Whether a beat was taken in, or why not. */
export type BeatOutcome =
  | "taken"
  /** It may have been recorded before this node started: only the terms in it count. */
  | "unproven"
  /** Of an earlier incarnation of its sender. */
  | "oldIncarnation"
  /** A copy, an overtaken one, or a replay. */
  | "oldSequence"
  /** Our own. */
  | "ownBeat"
  /** It came on an interface on which nothing is announced. */
  | "unknownInterface";

/**
 * Takes in a beat.
 *
 * @param isBacklog It was buffered while this node stood still.
 */
export function readBeat(
  ctx: Context,
  beat: Beat,
  now: number,
  isBacklog: boolean,
): BeatOutcome {
  if (beat.node === ctx.self.node) return "ownBeat";
  const peer = ctx.segment.peer(beat.node);
  if (peer === undefined || beat.incarnation < peer.incarnation) {
    return "oldIncarnation";
  }
  if (beat.incarnation > peer.incarnation) {
    beginIncarnation(ctx, peer, beat, now);
  }
  // Whatever an overtaken one says, a newer one has said better.
  if (beat.sequence <= peer.sequence) return "oldSequence";
  peer.sequence = beat.sequence;
  if (isBacklog && !ctx.rules.backlogIsEvidence()) {
    raiseSeen(ctx, beat);
    return "taken";
  }
  peer.cameAt = now;
  meet(ctx, peer, beat);
  if (!ctx.rules.isContemporary(peer)) {
    readUnproven(ctx, peer, beat, now);
    return "unproven";
  }
  readLife(ctx, peer, beat, now);
  readReports(ctx, peer, beat, now);
  readChanges(ctx, peer, beat, now);
  readCorrections(ctx, peer, beat, now);
  readOffers(ctx, peer, beat, now);
  noteBeat(ctx, peer, now);
  return "taken";
}

/** Rule 3. A newer incarnation ends the old one's claims at once. */
function beginIncarnation(
  ctx: Context,
  peer: Peer,
  beat: Beat,
  now: number,
): void {
  const isRestart = peer.incarnation !== 0;
  peer.incarnation = beat.incarnation;
  peer.sequence = 0;
  peer.isArmed = false;
  peer.isTwoWay = false;
  peer.breakContact();
  peer.followed = 0;
  peer.acknowledged = 0;
  peer.informed = 0;
  forgetClaims(ctx, peer);
  touchGroupsOf(peer, now);
  ctx.segment.touchPeer(peer, now);
  if (!isRestart || !ctx.rules.endsBelief()) return;
  for (const group of ctx.segment.groupList) {
    if (group.role === "idle" && group.ownerPeer === peer) {
      disbelieve(group, now);
    }
  }
}

function forgetClaims({ segment }: Context, peer: Peer): void {
  for (const [id, told] of peer.told) peer.untell(segment.group(id), told);
  peer.told.clear();
}

/** Claims in what was buffered are remembered, but prove nothing. */
function raiseSeen(ctx: Context, beat: Beat): void {
  for (let index = 0; index < beat.changes.length; index++) {
    const change = beat.changes.at(index);
    if (change.term === 0) continue;
    ctx.segment.group(change.group).see(claimOf(change, beat.node));
  }
}

/** Finds out whether the sender knows our present incarnation, and whether that is the latest. */
function meet({ rules, self }: Context, peer: Peer, { heard }: Beat): void {
  if (heard.length === 0) return;
  const { node, incarnation } = heard.at(0);
  if (node !== self.node) return;
  self.incarnation = rules.incarnationAfter(self.incarnation, incarnation);
  if (incarnation === self.incarnation) peer.isContemporary = true;
}

/**
 * Rule 3. What may be a recording of an earlier life of ours is remembered, and
 * answered where it asks for that; a peer that lives names our present
 * incarnation in its next beat.
 */
function readUnproven(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  ctx.segment.beatAt = now;
  noteHeard(ctx, now);
  if (beat.wanted) peer.wantsUsAt = now;
  for (let index = 0; index < beat.changes.length; index++) {
    const change = beat.changes.at(index);
    if (change.term === 0) continue;
    const group = ctx.segment.group(change.group);
    hearOfClaim(ctx, group, claimOf(change, peer.node), now);
  }
  for (let index = 0; index < beat.corrections.length; index++) {
    const { group, term, full, hash, node } = beat.corrections.at(index);
    const claim = { term, full, hash, node };
    hearOfClaim(ctx, ctx.segment.group(group), claim, now);
  }
}

function readLife(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  const { self, segment } = ctx;
  const wasFresh = isFresh(peer, self.timing, now);
  tellPunctuality(ctx, peer, wasFresh, now);
  segment.beatAt = now;
  noteHeard(ctx, now);
  peer.beatAt = now;
  peer.life = ctx.rules.lifeOfBeat(beat, now);
  peer.provenLife = peer.life;
  peer.state = beat.state;
  if (peer.interval !== beat.interval) touchGroupsOf(peer, now);
  peer.interval = beat.interval;
  if (beat.wanted) peer.wantsUsAt = now;
  peer.learns = beat.learns;
  peer.isTwoWay = readEcho(ctx, peer, beat, now);
  const isSteady = peer.isTwoWay && wasFresh && beat.state === "ready" &&
    now - peer.life < detectionOf(peer, self.timing);
  if (!isSteady) peer.breakContact();
  else {
    peer.steadySince = Math.min(peer.steadySince, now);
    peer.steadyAt = now;
  }
}

/** Whoever was not wanted for a while beat less, and was not late; whose beats waited here was not called lost. */
function tellPunctuality(
  { sink, segment }: Context,
  peer: Peer,
  wasFresh: boolean,
  now: number,
): void {
  if (wasFresh) {
    const lateness = now - peer.beatAt - peer.interval;
    sink.beatCame(segment.slot, Math.max(0, lateness));
  } else if (peer.isArmed && !peer.found.isSound) {
    sink.notice(segment.slot, 0, "lostPeerLives");
  }
}

/** What the sender says of us: whether it hears our present incarnation. */
function readEcho(ctx: Context, peer: Peer, beat: Beat, now: number): boolean {
  const { self } = ctx;
  peer.acknowledged = 0;
  if (beat.heard.length === 0) return false;
  const echo = beat.heard.at(0);
  if (echo.node !== self.node) return false;
  if (echo.incarnation !== self.incarnation) return false;
  peer.acknowledged = ctx.log.resume(beat.followed);
  const heardFor = Math.min(MAX_AGE, detectionOf(peer, self.timing));
  if (echo.age >= heardFor) return false;
  if (!peer.isArmed) {
    peer.isArmed = true;
    touchGroupsOf(peer, now);
  }
  noteProof(ctx, now - echo.age, now);
  noteTwoWay(ctx, now);
  return true;
}

function readReports(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  let isLess = false;
  for (let index = 1; index < beat.heard.length; index++) {
    const { node, incarnation, twoWay, lifeAge } = beat.heard.at(index);
    if (node === ctx.self.node || !twoWay || lifeAge >= MAX_AGE) continue;
    const life = now - lifeAge;
    const report = peer.reports.get(node);
    if (report === undefined) {
      peer.reports.set(node, { incarnation, life });
      continue;
    }
    isLess ||= incarnation !== report.incarnation ||
      life < report.life - REPORT_ERROR;
    report.incarnation = incarnation;
    report.life = life;
  }
  if (isLess) noteVouching(ctx, now);
}

/** Takes in changes; what tells all anew begins a round. */
function readChanges(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  if (beat.since === 0 && beat.until > 0) {
    peer.round++;
    peer.followed = 0;
  }
  tellChanges(ctx, peer, beat, now);
  follow(peer, beat);
  peer.isFollowed = peer.followed >= beat.version;
  if (peer.isFollowed && peer.endedRound !== peer.round) {
    endUntold(ctx, peer, now);
  }
}

/** Goes on to where the beat's changes end, when they leave no gap. */
function follow(peer: Peer, beat: Beat): void {
  if (beat.since > peer.followed) return;
  peer.followed = Math.max(peer.followed, beat.until);
}

/** Changes are taken even where some before them are missing. */
function tellChanges(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  for (let index = 0; index < beat.changes.length; index++) {
    const change = beat.changes.at(index);
    const claim = change.term === 0 ? NO_CLAIM : claimOf(change, peer.node);
    readChange(ctx, peer, change.group, claim, now);
  }
}

function readChange(
  ctx: Context,
  peer: Peer,
  id: number,
  claim: Claim,
  now: number,
): void {
  const group = ctx.segment.group(id);
  peer.tell(group, claim);
  if (claim === NO_CLAIM) endClaim(ctx, peer, group, now);
  else hearClaim(ctx, group, claim, "beat", now);
}

/** Rule 3. A beat that no longer claims ends the claim at once. */
function endClaim(ctx: Context, peer: Peer, group: Group, now: number): void {
  if (group.role !== "idle") return;
  const wasOwner = group.ownerPeer === peer;
  if (wasOwner) {
    group.touch(now);
    if (!ctx.rules.endsBelief()) return;
    disbelieve(group, now);
  }
  if (ctx.rules.remembersEnd(group, wasOwner)) {
    ctx.segment.ended.set(group, peer);
  }
}

/** After all was told anew: what was not told has ended. */
function endUntold(ctx: Context, peer: Peer, now: number): void {
  peer.endedRound = peer.round;
  for (const [id, told] of peer.told) {
    if (told.round === peer.round) continue;
    told.round = peer.round;
    if (told.claim === NO_CLAIM) continue;
    const group = ctx.segment.group(id);
    peer.untell(group, told);
    endClaim(ctx, peer, group, now);
  }
}

function readCorrections(
  ctx: Context,
  from: Peer,
  beat: Beat,
  now: number,
): void {
  for (let index = 0; index < beat.corrections.length; index++) {
    const { group: id, term, full, hash, node } = beat.corrections.at(index);
    const group = ctx.segment.group(id);
    const claim = { term, full, hash, node };
    hearOfClaim(ctx, group, claim, now);
    if (!ctx.rules.heedsOwner(ctx, group, from, claim, now)) continue;
    group.believe(claim, ctx.segment.peer(node), now);
    group.touch(now);
  }
}

/** Rules 3 and 7. The sender offers groups to us, or tells that nobody owns them. */
function readOffers(ctx: Context, peer: Peer, beat: Beat, now: number): void {
  for (let index = 0; index < beat.offers.length; index++) {
    const { group: id, term } = beat.offers.at(index);
    const group = ctx.segment.group(id);
    if (term === NO_OWNER) {
      if (ctx.rules.heedsEnd(ctx, group, peer, now)) disbelieve(group, now);
      continue;
    }
    if (!ctx.rules.takesOffer(ctx, group, beat.node, term)) continue;
    group.overrideUntil = ctx.rules.overrideEnd(now);
    const { hash } = group;
    claim(
      ctx,
      group,
      { term, full: true, hash, node: ctx.self.node },
      "offered",
      now,
    );
  }
}
