/** Whether this node may be asked to announce at all. */
import type { InterfaceDecision } from "../mod/layer2/mod.ts";
import type { PacketWorkerHealth } from "./packet/packet_worker.ts";
import { liveness } from "./readiness.ts";

/** Why a node must not count as alive. */
export interface Obstacle {
  /** For people. */
  readonly why: string;
  /**
   * Whether others are to take over at once. A packet worker that hangs may go
   * on in a moment, so that its Lease is only not renewed.
   */
  readonly givesUp: boolean;
}

/**
 * Why this node cannot answer for anything: its share of the addresses would
 * then be answered by nobody.
 */
export function obstacleTo(
  worker: PacketWorkerHealth,
  interfaces: readonly InterfaceDecision[],
): Obstacle | undefined {
  const [hangs] = liveness(worker).problems;
  if (hangs !== undefined) return { why: hangs, givesUp: false };
  const usable = interfaces.filter(({ kind }) => kind === "use");
  if (usable.length === 0) {
    return { why: "no interface can be used", givesUp: true };
  }
  return usable.some(({ link }) => link.running)
    ? undefined
    : { why: "no usable interface has a carrier", givesUp: true };
}
