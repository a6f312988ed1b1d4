/** Rules 6 and 8: a start and a stall. */
import type { Self } from "./self.ts";

/** Rules 7 and 8. Whether this node takes groups over: it has joined, and does not leave. */
export function isReady(self: Self): boolean {
  return self.lifecycle === "member" && !self.isMainSilent;
}

/**
 * Rule 6. Whether this node was standing still for so long that others may have
 * replaced it.
 *
 * @param silence Milliseconds since its own last beats left.
 */
export function isStall(self: Self, silence: number): boolean {
  return silence > self.timing.detect;
}

/** Rule 6. Whether what was buffered during a stall is evidence of anybody's life. */
export function backlogIsEvidence(): boolean {
  return false;
}
