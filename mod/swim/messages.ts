/**
 * The messages that members send one another, without their wrappers: records
 * that say who asks, who is alive, suspected or dead, and whole states.
 */
import { Reader, WireError, Writer } from "../net/mod.ts";
import { MessageType } from "./message_type.ts";
import {
  bool,
  count,
  type Layout,
  octets,
  optional,
  RecordCodec,
  text,
  u16,
  u32,
} from "./record.ts";

/** Where an answer goes, when not to the sender of the packet. */
export interface AnswerTo {
  /** Address in network byte order; the sender's when empty. */
  readonly sourceAddress: Uint8Array | null;
  /** UDP port; the sender's when 0. */
  readonly sourcePort: number;
  /** Name of the member that asks. */
  readonly sourceNode: string;
}

/** Asks whether the receiver is alive. */
export interface Ping extends AnswerTo {
  /** Comes back in the answer. */
  readonly sequence: number;
  /** Name of the member that is meant; any when empty. */
  readonly node: string;
}

/** Asks the receiver to ask another member, and to pass the answer on. */
export interface IndirectPing extends AnswerTo {
  /** Comes back in the answer. */
  readonly sequence: number;
  /** Address of that member in network byte order. */
  readonly target: Uint8Array | null;
  /** Its UDP port; that of the receiver when 0. */
  readonly port: number;
  /** Its name. */
  readonly node: string;
  /** Whether to say so when no answer came. */
  readonly nack: boolean;
}

/** Answers a {@linkcode Ping} or an {@linkcode IndirectPing}. */
export interface Ack {
  /** That of the question. */
  readonly sequence: number;
  /** Bytes of the application's own. */
  readonly payload: Uint8Array | null;
}

/** Says that an indirectly asked member did not answer. */
export interface Nack {
  /** That of the question. */
  readonly sequence: number;
}

/** Says that a member did not answer, or that it is dead. */
export interface Accusation {
  /** The newest life of the accused that the accuser knows. */
  readonly incarnation: number;
  /** Name of the accused. */
  readonly node: string;
  /** Who says so. Dead by its own word means that it leaves. */
  readonly from: string;
}

/** What one member is, as it says itself and others pass it on. */
export interface NodeFacts {
  /** Grows with whatever it says about itself; the higher number is the newer. */
  readonly incarnation: number;
  /** Its name. */
  readonly node: string;
  /** Its address in network byte order: 4 or 16 bytes. */
  readonly address: Uint8Array | null;
  /** Its UDP and TCP port; that of the receiver when 0. */
  readonly port: number;
  /** Bytes of the application's own. */
  readonly meta: Uint8Array | null;
  /** Six versions: least, greatest and spoken of the protocol, then of the application's. */
  readonly versions: Uint8Array | null;
}

/** Says that a member is alive. */
export type Alive = NodeFacts;

/** Says why a stream was refused. */
export interface RemoteError {
  /** For people. */
  readonly error: string;
}

/** A message with its kind. */
export type Message =
  | { readonly kind: "ping" } & Ping
  | { readonly kind: "indirectPing" } & IndirectPing
  | { readonly kind: "ack" } & Ack
  | { readonly kind: "nack" } & Nack
  | { readonly kind: "suspect" } & Accusation
  | { readonly kind: "alive" } & Alive
  | { readonly kind: "dead" } & Accusation
  | { readonly kind: "error" } & RemoteError
  /** Bytes of the application's own. */
  | { readonly kind: "user"; readonly payload: Uint8Array };

const ACCUSATION: Layout<Accusation> = {
  incarnation: u32("Incarnation"),
  node: text("Node"),
  from: text("From"),
};

