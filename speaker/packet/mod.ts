/**
 * The packet worker: a thread of its own that answers ARP and NDP, announces,
 * and holds the multicast groups, as `mod/layer2` decides.
 *
 * @module
 */
export {
  PacketWorker,
  PacketWorkerError,
  type PacketWorkerHealth,
  type PacketWorkerOptions,
} from "./packet_worker.ts";
