/**
 * Who owns a group of addresses on the local network: the order of the
 * candidates with the reasons, and the lease-based view of who is alive.
 * Pure: time comes in as an argument.
 *
 * @module
 */
export {
  decide,
  type Exclusion,
  type Interfaces,
  type NodeExplanation,
  type OwnershipDecision,
  type Reason,
  type Refusal,
} from "./decide.ts";
export { decideGroup } from "./group.ts";
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
export type { AdvertisementRecord, NodeRecord, OwnershipView } from "./view.ts";
