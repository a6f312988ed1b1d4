/**
 * What a speaker tells the others of itself in its metadata: the MAC addresses
 * and link-local addresses of the interfaces that it announces on. By the MAC
 * addresses, others tell the cluster's own frames from a stranger's; to the
 * link-local addresses they send heartbeats.
 *
 * The record: `48 4c` ("HL"), the version, flags (1: there are more interfaces
 * than fit), the number of interfaces; for each a MAC address, and how its
 * link-local address ends: 0 = it has none, 1 = in the modified EUI-64 of the
 * MAC address (RFC 4291 appendix A), 2 = in the 8 bytes that follow. Then, where
 * anything follows, for how many of these interfaces an IPv4 address is told,
 * from the first on, and those: 4 bytes each, 0 = none. Whatever follows them is
 * for later releases, and ignored.
 */
import { type Mac, MAC_LENGTH, Reader, WireError, Writer } from "../net/mod.ts";
import { equalBytes } from "./bytes.ts";
import { MAX_META_LENGTH } from "./limits.ts";

/** "HL": nobody else's metadata begin like that. */
const MAGIC = 0x484c;
const VERSION = 1;
const INCOMPLETE = 1;
const HEADER_LENGTH = 5;
const IDENTIFIER_LENGTH = 8;
const IPV4_LENGTH = 4;
const MAX_INTERFACES = 255;

const NO_IPV4 = new Uint8Array(IPV4_LENGTH);

const Ending = { none: 0, eui64: 1, other: 2 } as const;

/** An interface that a speaker announces on. */
export interface MetaInterface {
  /** Its MAC address. */
  readonly mac: Mac;
  /**
   * The last 8 bytes of its link-local address, `fe80::/64` and these; absent
   * when it has none.
   */
  readonly identifier?: Uint8Array;
  /** An IPv4 address of it, 4 bytes, where one is told. */
  readonly ipv4?: Uint8Array;
}

/** What a speaker tells of itself. */
export interface MemberMeta {
  /** The interfaces that it announces on. */
  readonly interfaces: readonly MetaInterface[];
  /** Whether these are all: what does not fit is left out. */
  readonly isComplete: boolean;
}

/** The interface identifier that follows from a MAC address (RFC 4291 appendix A). */
export function eui64(mac: Mac): Uint8Array<ArrayBuffer> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac;
  return Uint8Array.of(a ^ 2, b, c, 0xff, 0xfe, d, e, f);
}

/**
 * Encodes what a speaker tells, in at most 512 bytes: as many interfaces as
 * fit, which is all of 33, or of 72 with addresses made of the MAC address, and
 * then as many of their IPv4 addresses.
 *
 * @throws {WireError} For a MAC address or another address of another length.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeMemberMeta, encodeMemberMeta } from "./mod.ts";
 *
 * const mac = Uint8Array.of(2, 0, 0x5e, 0, 0x53, 1);
 * const meta = encodeMemberMeta([{ mac }]);
 * const told = { interfaces: [{ mac }], isComplete: true };
 * assertEquals(decodeMemberMeta(meta), { kind: "speaker", meta: told });
 * ```
 */
export function encodeMemberMeta(
  interfaces: readonly MetaInterface[],
): Uint8Array<ArrayBuffer> {
  const encoded: Uint8Array[] = [];
  let room = MAX_META_LENGTH - HEADER_LENGTH;
  for (const each of interfaces) {
    const bytes = encodeInterface(each);
    if (bytes.length > room || encoded.length === MAX_INTERFACES) break;
    room -= bytes.length;
    encoded.push(bytes);
  }
  const isComplete = encoded.length === interfaces.length;
  const writer = new Writer()
    .u16(MAGIC, "magic")
    .u8(VERSION, "version")
    .u8(isComplete ? 0 : INCOMPLETE, "flags")
    .u8(encoded.length, "number of interfaces");
  for (const bytes of encoded) writer.bytes(bytes, "interface");
  writeAddresses(writer, interfaces.slice(0, encoded.length), room);
  return writer.finish();
}

