/**
 * SWIM membership, wire-compatible with hashicorp/memberlist 0.6: who is in the
 * cluster and alive, told by probing and gossip. Pure: time and randomness come
 * in as arguments, and what is to be sent goes out as effects.
 *
 * @module
 */
export { MessageType } from "./message_type.ts";
export {
  MAX_LABEL_LENGTH,
  MAX_MEMBERS,
  MAX_META_LENGTH,
  MAX_NAME_LENGTH,
  MAX_NESTING,
  MAX_PACKET_DECOMPRESSED,
  MAX_STREAM_LENGTH,
} from "./limits.ts";
export {
  type Accusation,
  type Ack,
  type Alive,
  type AnswerTo,
  decodeMessage,
  encodeMessage,
  type IndirectPing,
  isMessageType,
  type Message,
  type Nack,
  type NodeFacts,
  type NodeState,
  type Ping,
  type RemoteError,
} from "./messages.ts";
export { decodePushPull, encodePushPull, type PushPull } from "./push_pull.ts";
export {
  type Compound,
  COMPOUND_OVERHEAD,
  COMPOUND_PART_OVERHEAD,
  decodeCompound,
  encodeCompound,
  MAX_COMPOUND_PARTS,
} from "./compound.ts";
export { lzwCompress, lzwDecompress } from "./lzw.ts";
export {
  type Compressed,
  compressMessage,
  decodeCompressed,
  decompress,
} from "./compression.ts";
export {
  addChecksum,
  CHECKSUM_OVERHEAD,
  type Checksummed,
  removeChecksum,
} from "./checksum.ts";
export {
  type Label,
  makeLabel,
  NO_LABEL,
  removeLabel,
  type Unlabelled,
} from "./label.ts";
export {
  addKey,
  allKeys,
  type KeyDerivation,
  type Keyring,
  type KeyTexts,
  makeKeyring,
  metallbKey,
  metallbKeyring,
  removeKey,
  useKey,
} from "./keyring.ts";
export {
  decrypt,
  encrypt,
  encryptedLength,
  encryptionOverhead,
  type EncryptionVersion,
  type EncryptOptions,
  type FillRandom,
} from "./encryption.ts";
export {
  type Decrypted,
  decryptPacket,
  decryptStream,
  type Security,
} from "./security.ts";
export {
  type OpenedPacket,
  openPacket,
  packetCapacity,
  type PacketDrop,
  type PacketOptions,
  sealPacket,
} from "./packet.ts";
export {
  type OpenedStream,
  openStream,
  sealStream,
  type StreamMessage,
  type StreamRefusal,
  type StreamSide,
} from "./stream.ts";
export {
  type AssemblerOptions,
  type Assembly,
  type AssemblyRefusal,
  StreamAssembler,
} from "./stream_assembler.ts";
export {
  LAN,
  LOCAL,
  settingsProblems,
  type SwimSettings,
  WAN,
} from "./settings.ts";
export {
  pushPullInterval,
  retransmitLimit,
  type SuspicionBounds,
  suspicionBounds,
  suspicionTimeout,
} from "./timing.ts";
export type { RandomSource } from "./random.ts";
export type { Versions } from "./versions.ts";
export {
  type Endpoint,
  isLiving,
  type Member,
  type MemberState,
} from "./member.ts";
export type {
  DropReason,
  JoinFailure,
  JoinOutcome,
  MemberChange,
  StreamFailure,
  SwimEffect,
  SwimEvent,
} from "./protocol.ts";
export { SwimMachine, type SwimOptions } from "./machine.ts";
export {
  type DecodedMeta,
  decodeMemberMeta,
  encodeMemberMeta,
  eui64,
  type MemberMeta,
  type MetaInterface,
} from "./member_meta.ts";
