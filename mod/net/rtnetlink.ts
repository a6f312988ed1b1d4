import { type Ip, ipFromBytes } from "./ip.ts";
import { type Mac, MAC_LENGTH } from "./mac.ts";
import { Reader } from "./wire.ts";

/**
 * One network interface, as rtnetlink(7) RTM_NEWLINK describes it (struct
 * ifinfomsg and its attributes).
 */
export interface LinkInfo {
  /** Interface index, unique in its network namespace (`ifi_index`). */
  readonly index: number;
  /** Interface name (IFLA_IFNAME). */
  readonly name: string;
  /** Link-layer address (IFLA_ADDRESS); `null` when it is not a MAC address. */
  readonly mac: Mac | null;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Operational: up, with carrier, not dormant (IFF_RUNNING). */
  readonly running: boolean;
  /** The physical layer has carrier (IFF_LOWER_UP). */
  readonly lowerUp: boolean;
  /** Can broadcast (IFF_BROADCAST). */
  readonly broadcast: boolean;
  /** Is a loopback interface (IFF_LOOPBACK). */
  readonly loopback: boolean;
  /** Does without ARP and Neighbor Discovery (IFF_NOARP). */
  readonly noArp: boolean;
  /** Index of the bridge or bond that it is part of (IFLA_MASTER). */
  readonly master?: number;
  /** Kind of virtual interface, for example `"veth"` (IFLA_INFO_KIND). */
  readonly kind?: string;
}

/**
 * One address of an interface, as rtnetlink(7) RTM_NEWADDR describes it (struct
 * ifaddrmsg and its attributes).
 */
export interface AddressInfo {
  /** Index of the interface (`ifa_index`). */
  readonly index: number;
  /** The interface's own address, not the peer's (IFA_LOCAL, else IFA_ADDRESS). */
  readonly ip: Ip;
  /** Length of the address's prefix, in bits. */
  readonly prefixLength: number;
  /** Not usable yet, or in conflict: RFC 4862 §5.4 (IFA_F_TENTATIVE). */
  readonly tentative: boolean;
}

/**
 * One entry of a neighbour table, as rtnetlink(7) RTM_NEWNEIGH describes it
 * (struct ndmsg and its attributes): at which MAC address an IP address was met.
 */
export interface NeighbourInfo {
  /** Index of the interface (`ndm_ifindex`). */
  readonly index: number;
  /** Address of the neighbour (NDA_DST). */
  readonly ip: Ip;
  /** Its link-layer address (NDA_LLADDR). */
  readonly mac: Mac;
}

const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const RTM_NEWNEIGH = 28;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x10000;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_TENTATIVE = 0x40;

const NDA_DST = 1;
const NDA_LLADDR = 2;
/** NUD_REACHABLE, STALE, DELAY, PROBE and PERMANENT: the MAC address was told. */
const NUD_RESOLVED = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;

/** The two high bits of an attribute's type are flags (NLA_F_NESTED, …). */
const ATTRIBUTE_TYPE_MASK = 0x3fff;
const MESSAGE_HEADER_LENGTH = 16;
const ATTRIBUTE_HEADER_LENGTH = 4;
const ALIGNMENT = 4;

/**
 * Decodes the interfaces of an RTM_GETLINK dump: rtnetlink messages one after
 * the other, numbers little-endian. Messages of other types are passed over.
 *
 * @throws {WireError} when a length or a field does not fit.
 */
export function decodeLinks(bytes: Uint8Array): LinkInfo[] {
  return messages(bytes, RTM_NEWLINK).map(decodeLink);
}

/**
 * Decodes the addresses of an RTM_GETADDR dump: rtnetlink messages one after
 * the other, numbers little-endian. Messages of other types are passed over,
 * and so are addresses that are neither IPv4 nor IPv6.
 *
 * @throws {WireError} when a length or a field does not fit.
 */
export function decodeAddresses(bytes: Uint8Array): AddressInfo[] {
  return messages(bytes, RTM_NEWADDR).flatMap(decodeAddress);
}

/**
 * Decodes the entries of an RTM_GETNEIGH dump: rtnetlink messages one after the
 * other, numbers little-endian. Messages of other types are passed over, and so
 * are entries that are unresolved, failed, or not of a MAC address.
 *
 * @throws {WireError} when a length or a field does not fit.
 */
