/** What a node learns from the table of its main thread. */
import { NO_CLAIM } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import { PLACEMENT_PERIOD } from "./failback.ts";
import type { Candidate, Group } from "./group.ts";
import { noteLegacy } from "./legacy.ts";
import { noteUnheardOf } from "./learning.ts";
import type { Peer } from "./peer.ts";
import type { Segment } from "./segment.ts";
import type {
  CandidateRecord,
  GroupRecord,
  MemberRecord,
  SegmentRecord,
} from "./table.ts";
import { fallSilent } from "./transitions.ts";
import { touchGroupsOf } from "./watching.ts";

/** Brings a segment to what the table says. The same again changes nothing. */
export function readTable(
  ctx: Context,
  record: SegmentRecord,
  now: number,
): void {
  const { segment } = ctx;
  const newcomers = readMembers(segment, record, now);
  segment.tables++;
  for (const each of record.groups) readGroup(ctx, each, now);
  for (const peer of newcomers) noteLegacy(ctx, peer, now);
  let isAnyUnknown = false;
  for (const group of segment.groupList) {
    if (group.table === segment.tables) continue;
    removeGroup(ctx, group, now);
    isAnyUnknown = true;
  }
  if (isAnyUnknown) forgetUnknown(ctx, now);
}

/** Takes in the members; gives those that have come and know no claims. */
function readMembers(
  segment: Segment,
  { members }: SegmentRecord,
  now: number,
): Peer[] {
  const named = new Map(members.map((member) => [member.node, member]));
  for (const { node } of members) segment.peer(node);
  const newcomers: Peer[] = [];
  for (const peer of segment.peerList) {
    const wasLegacy = isLegacy(peer);
    if (readMember(segment, peer, named.get(peer.node), now) && !wasLegacy) {
      newcomers.push(peer);
    }
  }
  const hasPeers = named.size > 0;
  if (hasPeers !== segment.hasPeers) segment.touchAll(now);
  segment.hasPeers = hasPeers;
  return newcomers;
}

/** Takes in what became of a member; whether it is there and knows no claims. */
function readMember(
  segment: Segment,
  peer: Peer,
  member: MemberRecord | undefined,
  now: number,
): boolean {
  const { isAlive, hasLeft, speaksClaims } = peer;
  peer.isKnown = member !== undefined;
  peer.setAlive(member?.isAlive ?? false, now);
  peer.hasLeft = member?.hasLeft ?? false;
  peer.speaksClaims = member?.speaksClaims ?? speaksClaims;
  const isChanged = peer.isAlive !== isAlive || peer.hasLeft !== hasLeft ||
    peer.speaksClaims !== speaksClaims;
  if (isChanged) {
    touchGroupsOf(peer, now);
    segment.touchPeer(peer, now);
    // By the order it may own, or have owned, any group.
    if (!speaksClaims || !peer.speaksClaims) segment.touchAll(now);
  }
  return isLegacy(peer);
}

function isLegacy({ isAlive, speaksClaims }: Peer): boolean {
  return isAlive && !speaksClaims;
}

function readGroup(ctx: Context, record: GroupRecord, now: number): void {
  const group = ctx.segment.group(record.id);
  group.table = ctx.segment.tables;
  if (group.record === record) return;
  group.record = record;
  group.touch(now);
  group.hash = record.hash;
  group.failback = record.failback;
  group.frames = record.frames;
  group.isNew = record.isNew;
  if (!group.isKnown) {
    group.isKnown = true;
    group.tellOwner();
    if (group.owner === NO_CLAIM) group.evidenceAt = now;
  }
  if (!isSameOrder(group.candidates, record.candidates)) {
    readOrder(ctx, group, record, now);
  }
  noteUnheardOf(ctx, group);
}

function readOrder(
  ctx: Context,
  group: Group,
  record: GroupRecord,
  now: number,
): void {
  const previous = group.candidates;
  group.candidates = record.candidates.map((each) => candidate(ctx, each));
  group.isCandidate = group.candidates.some(({ peer }) => peer === undefined);
  noteOrder(ctx, group, previous, now);
  if (group.candidates.length === 0 && group.role !== "idle") {
    end(ctx, group, now);
  }
}

/** Remembers who newly comes before us, and was here before. */
function noteOrder(
  ctx: Context,
  group: Group,
  previous: readonly Candidate[],
  now: number,
): void {
  const before = ahead(previous);
  const placed = ahead(group.candidates).filter(({ node, peer }) =>
    peer !== undefined && !before.some((each) => each.node === node) &&
    ctx.rules.isPlaced(ctx, peer, now)
  );
  if (placed.length === 0) return;
  const waitedFor = now < group.placementUntil ? group.placed : [];
  group.placed = [...waitedFor, ...placed.map(({ node }) => node)];
  group.placementUntil = now + PLACEMENT_PERIOD;
}

/** The candidates that come before us. */
function ahead(candidates: readonly Candidate[]): readonly Candidate[] {
  const own = candidates.findIndex(({ peer }) => peer === undefined);
  return own < 0 ? candidates : candidates.slice(0, own);
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
  group.touch(now);
  group.isKnown = false;
  group.record = undefined;
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
    group.claimants.length === 0
  );
  if (gone.length === 0) return;
  for (const group of gone) log.forget(group);
  segment.forget(gone);
}
