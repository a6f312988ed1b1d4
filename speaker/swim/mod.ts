/** Membership by gossip: the machine of `mod/swim`, driven with sockets and time. */
export {
  type GoodbyeReason,
  Gossip,
  type GossipDrop,
  type GossipHandlers,
  type GossipOptions,
  type JoinResult,
} from "./gossip.ts";
export { MAX_ACCEPTED_STREAMS } from "./streams.ts";
