/** The pure reconcile of one Service. */
import type { IpFamily } from "../net/mod.ts";
import type { Allocation } from "./allocation.ts";
import type { AllocatorView } from "./allocator.ts";
import {
  choose,
  examine,
  isAsWanted,
  nothingIn,
  secondAddress,
} from "./choose.ts";
import { allocationOf, conclude, type Held, type Outcome } from "./conclude.ts";
import type { AllocationEvent, Decision } from "./decision.ts";
import type { Refusal } from "./refusal.ts";
import type { Families } from "./families.ts";
import {
  parseAddresses,
  type ServiceRequest,
  wantedAddresses,
} from "./request.ts";

/** How to decide where more than one way is right. */
export interface ReconcilePolicy {
  /**
   * What happens to the address of a Service whose new request cannot be met:
   * it stays, or is given up as MetalLB does.
   */
  readonly failedRequest: "keep" | "release";
}

/** A failed request never costs an address that works. */
export const DEFAULT_POLICY: ReconcilePolicy = { failedRequest: "keep" };

/**
 * Decides what one Service is to hold. The truth is its status: what stands
 * there is adopted when the rules allow it, an empty status frees what the
 * record says. Nothing is changed; {@linkcode perform} puts the record in
 * force, the caller writes status and events.
 */
export function reconcile(
  view: AllocatorView,
  request: ServiceRequest,
  policy: ReconcilePolicy = DEFAULT_POLICY,
): Decision {
  const events: AllocationEvent[] = [];
  const evicts: string[] = [];
  const outcome = converge(view, request, policy, events, evicts);
  const decision = conclude(view, request, outcome, events);
  return evicts.length === 0 ? decision : { ...decision, evicts };
}

function converge(
  view: AllocatorView,
  request: ServiceRequest,
  policy: ReconcilePolicy,
  events: AllocationEvent[],
  evicts: string[],
): Outcome {
  const { clusterIps, familyPolicy } = request;
  if (!request.wantsAddress) return { kind: "none", result: "success" };
  if (!view.hasPools || clusterIps.length === 0) {
    return { kind: "none", result: "errorNoRetry" };
  }
  if (familyPolicy === "RequireDualStack" && clusterIps.length < 2) {
    events.push({ type: "Warning", reason: "not enough clusterips" });
    return { kind: "none", result: "errorNoRetry" };
  }
  const status = request.statusIps.filter((text) => text !== "");
  const service = parseAddresses(clusterIps);
  if (service.kind === "refused") {
    return brokenClusterIps(service.refusal, status, events);
  }
  const held = adopt(view, request, service.families, status, events, evicts);
  const outcome = settle(view, request, service.families, held, events);
  return held !== undefined && outcome.kind === "none" &&
      policy.failedRequest === "keep"
    ? { kind: "has", ...held, unmet: true }
    : outcome;
}

/**
 * What the status says the Service holds, if the rules allow it. At a start
 * this is recorded for all Services before anything new is given out.
 */
export function adoption(
  view: AllocatorView,
  request: ServiceRequest,
): Allocation | undefined {
  const status = request.statusIps.filter((text) => text !== "");
  const service = parseAddresses(request.clusterIps);
  if (!request.wantsAddress || service.kind === "refused") return undefined;
  const held = adopt(view, request, service.families, status, [], []);
  return held === undefined ? undefined : allocationOf(request, held);
}

/** Without families nothing is given out, and nothing that works is taken. */
function brokenClusterIps(
  refusal: Refusal,
  status: readonly string[],
  events: AllocationEvent[],
): Outcome {
  if (status.length > 0) {
    warn(events, "noclusterIPsIPFamily", refusal);
    return { kind: "leave", held: undefined };
  }
  warn(events, "AllocationFailed", refusal);
  return { kind: "none", result: "errorNoRetry" };
}

/** Takes over what the status says, unless the rules forbid it. */
function adopt(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  status: readonly string[],
  events: AllocationEvent[],
  evicts: string[],
): Held | undefined {
  if (status.length === 0) return undefined;
  const parsed = parseAddresses(status);
  if (parsed.kind === "refused") {
    warn(events, "nolbIPsIPFamily", parsed.refusal);
    return undefined;
  }
  const mayDiffer = families === "DualStack" &&
    request.familyPolicy === "PreferDualStack";
  if (parsed.families !== families && !mayDiffer) return undefined;
  const choice = examine(view, request, parsed.ips, true);
  if (choice.kind === "chosen") {
    evicts.push(...choice.evicts ?? []);
    return { ips: choice.ips, pool: choice.pool };
  }
  const { refusal } = choice;
  events.push({ type: "Normal", reason: "ClearAssignment", refusal });
  return undefined;
}

/** Compares what is held with what is asked for, and completes it. */
function settle(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  held: Held | undefined,
  events: AllocationEvent[],
): Outcome {
  const wanted = wantedAddresses(request);
  if (held !== undefined && wanted?.kind === "refused") {
    warn(events, "LoadBalancerFailed", wanted.refusal);
    return { kind: "leave", held };
  }
  const ips = wanted?.kind === "addresses" ? wanted.ips : undefined;
  if (held !== undefined && isAsWanted(held.ips, held.pool, request, ips)) {
    return { ...complete(view, request, families, held, events), kind: "has" };
  }
  const choice = choose(view, request, families, wanted);
  if (choice.kind === "refused") {
    warn(events, "AllocationFailed", choice.refusal);
    return { kind: "none", result: "errorNoRetry" };
  }
  const allocated = { ips: choice.ips, additional: false };
  events.push({ type: "Normal", reason: "IPAllocated", ...allocated });
  return { kind: "has", ips: choice.ips, pool: choice.pool };
}

/**
 * Under PreferDualStack, adds the missing family, if the Service has a cluster
 * address of that family: from the same pool, else from another where it
 * allows that.
 */
function complete(
  view: AllocatorView,
  request: ServiceRequest,
  families: Families,
  held: Held,
  events: AllocationEvent[],
): Held {
  const [first, second] = held.ips;
  const wants = request.familyPolicy === "PreferDualStack";
  if (!wants || first === undefined || second !== undefined) return held;
  const missing: IpFamily = first.family === "IPv4" ? "IPv6" : "IPv4";
  const same = view.lowest(held.pool, missing, request);
  const other = same === undefined && families === "DualStack"
    ? secondAddress(view, request, missing)
    : undefined;
  const ip = same ?? other?.ip;
  if (ip === undefined) {
    const refusal = nothingIn(view, request, held.pool, missing);
    events.push({ type: "Normal", reason: "AdditionalAssignFailed", refusal });
    return held;
  }
  if (families !== "DualStack") return held;
  const added = { ips: [ip], additional: true };
  events.push({ type: "Normal", reason: "IPAllocated", ...added });
  const pool = other === undefined ? held.pool : `${held.pool},${other.pool}`;
  return { ips: [first, ip], pool };
}

function warn(
  events: AllocationEvent[],
  reason:
    | "AllocationFailed"
    | "LoadBalancerFailed"
    | "nolbIPsIPFamily"
    | "noclusterIPsIPFamily",
  refusal: Refusal,
): void {
  events.push({ type: "Warning", reason, refusal });
}
