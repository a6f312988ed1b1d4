/** What a node learns from the table of its main thread. */
import { NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Candidate, Group } from "./group.ts";
import type { Segment } from "./segment.ts";
import type { CandidateRecord, GroupRecord, SegmentRecord } from "./table.ts";
import { fallSilent } from "./transitions.ts";
import { PLACEMENT_PERIOD } from "./yielding.ts";

/** Brings a segment to what the table says. The same again changes nothing. */
export function readTable(
  ctx: Context,
  record: SegmentRecord,
  now: number,
): void {
  readMembers(ctx.segment, record);
  const known = new Set(record.groups.map(({ id }) => id));
  for (const group of ctx.segment.groupList) {
    if (!known.has(group.id)) removeGroup(ctx, group, now);
  }
  for (const each of record.groups) readGroup(ctx, each, now);
  forgetUnknown(ctx, now);
}

function readMembers(segment: Segment, { members }: SegmentRecord): void {
  for (const peer of segment.peerList) {
    peer.isKnown = false;
    peer.isAlive = false;
  }
  for (const { node, isAlive, speaksClaims } of members) {
    const peer = segment.peer(node);
    if (peer === undefined) continue;
    peer.isKnown = true;
    peer.isAlive = isAlive;
    peer.speaksClaims = speaksClaims;
  }
  segment.hasPeers = segment.peerList.some(({ isKnown }) => isKnown);
}

function readGroup(ctx: Context, record: GroupRecord, now: number): void {
  const group = ctx.segment.group(record.id);
  group.hash = record.hash;
  group.failback = record.failback;
  group.frames = record.frames;
  group.isNew = record.isNew;
  if (!group.isKnown) {
    group.isKnown = true;
    if (group.owner === NO_CLAIM) group.evidenceAt = now;
    group.due = now;
  }
  if (isSameOrder(group.candidates, record.candidates)) return;
  group.candidates = record.candidates.map((each) => candidate(ctx, each));
  group.isCandidate = group.candidates.some(({ peer }) => peer === undefined);
  group.placementUntil = now + PLACEMENT_PERIOD;
  group.due = now;
  if (group.candidates.length === 0 && group.role !== "idle") {
    end(ctx, group, now);
  }
}

function isSameOrder(
  present: readonly Candidate[],
  next: readonly CandidateRecord[],
): boolean {
  return present.length === next.length &&
    present.every(({ node }, index) => node === next[index]?.node);
}

function candidate(
  ctx: Context,
  { node, hash }: CandidateRecord,
): Candidate {
  const isSelf = node === ctx.self.node;
  return { node, hash, peer: isSelf ? undefined : ctx.segment.peer(node) };
}

/** The group is no longer to be announced here, by anybody. */
function removeGroup(ctx: Context, group: Group, now: number): void {
  if (!group.isKnown) return;
  end(ctx, group, now);
  group.isKnown = false;
  group.candidates = [];
  group.isCandidate = false;
}

function end(ctx: Context, group: Group, now: number): void {
  if (group.isOurs) fallSilent(ctx, group, "removed", NO_CLAIM, now);
  group.role = "idle";
}

/** Groups that are in no table and that nobody claims need not be remembered. */
function forgetUnknown(ctx: Context, now: number): void {
  const { segment, log, settings } = ctx;
  const gone = segment.groupList.filter((group) =>
    !group.isKnown && now - group.evidenceAt > settings.mainSilence &&
    !segment.peerList.some((peer) => peer.claim(group.id) !== NO_CLAIM)
  );
  if (gone.length === 0) return;
  for (const group of gone) log.forget(group);
  segment.forget(gone);
}