const CODECS = {
  ping: new RecordCodec<Ping>("ping", {
    sequence: u32("SeqNo"),
    node: text("Node"),
    sourceAddress: optional(octets("SourceAddr")),
    sourcePort: optional(u16("SourcePort")),
    sourceNode: optional(text("SourceNode")),
  }),
  indirectPing: new RecordCodec<IndirectPing>("indirect ping", {
    sequence: u32("SeqNo"),
    target: octets("Target"),
    port: u16("Port"),
    node: text("Node"),
    nack: bool("Nack"),
    sourceAddress: optional(octets("SourceAddr")),
    sourcePort: optional(u16("SourcePort")),
    sourceNode: optional(text("SourceNode")),
  }),
  ack: new RecordCodec<Ack>("ack", {
    sequence: u32("SeqNo"),
    payload: octets("Payload"),
  }),
  nack: new RecordCodec<Nack>("nack", { sequence: u32("SeqNo") }),
  suspect: new RecordCodec<Accusation>("suspect", ACCUSATION),
  alive: new RecordCodec<Alive>("alive", {
    incarnation: u32("Incarnation"),
    node: text("Node"),
    address: octets("Addr"),
    port: u16("Port"),
    meta: octets("Meta"),
    versions: octets("Vsn"),
  }),
  dead: new RecordCodec<Accusation>("dead", ACCUSATION),
  error: new RecordCodec<RemoteError>("error", { error: text("Error") }),
} as const;

/** A state of all members goes over a stream; its header. */
export interface PushPullHeader {
  /** How many {@linkcode NodeState} follow. */
  readonly nodes: number;
  /** Bytes of the application's own after them. */
  readonly userStateLength: number;
  /** Whether the sender is new here. */
  readonly join: boolean;
}

/** One member in a state. */
export interface NodeState extends NodeFacts {
  /** 0 alive, 1 suspect, 2 dead, 3 left. */
  readonly state: number;
}

/** Codec of {@linkcode PushPullHeader}. */
export const PUSH_PULL_HEADER: RecordCodec<PushPullHeader> = new RecordCodec(
  "push/pull header",
  {
    nodes: count("Nodes"),
    userStateLength: count("UserStateLen"),
    join: bool("Join"),
  },
);

/** Codec of {@linkcode NodeState}. */
export const NODE_STATE: RecordCodec<NodeState> = new RecordCodec(
  "node state",
  {
    node: text("Name"),
    address: octets("Addr"),
    port: u16("Port"),
    meta: octets("Meta"),
    incarnation: u32("Incarnation"),
    state: count("State"),
    versions: octets("Vsn"),
  },
);

/** Header of a user message over a stream. */
export interface UserHeader {
  /** Bytes that follow. */
  readonly length: number;
}

/** Codec of {@linkcode UserHeader}. */
export const USER_HEADER: RecordCodec<UserHeader> = new RecordCodec(
  "user message header",
  { length: count("UserMsgLen") },
);

/** The kind of message that a type byte stands for. */
const KINDS: ReadonlyMap<number, keyof typeof CODECS> = new Map([
  [MessageType.ping, "ping"],
  [MessageType.indirectPing, "indirectPing"],
  [MessageType.ack, "ack"],
  [MessageType.nack, "nack"],
  [MessageType.suspect, "suspect"],
  [MessageType.alive, "alive"],
  [MessageType.dead, "dead"],
  [MessageType.error, "error"],
]);

/** Whether {@linkcode decodeMessage} knows this type byte. */
export function isMessageType(type: number): boolean {
  return type === MessageType.user || KINDS.has(type);
}

/**
 * Encodes a message with its type byte.
 *
 * @throws {WireError} For a number that does not fit its field.
 */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new Writer().u8(MessageType[message.kind], "message type");
  if (message.kind === "user") {
    return writer.bytes(message.payload, "payload").finish();
  }
  // The codec of a kind writes the fields of that kind.
  const codec: { write(writer: Writer, record: object): void } =
    CODECS[message.kind];
  codec.write(writer, message);
  return writer.finish();
}

/**
 * Decodes a message with its type byte. Bytes after it are ignored, as
 * memberlist does.
 *
 * @throws {WireError} When it is malformed or of another type.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeMessage, encodeMessage } from "./mod.ts";
 *
 * const nack = { kind: "nack", sequence: 7 } as const;
 * assertEquals(decodeMessage(encodeMessage(nack)), nack);
 * ```
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const type = reader.u8("message type");
  if (type === MessageType.user) {
    return { kind: "user", payload: reader.rest() };
  }
  const kind = KINDS.get(type);
  if (kind === undefined) {
    throw new WireError("message type", 0, `there is no message ${type}`);
  }
  // The codec of a kind reads the fields of that kind.
  return { kind, ...CODECS[kind].read(reader) } as Message;
}
