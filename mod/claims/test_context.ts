/** A segment of one node for the tests of single rules. */
import { NO_CLAIM } from "../ownership/mod.ts";
import { ClaimLog } from "./claim_log.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import { RULES } from "./rules.ts";
import { Segment } from "./segment.ts";
import { Self } from "./self.ts";
import { DEFAULT_CLAIM_SETTINGS } from "./settings.ts";
import type { ClaimSink } from "./sink.ts";
import { TokenBucket } from "./token_bucket.ts";

/** A member that has joined long ago, alone on its segment. */
export function makeContext(node: number, sink: ClaimSink): Context {
  const self = new Self(node, 1);
  self.lifecycle = "member";
  self.joinedAt = 0;
  const settings = DEFAULT_CLAIM_SETTINGS;
  return {
    rules: RULES,
    self,
    settings,
    segment: new Segment(0, 1),
    log: new ClaimLog(self),
    paces: {
      announcements: new TokenBucket(settings.announcements),
      refreshes: new TokenBucket(settings.refreshes),
      questions: new TokenBucket(settings.questions),
    },
    sink,
    random: () => 0.5,
  };
}

/** What a peer may be made of. */
export type PeerFields = Partial<
  Pick<
    Peer,
    | "isAlive"
    | "aliveSince"
    | "hasLeft"
    | "speaksClaims"
    | "incarnation"
    | "beatAt"
    | "life"
    | "answeredAt"
    | "isTwoWay"
    | "isArmed"
    | "isWanted"
    | "wantedSince"
    | "wantsUsAt"
    | "state"
    | "interval"
    | "steadySince"
    | "flaps"
  >
>;

/** Adds a peer. */
export function addPeer(
  ctx: Context,
  node: number,
  fields: PeerFields = {},
): Peer {
  const peer = ctx.segment.peer(node);
  if (peer === undefined) throw new RangeError(`Cannot add node ${node}`);
  ctx.segment.hasPeers = true;
  return Object.assign(peer, { isKnown: true, interval: 100, ...fields });
}

/** Adds a group with candidates, best first. */
export function addGroup(
  ctx: Context,
  id: number,
  candidates: readonly number[],
): Group {
  const group = ctx.segment.group(id);
  group.isKnown = true;
  group.hash = 100 * ctx.self.node;
  group.owner = NO_CLAIM;
  group.candidates = candidates.map((node) => ({
    node,
    hash: 100 * node,
    peer: node === ctx.self.node ? undefined : ctx.segment.peer(node),
  }));
  group.isCandidate = candidates.includes(ctx.self.node);
  return group;
}
