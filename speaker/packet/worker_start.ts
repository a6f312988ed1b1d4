import type { ClaimSettings } from "../../mod/claims/mod.ts";
import type { MemoryShape, Pacing } from "../../mod/layer2/mod.ts";

/** The one message that the packet worker is sent. */
export interface WorkerStart {
  /** Path of libpcap, as the permission spells it. */
  readonly libraryPath: string;
  /** Shared memory. */
  readonly buffer: SharedArrayBuffer;
  /** What it is laid out for. */
  readonly shape: MemoryShape;
  /** Number of the eventfd that wakes the worker; the main thread closes it. */
  readonly doorbell: number;
  /** How fast announcements may leave. */
  readonly pacing: Pacing;
  /** How this node deals with the other members. */
  readonly claims: ClaimSettings;
  /** Whether to ask for a higher scheduling class. */
  readonly raiseSchedulingClass: boolean;
  /** Bytes of the kernel's ring on each interface. */
  readonly ringBytes: number;
}

/** What the worker's thread got, by index in shared memory. */
export const SCHEDULING_CLASSES = ["none", "nice", "roundRobin"] as const;
