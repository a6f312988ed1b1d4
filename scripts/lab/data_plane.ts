/** What forwards on the nodes: kube-proxy, or the lab's stand-in for it. */
import type { LabProcess } from "./process.ts";

/** Brings a Service's traffic from a node to its Pods, on all nodes. */
export interface DataPlane {
  /** What it is, for people. */
  readonly description: string;
  /** Its processes that should be running; none for the stand-in. */
  readonly processes: readonly LabProcess[];
  /**
   * Follows Services and EndpointSlices from now on.
   *
   * @throws {CheckError} When it does not come up.
   */
  start(): Promise<void>;
  /** A node went down: its rules stay as they are, whatever changes. */
  nodeDown(node: string): Promise<void>;
  /** A node came up: its rules are made anew. */
  nodeUp(node: string): Promise<void>;
}
