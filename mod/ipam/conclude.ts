/** From what a Service is to hold to what has to be done. */
import { formatIp, type Ip } from "../net/mod.ts";
import type { Allocation } from "./allocation.ts";
import type { Allocator, AllocatorView } from "./allocator.ts";
import type {
  AllocationEvent,
  Decision,
  ReconcileResult,
  RecordAction,
  StatusAction,
} from "./decision.ts";
import type { ServiceRequest } from "./request.ts";

/** Addresses of one Service, and the pool of the first. */
export interface Held {
  /** In the order of the status. */
  readonly ips: readonly Ip[];
  /** Name of the pool, or of both, as in `Allocation`. */
  readonly pool: string;
}

/** Where the reconcile stands: what the Service is to hold, and what was said. */
export type Outcome =
  | {
    readonly kind: "has";
    readonly ips: readonly Ip[];
    readonly pool: string;
    /** Whether it is not what the Service asks for now. */
    readonly unmet?: boolean;
  }
  | { readonly kind: "none"; readonly result: "success" | "errorNoRetry" }
  /** The status stays as it is; what it says is held all the same. */
  | { readonly kind: "leave"; readonly held: Held | undefined };

/** Turns the outcome into what has to be done, compared with what is. */
export function conclude(
  view: AllocatorView,
  request: ServiceRequest,
  outcome: Outcome,
  events: readonly AllocationEvent[],
): Decision {
  const before = view.allocation(request.key);
  const unchanged: StatusAction = { kind: "unchanged" };
  if (outcome.kind === "leave") {
    const { held } = outcome;
    return {
      result: "errorNoRetry",
      record: held === undefined
        ? { kind: "keep" }
        : recordAction(before, allocationOf(request, held)),
      status: renamed(request, held) ?? unchanged,
      events,
      frees: false,
    };
  }
  const after = outcome.kind === "has"
    ? allocationOf(request, outcome)
    : undefined;
  const status: StatusAction = outcome.kind === "has"
    ? { kind: "set", ips: outcome.ips, pool: outcome.pool }
    : { kind: "clear" };
  return {
    result: resultOf(before, after, outcome),
    record: recordAction(before, after),
    status: isWritten(request, status) ? unchanged : status,
    events,
    frees: before !== undefined && frees(before, after),
  };
}

/** What is left as it is still says so under the present name of its pool. */
function renamed(
  { statusPool }: ServiceRequest,
  held: Held | undefined,
): StatusAction | undefined {
  const isStale = held !== undefined && statusPool !== undefined &&
    statusPool !== held.pool;
  return isStale ? { kind: "set", ips: held.ips, pool: held.pool } : undefined;
}

/** The record of a Service that holds these addresses. */
export function allocationOf(request: ServiceRequest, held: Held): Allocation {
  const { key, created, sharingKey, backendKey, ports, twoPools } = request;
  const { ips, pool } = held;
  return {
    key,
    sharingKey,
    backendKey,
    ports,
    ips,
    pool,
    ...created === undefined ? {} : { created },
    ...twoPools === undefined ? {} : { twoPools },
  };
}

function resultOf(
  before: Allocation | undefined,
  after: Allocation | undefined,
  outcome: Exclude<Outcome, { readonly kind: "leave" }>,
): ReconcileResult {
  if (after === undefined) {
    return before === undefined && outcome.kind === "none"
      ? outcome.result
      : "reprocessAll";
  }
  if (!sameKeys(before ?? NO_KEYS, after)) return "reprocessAll";
  return outcome.kind === "has" && outcome.unmet ? "errorNoRetry" : "success";
}

/** What a Service without an address shares. */
const NO_KEYS = { sharingKey: "", backendKey: "" };

type Keys = Pick<Allocation, "sharingKey" | "backendKey">;

function sameKeys(a: Keys, b: Keys): boolean {
  return a.sharingKey === b.sharingKey && a.backendKey === b.backendKey;
}

function recordAction(
  before: Allocation | undefined,
  after: Allocation | undefined,
): RecordAction {
  if (after === undefined) {
    return before === undefined ? { kind: "keep" } : { kind: "release" };
  }
  return before !== undefined && sameRecord(before, after)
    ? { kind: "keep" }
    : { kind: "hold", allocation: after };
}

function sameRecord(a: Allocation, b: Allocation): boolean {
  return a.pool === b.pool && sameKeys(a, b) &&
    a.ips.map(formatIp).join() === b.ips.map(formatIp).join() &&
    a.ports.join() === b.ports.join() && a.created === b.created &&
    a.twoPools === b.twoPools;
}

/** Whether others may get something that they could not get before. */
function frees(before: Allocation, after: Allocation | undefined): boolean {
  if (after === undefined || !sameKeys(before, after)) return true;
  const kept = new Set(after.ips.map(formatIp));
  return before.ips.some((ip) => !kept.has(formatIp(ip))) ||
    before.ports.some((port) => !after.ports.includes(port));
}

/** Whether the stored status and annotation say so already. */
function isWritten(request: ServiceRequest, status: StatusAction): boolean {
  if (status.kind === "unchanged") return true;
  const ips = status.kind === "set" ? status.ips.map(formatIp) : [];
  const pool = status.kind === "set" ? status.pool : undefined;
  return request.statusPool === pool &&
    request.statusIps.length === ips.length &&
    ips.every((ip, index) => ip === request.statusIps[index]);
}

/** Puts a decision's record in force. */
export function perform(
  allocator: Pick<Allocator, "hold" | "release">,
  key: string,
  decision: Decision,
): void {
  if (decision.record.kind === "hold") {
    allocator.hold(decision.record.allocation);
  } else if (decision.record.kind === "release") allocator.release(key);
}
