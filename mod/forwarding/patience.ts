import type { Finding } from "./health.ts";

/** Where nothing listens for so long there is no kube-proxy, but something else in its place, in ms. */
const ABSENT_AFTER = 5000;
/** The longest time for which a node waits for its kube-proxy, in ms. */
const LONGEST_WAIT = 30_000;

/** Why a node counts as one that forwards. */
export type ForwardsReason =
  /** Nobody is asked. */
  | "notAsked"
  /** kube-proxy is well. */
  | "healthy"
  /** There is none. */
  | "absent"
  /** It was waited for long enough. */
  | "overdue";

/** Whether this node forwards, as far as is known. */
export type Forwarding =
  | { readonly kind: "waits"; readonly reason: Finding | "asking" }
  | { readonly kind: "forwards"; readonly reason: ForwardsReason };

/** What is known when kube-proxy has been asked once more. */
export interface Inquiry {
  /** What the newest answer means. */
  readonly finding: Finding;
  /** Whether anything listened there since the speaker started. */
  readonly hasListened: boolean;
  /** Milliseconds since it started to ask. */
  readonly elapsed: number;
}

/**
 * Decides whether a node that has started counts as one that forwards. What is
 * said once stays: kube-proxy that ends later leaves its rules in the kernel.
 */
export function decideForwarding(
  { finding, hasListened, elapsed }: Inquiry,
): Forwarding {
  if (finding === "healthy") return { kind: "forwards", reason: "healthy" };
  const isAbsent = finding === "refused" && !hasListened &&
    elapsed >= ABSENT_AFTER;
  if (isAbsent) return { kind: "forwards", reason: "absent" };
  return elapsed >= LONGEST_WAIT
    ? { kind: "forwards", reason: "overdue" }
    : { kind: "waits", reason: finding };
}
