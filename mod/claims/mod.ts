/**
 * Who answers for a group of addresses at this moment, decided on each node by
 * what it hears: heartbeats, claims, questions on the LAN, hand-over. Pure: time
 * and randomness come in as arguments, effects go out through a sink.
 *
 * @module
 */
export {
  ClaimEngine,
  type ClaimEngineOptions,
  type GroupState,
} from "./engine.ts";
export type { Agenda, Appointment } from "./agenda.ts";
export type { AnnouncementQueue } from "./announcement_queue.ts";
export type { BeatOutcome } from "./beat_reader.ts";
export type { FailbackPolicy } from "./failback.ts";
export type { ClaimLog, Versions } from "./claim_log.ts";
export type { Context, Paces } from "./context.ts";
export type { Path } from "./arbitration.ts";
export type {
  Announcing,
  Asking,
  Before,
  Candidate,
  Correcting,
  Group,
  GroupDesk,
  Handover,
  Loss,
  Role,
} from "./group.ts";
export type { Found, Peer, Report, ToldClaim } from "./peer.ts";
export type { Segment } from "./segment.ts";
export type { Lifecycle, Part, Self } from "./self.ts";
export { RULES, type Rules } from "./rules.ts";
export type { Standstill } from "./start.ts";
export { type ClaimSettings, DEFAULT_CLAIM_SETTINGS } from "./settings.ts";
export type {
  ClaimEvent,
  ClaimNotice,
  ClaimReason,
  ClaimSink,
} from "./sink.ts";
export type {
  CandidateRecord,
  GroupRecord,
  MemberRecord,
  SegmentRecord,
} from "./table.ts";
export {
  beatInterval,
  DEFAULT_HEARTBEATS,
  type HeartbeatSettings,
  type Timing,
  timingFor,
} from "./timing.ts";
export type { Rate, TokenBucket } from "./token_bucket.ts";
export { LATEST_EXIT } from "./yielding.ts";
