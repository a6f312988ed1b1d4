/**
 * The allocator of addresses: pools, records, and the pure reconcile of one
 * Service. Knows nothing of Kubernetes objects.
 *
 * @module
 */
export {
  type AddressUse,
  type Allocation,
  compareSeniority,
  type Seniority,
  SharedUse,
  type SharingClaim,
  type SharingConflict,
  sharingConflict,
} from "./allocation.ts";
export { Allocator, type AllocatorView, type PoolFill } from "./allocator.ts";
export type {
  AllocationEvent,
  Decision,
  ReconcileResult,
  RecordAction,
  StatusAction,
} from "./decision.ts";
export type { Pool, ServiceAllocation } from "./pool.ts";
export type { PoolCounters } from "./pool_table.ts";
export {
  adoption,
  DEFAULT_POLICY,
  reconcile,
  type ReconcilePolicy,
} from "./reconcile.ts";
export { perform } from "./conclude.ts";
export { describeRefusal, type Refusal } from "./refusal.ts";
export type { Families } from "./families.ts";
export type { FamilyPolicy, ServiceRequest } from "./request.ts";
