/**
 * Layer 2: which frames are answered for which addresses on which interfaces,
 * what is announced when, which multicast groups that takes, and the memory
 * through which the main thread and the packet worker share all of it.
 *
 * Everything here decides; `speaker/packet` performs.
 *
 * @module
 */
export {
  type AddressEntry,
  AddressTable,
  MAX_INTERFACES,
  WORDS_PER_ENTRY,
} from "./address_table.ts";
export {
  type Announcement,
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENT_WINDOW,
  AnnouncementSchedule,
  DEFAULT_PACING,
  type Pacing,
} from "./announcement.ts";
export {
  type AddressWords,
  AnnouncementFrames,
  framesPerAnnouncement,
} from "./announcement_frames.ts";
export {
  AppliedState,
  type AppliedStateSink,
  type SlotMask,
  type UsableSlots,
} from "./applied_state.ts";
export { Arbitration } from "./arbitration.ts";
export { ArpResponder } from "./arp_responder.ts";
export {
  BEAT_OUTCOMES,
  beatCell,
  type BeatCounters,
  type BeatLateness,
  type BeatOutcomeWord,
  countLateness,
  LATENESS_BOUNDS,
  readBeatCounters,
  readLateness,
} from "./beat_counters.ts";
export { ClaimBoard, type Holding } from "./claim_board.ts";
export {
  CLAIM_STATE,
  CLAIMED_ARP_LENGTH,
  CLAIMED_NDP_LENGTH,
  ClaimSeal,
  claimWord,
} from "./claim_seal.ts";
export {
  type AddressCounters,
  type CaptureCounters,
  type CounterSnapshot,
  type InterfaceCounters,
  readAddressCounters,
  readCounters,
} from "./counters.ts";
export {
  type DesiredAddress,
  type DesiredBystander,
  type DesiredInterface,
  type DesiredMembership,
  type DesiredPeer,
  type DesiredState,
  type DesiredStation,
  type InterfaceSelection,
  MAX_KEYS,
  type SlottedInterface,
} from "./desired_state.ts";
export { EventRing, type PacketEvent } from "./event_ring.ts";
export {
  formatInterfaceMacs,
  type InterfaceMac,
  parseInterfaceMacs,
} from "./interface_macs.ts";
export {
  type FrameDecision,
  FrameResponder,
  type Protocol,
  PROTOCOLS,
  type ResponderOptions,
} from "./frame_responder.ts";
export { Generation } from "./generation.ts";
export { GroupDirectory } from "./group_directory.ts";
export {
  type GroupCandidate,
  type GroupEntry,
  GroupTable,
} from "./group_table.ts";
export {
  type GroupAction,
  groupBytes,
  GroupPlan,
  GROUPS_PER_SOCKET,
  JOIN_RETRY_INTERVAL,
} from "./groups.ts";
export {
  DEFAULT_EXCLUDED_INTERFACES,
  type InterfaceChange,
  type InterfaceDecision,
  type InterfaceSkipReason,
  type InterfaceSurvey,
  InterfaceTracker,
  selectInterfaces,
} from "./interfaces.ts";
export { HeldClaims } from "./held_claims.ts";
export { Member } from "./member.ts";
export { MembershipRecord } from "./membership_record.ts";
export { NeighbourBook } from "./neighbour_book.ts";
export { NdpResponder } from "./ndp_responder.ts";
export { Observer } from "./observer.ts";
export { OutgoingClaim } from "./outgoing_claim.ts";
export { PACKET_FILTER, SNAP_LENGTH } from "./packet_filter.ts";
export { PEER_CAPACITY, type PeerEntry, PeerTable } from "./peer_table.ts";
export { DesiredStatePublisher, type Publication } from "./publisher.ts";
export { QuestionFrames } from "./question_frames.ts";
export {
  DROP,
  DROP_REASONS,
  type DropReason,
  dropReason,
  OUTCOME_COUNT,
} from "./reasons.ts";
export {
  ADDRESS_COUNTER,
  addressCell,
  CONTROL,
  DEFAULT_ADDRESS_CAPACITY,
  frameCell,
  GAUGE,
  MEMBER_PHASES,
  type MemberPhase,
  type MemoryShape,
  SharedMemory,
  STATISTIC,
  statisticCell,
  WORKER_STATES,
  type WorkerState,
} from "./shared_memory.ts";
export { SIGHTING, Sighting } from "./sighting.ts";
export { signatureOf } from "./state_signature.ts";
export {
  type Station,
  STATION_CAPACITY,
  StationTable,
} from "./station_table.ts";
export { type OutgoingFrame, witnessQuestion } from "./witness_question.ts";
export { type Witness, Witnesses } from "./witnesses.ts";
