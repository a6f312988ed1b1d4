import { readMemberlistSettings } from "../../mod/config/mod.ts";
import { WireError } from "../../mod/net/mod.ts";
import {
  addChecksum,
  compressMessage,
  decodeMemberMeta,
  decodeMessage,
  decodePushPull,
  encodeCompound,
  encodeMemberMeta,
  encodeMessage,
  encodePushPull,
  encrypt,
  lzwCompress,
  lzwDecompress,
  makeKeyring,
  makeLabel,
  MAX_PACKET_DECOMPRESSED,
  type Message,
  NO_LABEL,
  openPacket,
  openStream,
  type PushPull,
  sealStream,
  type Security,
  StreamAssembler,
} from "../../mod/swim/mod.ts";
import { fromHex } from "../bytes.ts";
import { MachineRig } from "../swim/machine_rig.ts";
import { MEMBERLIST_CONFIG } from "../swim/memberlist_config.ts";
import { decoderTarget, type FuzzTarget, type Verdict } from "./target.ts";

const source = {
  sourceAddress: fromHex("c0000201"),
  sourcePort: 7946,
  sourceNode: "node-a",
};
const node = {
  incarnation: 3,
  node: "node-a",
  address: fromHex("c0000201"),
  port: 7946,
  meta: fromHex("484c0100"),
  versions: fromHex("010502000000"),
};

const messages: readonly Message[] = [
  { kind: "ping", sequence: 70_000, node: "node-b", ...source },
  {
    kind: "indirectPing",
    sequence: 7,
    target: fromHex("20010db8000000000000000000000001"),
    port: 7946,
    node: "node-b",
    nack: true,
    ...source,
  },
  { kind: "ack", sequence: 7, payload: fromHex("0102") },
  { kind: "nack", sequence: 7 },
  { kind: "suspect", incarnation: 1, node: "node-b", from: "node-a" },
  { kind: "dead", incarnation: 1, node: "node-b", from: "node-b" },
  { kind: "alive", ...node },
  { kind: "error", error: "no" },
];

const states: readonly PushPull[] = [
  { join: true, nodes: [], userState: new Uint8Array() },
  {
    join: false,
    nodes: [{ ...node, state: 0 }, { ...node, meta: null, state: 3 }],
    userState: fromHex("0102"),
  },
];

const messageSeeds = messages.map(encodeMessage);
const stateSeeds = states.map(encodePushPull);
const compound = encodeCompound(messageSeeds);

const plain: Security = {
  label: NO_LABEL,
  encryptionVersion: 1,
  verifyIncoming: true,
  verifyOutgoing: true,
  fillRandom: () => {},
};
const encrypted: Security = {
  ...plain,
  keyring: makeKeyring(new Uint8Array(32)),
  label: makeLabel("east"),
};

const packetSeeds = [
  ...messageSeeds,
  compound,
  encodeCompound([compound, compressMessage(compound)]),
  compressMessage(compound),
  // A bomb, as large as it may be.
  compressMessage(new Uint8Array(MAX_PACKET_DECOMPRESSED).fill(8)),
  addChecksum(compressMessage(compound)),
];

function packetTarget(name: string): FuzzTarget {
  const run = (bytes: Uint8Array): Verdict =>
    openPacket(bytes, plain).drops.length === 0 ? "accepted" : "refused";
  return { name, seeds: packetSeeds, run };
}

/**
 * The input as it comes, and as what an encrypted packet holds. The version
 * byte is not authenticated, so the input may end in any padding.
 */
function encryptedTarget(name: string): FuzzTarget {
  const [label, key] = [encrypted.label, new Uint8Array(32)];
  const run = (bytes: Uint8Array): Verdict => {
    openPacket(bytes, encrypted);
    const sealed = encrypt(bytes, {
      version: 1,
      key,
      associatedData: label.bytes,
      fillRandom: () => {},
    });
    const packet = Uint8Array.of(...label.header, 0, ...sealed.subarray(1));
    const { drops } = openPacket(packet, encrypted);
    return drops.length === 0 ? "accepted" : "refused";
  };
  const seeds = messageSeeds.map((seed) => {
    const padding = 16 - seed.length % 16;
    return Uint8Array.of(...seed, ...Array<number>(padding).fill(padding));
  });
  return { name, seeds, run };
}

/** A stream that comes in two pieces, and is opened when it is whole. */
function streamTarget(name: string, security: Security): FuzzTarget {
  const isEncrypted = security.keyring !== undefined;
  const run = (bytes: Uint8Array): Verdict => {
    const assembler = new StreamAssembler({ side: "request", isEncrypted });
    const half = bytes.length >> 1;
    let assembly = assembler.push(bytes.subarray(0, half));
    if (assembly.kind === "partial") {
      assembly = assembler.push(bytes.subarray(half));
    }
    if (assembly.kind !== "complete") return "refused";
    const opened = openStream(assembly.message, security, "request");
    return opened.kind === "message" ? "accepted" : "refused";
  };
  const seeds = [messageSeeds[0] ?? compound, ...stateSeeds].flatMap((seed) =>
    [true, false].map((compression) =>
      sealStream(seed, security, { side: "request", compression })
    )
  );
  return { name, seeds, run };
}

/** Metadata of a member: what is taken survives another round. */
function metaTarget(name: string): FuzzTarget {
  const mac = fromHex("02005e005301");
  const seeds = [
    encodeMemberMeta([]),
    encodeMemberMeta([{ mac }, {
      mac,
      identifier: fromHex("0102030405060708"),
    }]),
    encodeMemberMeta([{ mac }, { mac, ipv4: fromHex("c0000201") }]),
  ];
  const run = (bytes: Uint8Array): Verdict => {
    const decoded = decodeMemberMeta(bytes);
    if (decoded.kind !== "speaker") return "refused";
    const { interfaces } = decoded.meta;
    const again = decodeMemberMeta(encodeMemberMeta(interfaces));
    if (again.kind !== "speaker") throw new Error(`It became ${again.kind}`);
    return "accepted";
  };
  return { name, seeds, run };
}

/** The file of MetalLB's ConfigMap: what is accepted must do for a member. */
function settingsTarget(name: string): FuzzTarget {
  return {
    name,
    seeds: [new TextEncoder().encode(JSON.stringify(MEMBERLIST_CONFIG))],
    run: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      const result = readMemberlistSettings(text);
      if (result.kind === "refused") return "refused";
      new MachineRig({ settings: result.settings }).wait();
      return "accepted";
    },
  };
}

/** The decoders of mod/swim, and of its settings. */
export const swimTargets: readonly FuzzTarget[] = [
  decoderTarget({
    name: "swim-message",
    seeds: messageSeeds,
    decode: decodeMessage,
    refusal: WireError,
    encode: encodeMessage,
  }),
  decoderTarget({
    name: "swim-state",
    seeds: stateSeeds,
    decode: decodePushPull,
    refusal: WireError,
    encode: encodePushPull,
  }),
  decoderTarget({
    name: "swim-lzw",
    seeds: [...messageSeeds, compound, new Uint8Array(50_000)].map(lzwCompress),
    decode: (bytes) => lzwDecompress(bytes, MAX_PACKET_DECOMPRESSED),
    refusal: WireError,
    encode: lzwCompress,
  }),
  packetTarget("swim-packet"),
  encryptedTarget("swim-encrypted"),
  streamTarget("swim-stream", plain),
  streamTarget("swim-encrypted-stream", encrypted),
  metaTarget("swim-meta"),
  settingsTarget("swim-settings"),
];