/** Writes the IPv4 addresses of the interfaces that are told, as far as there is room. */
function writeAddresses(
  writer: Writer,
  told: readonly MetaInterface[],
  room: number,
): void {
  const fitting = told.slice(0, Math.max(0, (room - 1) / IPV4_LENGTH));
  const last = fitting.findLastIndex(({ ipv4 }) => ipv4 !== undefined);
  if (last < 0) return;
  writer.u8(last + 1, "number of IPv4 addresses");
  for (const { ipv4 = NO_IPV4 } of fitting.slice(0, last + 1)) {
    writer.bytes(ipv4, "IPv4 address", IPV4_LENGTH);
  }
}

function encodeInterface({ mac, identifier }: MetaInterface): Uint8Array {
  const writer = new Writer().bytes(mac, "MAC address", MAC_LENGTH);
  if (identifier === undefined) {
    return writer.u8(Ending.none, "ending").finish();
  }
  if (equalBytes(identifier, eui64(mac))) {
    return writer.u8(Ending.eui64, "ending").finish();
  }
  return writer.u8(Ending.other, "ending")
    .bytes(identifier, "identifier", IDENTIFIER_LENGTH)
    .finish();
}

/** What a member's metadata say. */
export type DecodedMeta =
  /** It is one of ours, and tells this. */
  | { readonly kind: "speaker"; readonly meta: MemberMeta }
  /** It is one of ours of another release, whose record we do not know. */
  | { readonly kind: "unknownVersion"; readonly version: number }
  /** It tells nothing, as MetalLB's speakers, or nothing of ours. */
  | { readonly kind: "foreign" }
  /** It begins as ours do, and does not go on so. */
  | { readonly kind: "malformed"; readonly problem: string };

/** Decodes a member's metadata. Never throws. */
export function decodeMemberMeta(bytes: Uint8Array): DecodedMeta {
  if (bytes[0] !== MAGIC >> 8 || bytes[1] !== (MAGIC & 0xff)) {
    return { kind: "foreign" };
  }
  try {
    return decodeRecord(new Reader(bytes));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: "malformed", problem: error.message };
  }
}

function decodeRecord(reader: Reader): DecodedMeta {
  reader.skip(2, "magic");
  const version = reader.u8("version");
  if (version !== VERSION) return { kind: "unknownVersion", version };
  const flags = reader.u8("flags");
  const count = reader.u8("number of interfaces");
  const interfaces: MetaInterface[] = [];
  while (interfaces.length < count) interfaces.push(decodeInterface(reader));
  const told = reader.remaining === 0 ? [] : decodeAddresses(reader, count);
  const isComplete = (flags & INCOMPLETE) === 0;
  const meta = {
    interfaces: interfaces.map((each, index) => ({ ...each, ...told[index] })),
    isComplete,
  };
  return { kind: "speaker", meta };
}

/** The IPv4 addresses of the first of so many interfaces. */
function decodeAddresses(
  reader: Reader,
  interfaces: number,
): Pick<MetaInterface, "ipv4">[] {
  const count = reader.u8("number of IPv4 addresses");
  if (count > interfaces) {
    reader.fail(
      "number of IPv4 addresses",
      `there are ${count} for ${interfaces} interfaces`,
      1,
    );
  }
  return Array.from({ length: count }, () => {
    const ipv4 = reader.bytes(IPV4_LENGTH, "IPv4 address");
    return ipv4.some((byte) => byte !== 0) ? { ipv4 } : {};
  });
}

function decodeInterface(reader: Reader): MetaInterface {
  const mac = reader.bytes(MAC_LENGTH, "MAC address");
  const ending = reader.u8("ending");
  switch (ending) {
    case Ending.none:
      return { mac };
    case Ending.eui64:
      return { mac, identifier: eui64(mac) };
    case Ending.other:
      return { mac, identifier: reader.bytes(IDENTIFIER_LENGTH, "identifier") };
    default:
      return reader.fail("ending", `there is no ending ${ending}`, 1);
  }
}
