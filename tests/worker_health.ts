/** What a packet worker says of itself, for tests that judge by it. */
import type { PacketWorkerHealth } from "../speaker/packet/packet_worker.ts";

/** All is well. */
export const WELL_WORKER: PacketWorkerHealth = {
  state: "running",
  rounds: 10,
  silentFor: 100,
  lateness: 1,
  schedulingClass: "none",
  groups: 0,
  announcements: 0,
  lostEvents: 0,
  detectionTime: 0,
  patience: 0,
  beatInterval: 0,
  partners: 0,
  owned: 0,
};