export function decodeNeighbours(bytes: Uint8Array): NeighbourInfo[] {
  return messages(bytes, RTM_NEWNEIGH).flatMap(decodeNeighbour);
}

/** The bodies of the messages of one type, up to the end of the dump. */
function messages(bytes: Uint8Array, wanted: number): Reader[] {
  const reader = new Reader(bytes, { littleEndian: true });
  const bodies: Reader[] = [];
  while (reader.remaining > 0) {
    const length = reader.u32("nlmsg_len");
    if (length < MESSAGE_HEADER_LENGTH) {
      reader.fail("nlmsg_len", `${length} is shorter than the header`, 4);
    }
    const type = reader.u16("nlmsg_type");
    reader.skip(10, "nlmsg_flags");
    if (type === NLMSG_DONE) break;
    const body = reader.sub(length - MESSAGE_HEADER_LENGTH, "message");
    if (type === wanted) bodies.push(body);
    skipPadding(reader, length);
  }
  return bodies;
}

/** The last message or attribute of a buffer may lack its padding. */
function skipPadding(reader: Reader, length: number): void {
  const padding = (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
  reader.skip(Math.min(padding, reader.remaining), "padding");
}

function attributes(reader: Reader): Map<number, Reader> {
  const found = new Map<number, Reader>();
  while (reader.remaining > 0) {
    const length = reader.u16("rta_len");
    if (length < ATTRIBUTE_HEADER_LENGTH) {
      reader.fail("rta_len", `${length} is shorter than the header`, 2);
    }
    const type = reader.u16("rta_type") & ATTRIBUTE_TYPE_MASK;
    found.set(type, reader.sub(length - ATTRIBUTE_HEADER_LENGTH, "attribute"));
    skipPadding(reader, length);
  }
  return found;
}

function decodeLink(body: Reader): LinkInfo {
  body.skip(4, "ifi_family");
  const index = body.u32("ifi_index");
  const flags = body.u32("ifi_flags");
  body.skip(4, "ifi_change");
  const found = attributes(body);
  const address = found.get(IFLA_ADDRESS)?.rest();
  const master = found.get(IFLA_MASTER)?.u32("IFLA_MASTER");
  const details = found.get(IFLA_LINKINFO);
  const kind = details && attributes(details).get(IFLA_INFO_KIND);
  const name = found.get(IFLA_IFNAME);
  if (name === undefined) body.fail("IFLA_IFNAME", "it is missing");
  return {
    index,
    name: text(name),
    mac: address?.length === MAC_LENGTH ? address : null,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    lowerUp: (flags & IFF_LOWER_UP) !== 0,
    broadcast: (flags & IFF_BROADCAST) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    noArp: (flags & IFF_NOARP) !== 0,
    ...(master === undefined ? {} : { master }),
    ...(kind === undefined ? {} : { kind: text(kind) }),
  };
}

function decodeAddress(body: Reader): AddressInfo[] {
  body.skip(1, "ifa_family");
  const prefixLength = body.u8("ifa_prefixlen");
  const shortFlags = body.u8("ifa_flags");
  body.skip(1, "ifa_scope");
  const index = body.u32("ifa_index");
  const found = attributes(body);
  // The 8 bits of the header ran out: the attribute holds all of the flags.
  const flags = found.get(IFA_FLAGS)?.u32("IFA_FLAGS") ?? shortFlags;
  const own = (found.get(IFA_LOCAL) ?? found.get(IFA_ADDRESS))?.rest();
  if (own?.length !== 4 && own?.length !== 16) return [];
  return [{
    index,
    ip: ipFromBytes(own),
    prefixLength,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
  }];
}

function decodeNeighbour(body: Reader): NeighbourInfo[] {
  body.skip(4, "ndm_family");
  const index = body.u32("ndm_ifindex");
  const state = body.u16("ndm_state");
  body.skip(2, "ndm_flags");
  const found = attributes(body);
  const destination = found.get(NDA_DST)?.rest();
  const mac = found.get(NDA_LLADDR)?.rest();
  if ((state & NUD_RESOLVED) === 0 || mac?.length !== MAC_LENGTH) return [];
  if (destination?.length !== 4 && destination?.length !== 16) return [];
  return [{ index, ip: ipFromBytes(destination), mac }];
}

const decoder = new TextDecoder();

function text(field: Reader): string {
  const bytes = field.rest();
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
