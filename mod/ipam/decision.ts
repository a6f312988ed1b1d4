/** What the reconcile of one Service decided. */
import type { Ip } from "../net/mod.ts";
import type { Allocation } from "./allocation.ts";
import type { Refusal } from "./refusal.ts";

/** How the reconcile ended. */
export type ReconcileResult =
  /** The Service has what it is to have. */
  | "success"
  /** It has not, and nothing can be done until something changes. */
  | "errorNoRetry"
  /** It gave something up or changed its sharing: others may be served now. */
  | "reprocessAll";

/** An event to record on the Service. Reasons are MetalLB's. */
export type AllocationEvent =
  | {
    readonly type: "Normal";
    readonly reason: "IPAllocated";
    /** The addresses that are new. */
    readonly ips: readonly Ip[];
    /** Whether they came to those already held. */
    readonly additional: boolean;
  }
  | {
    readonly type: "Normal";
    readonly reason: "ClearAssignment" | "AdditionalAssignFailed";
    readonly refusal: Refusal;
  }
  | {
    readonly type: "Warning";
    readonly reason:
      | "AllocationFailed"
      | "LoadBalancerFailed"
      | "nolbIPsIPFamily"
      | "noclusterIPsIPFamily";
    readonly refusal: Refusal;
  }
  | { readonly type: "Warning"; readonly reason: "not enough clusterips" };

/** What to do to the Service's status. */
export type StatusAction =
  | { readonly kind: "unchanged" }
  | {
    readonly kind: "set";
    readonly ips: readonly Ip[];
    readonly pool: string;
  }
  | { readonly kind: "clear" };

/** What to do to the allocator's record of the Service. */
export type RecordAction =
  | { readonly kind: "keep" }
  | { readonly kind: "hold"; readonly allocation: Allocation }
  | { readonly kind: "release" };

/** The decision on one Service: perform all of it, record first. */
export interface Decision {
  /** How it ended. */
  readonly result: ReconcileResult;
  /** The allocator's record. */
  readonly record: RecordAction;
  /** The Service's status. */
  readonly status: StatusAction;
  /** In the order in which they happened. */
  readonly events: readonly AllocationEvent[];
  /**
   * Junior Services whose statuses name an address of this one: they have to
   * be looked at again, and will give it up.
   */
  readonly evicts?: readonly string[];
  /** Whether performing it frees an address or a port that others may want. */
  readonly frees: boolean;
}
