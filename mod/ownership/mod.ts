/**
 * Who owns a group of addresses on the local network: the order of the
 * candidates with the reasons, the lease-based view of who is alive, and the
 * records that members tell each other: claims and beats.
 * Pure: time comes in as an argument.
 *
 * @module
 */
export {
  Beat,
  BEAT_STATES,
  type BeatState,
  CHANGE_WEIGHT,
  type ClaimChange,
  claimOf,
  type Correction,
  CORRECTION_WEIGHT,
  type Heard,
  MAX_AGE,
  MAX_BEAT_BYTES,
  MAX_HEARD,
  MAX_ITEM_WEIGHT,
  NO_OWNER,
  OFFER_WEIGHT,
  type YieldOffer,
} from "./beat.ts";
export {
  BEAT_SEAL_BYTES,
  BEAT_VERDICTS,
  BeatCodec,
  type BeatVerdict,
} from "./beat_codec.ts";
export { BACK, BeatPath, NOWHERE } from "./beat_path.ts";
export {
  BEAT_HEADER_BYTES,
  BEAT_MAGIC,
  BEAT_VERSION,
  readBeat,
  writeBeat,
} from "./beat_wire.ts";
export {
  type Claim,
  claimHash,
  compareClaims,
  groupId,
  higherClaim,
  MAX_TERM,
  NO_CLAIM,
  NO_NODE,
  nodeId,
} from "./claim.ts";
export { type Complaint, complaintOf, spokesman } from "./complaint.ts";
export {
  decide,
  type Exclusion,
  type Interfaces,
  type NodeExplanation,
  type OwnershipDecision,
  type Reason,
  type Refusal,
} from "./decide.ts";
export { decideGroup, leadingDecision } from "./group.ts";
export {
  type LeaseSighting,
  LeaseView,
  type LeaseViewOptions,
} from "./lease.ts";
export {
  compareRanked,
  electionHash,
  electionOrder,
  type Ranked,
} from "./order.ts";
export { RecordList } from "./record_list.ts";
export {
  type BeatOrigin,
  FRESHNESS,
  type Freshness,
  ReplayGuard,
} from "./replay_guard.ts";
export type { AdvertisementRecord, NodeRecord, OwnershipView } from "./view.ts";
