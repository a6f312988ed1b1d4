/**
 * Replays `memberlist-wire.jsonl`: packets and streams as hashicorp/memberlist
 * 0.6 sends them. Each is taken apart wrapper by wrapper into the recorded
 * tree. It is also opened as a whole, which must give the messages of the tree,
 * and what is not encrypted is made again, which must give the same bytes.
 */
import { WireError } from "../../mod/net/mod.ts";
import {
  addChecksum,
  compressMessage,
  decodeCompound,
  decodeCompressed,
  decodeMessage,
  decodePushPull,
  decompress,
  type Decrypted,
  decryptPacket,
  decryptStream,
  encodeCompound,
  encodeMessage,
  encodePushPull,
  isMessageType,
  makeKeyring,
  makeLabel,
  MAX_STREAM_LENGTH,
  type Message,
  MessageType,
  metallbKey,
  type NodeState,
  openPacket,
  openStream,
  removeChecksum,
  removeLabel,
  type Security,
  StreamAssembler,
  type StreamMessage,
  type Unlabelled,
} from "../../mod/swim/mod.ts";
import { fromHex, toHex } from "../bytes.ts";
import { textOf } from "./rows.ts";
import {
  compare,
  type Format,
  isJsonObject,
  type JsonObject,
  type Row,
  type Verdict,
} from "./runner.ts";

/** Rows of `memberlist-wire.jsonl`. */
export const MEMBERLIST_WIRE: Format = {
  name: "memberlist-wire",
  recognises: (row) => isGossip(row) || isGossipKey(row),
  run: (row) => isGossipKey(row) ? runKey(row) : runGossip(row),
};

function isGossip({ transport, hex }: JsonObject): boolean {
  return (transport === "packet" || transport === "stream") &&
    typeof hex === "string";
}

function isGossipKey({ category, secret }: JsonObject): boolean {
  return category === "key" && typeof secret === "string";
}

function runKey(row: Row): Verdict {
  const key = metallbKey(textOf(row, "secret"), "sha256");
  return compare(row["expect"], { key: toHex(key) });
}

/** Categories whose bytes no encoder of memberlist's makes. */
const NOT_MADE_AGAIN = ["malformed"];

function runGossip(row: Row): Verdict {
  const hex = textOf(row, "hex");
  const bytes = fromHex(hex);
  const transport = row["transport"] === "stream" ? "stream" : "packet";
  const tree = new Tree(securityOf(row), transport);
  const node = tree.open(bytes);
  const whole = transport === "stream"
    ? streamMessages(bytes, tree.security)
    : openPacket(bytes, tree.security).messages.map(describe);
  const again = tree.madeAgain;
  const isMadeAgain = again !== undefined &&
    row["key"] === undefined && !NOT_MADE_AGAIN.includes(row.category);
  return compare(
    {
      tree: row["expect"],
      messages: messagesOf(row["expect"]),
      ...(isMadeAgain ? { bytes: hex } : {}),
    },
    {
      tree: node,
      messages: whole,
      ...(isMadeAgain ? { bytes: toHex(again) } : {}),
    },
  );
}

function securityOf({ key, label }: Row): Security {
  return {
    label: makeLabel(typeof label === "string" ? label : ""),
    ...(typeof key === "string" ? { keyring: makeKeyring(fromHex(key)) } : {}),
    encryptionVersion: 1,
    verifyIncoming: true,
    verifyOutgoing: true,
    fillRandom: () => {},
  };
}

/** A stream arrives byte by byte before it is opened. */
function streamMessages(bytes: Uint8Array, security: Security): unknown[] {
  const assembler = new StreamAssembler({
    side: "request",
    isEncrypted: security.keyring !== undefined,
  });
  for (const byte of bytes) {
    const assembly = assembler.push(Uint8Array.of(byte));
    if (assembly.kind === "refused") return [assembly.reason];
    if (assembly.kind === "partial") continue;
    const opened = openStream(assembly.message, security, "request");
    return opened.kind === "message" ? [describe(opened.message)] : [];
  }
  return ["the stream ends before the message"];
}

/** The messages of a recorded tree without their wrappers. */
function messagesOf(node: unknown): unknown[] {
  if (!isJsonObject(node)) return [];
  const { inner, parts } = node;
  if (inner !== undefined) return messagesOf(inner);
  if (Array.isArray(parts)) return parts.flatMap(messagesOf);
  return "error" in node || "dropped" in node ? [] : [node];
}

type Json = Record<string, unknown>;

/** Takes a packet or a stream apart. */
class Tree {
  readonly security: Security;
  readonly #transport: "packet" | "stream";
  /** The bytes without encryption, encoded again from what was decoded. */
  madeAgain: Uint8Array | undefined;

  constructor(security: Security, transport: "packet" | "stream") {
    this.security = security;
    this.#transport = transport;
  }

  open(bytes: Uint8Array): Json {
    const unlabelled = attempt<Unlabelled>(() => removeLabel(bytes));
    if (unlabelled === undefined) return { dropped: "badLabelHeader" };
    const { label, rest } = unlabelled;
    if (label !== this.security.label.text) {
      return { dropped: "labelMismatch", label };
    }
    const inner = this.#decrypt(rest);
    if (label === "") return inner;
    this.madeAgain = this.madeAgain && concat(
      this.security.label.header,
      this.madeAgain,
    );
    return { type: "label", label, inner };
  }

  #decrypt(bytes: Uint8Array): Json {
    const isStream = this.#transport === "stream";
    const decrypted: Decrypted = (isStream ? decryptStream : decryptPacket)(
      bytes,
      this.security,
    );
    if (decrypted.kind === "undecryptable") return { dropped: "decrypt" };
    const inner = this.#checkSum(decrypted.bytes);
    if (this.security.keyring === undefined) return inner;
    const body = isStream ? bytes.subarray(5) : bytes;
    const version = body[0];
    const nonce = toHex(body.subarray(1, 13));
    return isStream
      ? { type: "encryptedStream", length: body.length, version, nonce, inner }
      : { type: "encrypted", version, nonce, inner };
  }

  #checkSum(bytes: Uint8Array): Json {
    const checked = this.#transport === "packet"
      ? removeChecksum(bytes)
      : undefined;
    if (checked === undefined) {
      const { node, again } = this.#message(bytes);
      this.madeAgain = again;
      return node;
    }
    const { crc, isValid: valid, message } = checked;
    const crc32 = crc.toString(16).padStart(8, "0");
    const { node: inner, again } = this.#message(message);
    this.madeAgain = again && addChecksum(again);
    return { type: "crc", crc32, valid, ...(valid ? { inner } : {}) };
  }

  #message(bytes: Uint8Array): Decoded {
    const type = bytes[0] ?? -1;
    if (type === MessageType.compound) return this.#compound(bytes);
    if (type === MessageType.compress) return this.#compressed(bytes);
    return attempt(() => this.#plain(bytes, type)) ??
      { node: { type, error: "decode" } };
  }

  #plain(bytes: Uint8Array, type: number): Decoded {
    if (type === MessageType.pushPull && this.#transport === "stream") {
      const message = { kind: "pushPull", ...decodePushPull(bytes) } as const;
      return { node: describe(message), again: encodePushPull(message) };
    }
    if (!isMessageType(type)) return { node: { type, error: "unknownType" } };
    const message = decodeMessage(bytes);
    return { node: describe(message), again: encodeMessage(message) };
  }

  #compound(bytes: Uint8Array): Decoded {
    const compound = attempt(() => decodeCompound(bytes));
    if (compound === undefined) {
      return { node: { type: MessageType.compound, error: "decode" } };
    }
    const parts = compound.parts.map((part) => this.#message(part));
    const again = parts.flatMap((part) => part.again ?? []);
    const node = {
      type: "compound",
      truncatedParts: compound.truncated,
      parts: parts.map((part) => part.node),
    };
    const isWhole = again.length === parts.length && compound.truncated === 0;
    return isWhole ? { node, again: encodeCompound(again) } : { node };
  }

  #compressed(bytes: Uint8Array): Decoded {
    const compressed = attempt(() => decodeCompressed(bytes));
    if (compressed === undefined) {
      return { node: { type: MessageType.compress, error: "decode" } };
    }
    const { algorithm: algo } = compressed;
    const message = attempt(() => decompress(compressed, MAX_STREAM_LENGTH));
    if (message === undefined) {
      return { node: { type: "compress", algo, error: "decompress" } };
    }
    const { node: inner, again } = this.#message(message);
    const node = { type: "compress", algo, inner };
    return again === undefined
      ? { node }
      : { node, again: compressMessage(again) };
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

interface Decoded {
  readonly node: Json;
  readonly again?: Uint8Array;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** The names of the corpus for ours. */
const TYPES: Readonly<Record<string, string>> = {
  ack: "ackResp",
  nack: "nackResp",
  error: "err",
};

const FIELDS: Readonly<Record<string, string>> = {
  sequence: "SeqNo",
  sourceAddress: "SourceAddr",
  address: "Addr",
  versions: "Vsn",
};

function describe(message: StreamMessage | Message): Json {
  if (message.kind === "user") {
    return { type: "user", payload: toHex(message.payload) };
  }
  if (message.kind === "pushPull") {
    return {
      type: "pushPull",
      join: message.join,
      nodes: message.nodes.map(({ node, ...rest }: NodeState) => ({
        Name: node,
        ...fieldsOf(rest),
      })),
      userState: toHex(message.userState),
    };
  }
  const { kind, ...fields } = message;
  return { type: TYPES[kind] ?? kind, fields: fieldsOf(fields) };
}

function fieldsOf(fields: object): Json {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      FIELDS[name] ?? name.charAt(0).toUpperCase() + name.slice(1),
      value instanceof Uint8Array ? toHex(value) : value,
    ]),
  );
}
