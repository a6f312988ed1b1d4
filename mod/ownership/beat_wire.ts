/**
 * Beats as bytes, all numbers in network byte order:
 *
 * ```
 * 0  magic "H"      1   version      2  flags    3  length of the header
 * 4  node (6)       10  incarnation (6)          16 link (4)
 * 20 sequence, its lower 32 bits (4) 24 interval (2) 26 newest age (2)
 * 28 since (4)      32  until (4)    36 version (4)   40 followed (4)
 * 44 sequence, its upper 16 bits (2), since version 2
 * 46 sections, each: type (1), bytes of an item (1), items (1), the items
 * ```
 *
 * **Other releases.** A header that is longer, items that are longer, sections
 * of unknown types and flags without a meaning are passed over, so a later
 * release may add each of these and is still understood by the one before it.
 * The version tells who may know them; it never refuses. What the release
 * before must not misread gets another magic.
 */
import {
  readU16,
  readU32,
  readU48,
  writeU16,
  writeU32,
  writeU48,
} from "../net/mod.ts";
import {
  type Beat,
  BEAT_STATES,
  CHANGE_WEIGHT,
  type ClaimChange,
  type Correction,
  CORRECTION_WEIGHT,
  type Heard,
  MAX_AGE,
  OFFER_WEIGHT,
  type YieldOffer,
} from "./beat.ts";
import type { RecordList } from "./record_list.ts";

/** First byte of every beat. */
export const BEAT_MAGIC = 0x48;
/** What this release writes. */
export const BEAT_VERSION = 2;
/** Bytes of the header that this release writes. */
export const BEAT_HEADER_BYTES = 46;
/** The fewest bytes of a header that it reads: those of version 1. */
export const LEAST_BEAT_HEADER_BYTES = 44;

const AT = {
  flags: 2,
  headerLength: 3,
  node: 4,
  incarnation: 10,
  link: 16,
  sequence: 20,
  interval: 24,
  newestAge: 26,
  since: 28,
  until: 32,
  version: 36,
  followed: 40,
  sequenceAbove: 44,
} as const;

const STATE_BITS = 0x03;
const WANTED = 0x04;
const LEARNS = 0x08;

const SECTION_HEADER_BYTES = 3;
const MAX_ITEMS = 255;

const TWO_TO_32 = 2 ** 32;

/** Marks the second bit of meaning in a number whose highest bit is free. */
const TOP_BIT_32 = 0x80000000;
const TOP_BIT_48 = 0x800000000000;

/** How items of a section are read and written. */
interface Section<T> {
  readonly type: number;
  readonly bytes: number;
  readonly write: (item: T, packet: Uint8Array, at: number) => void;
  readonly read: (item: T, packet: Uint8Array, at: number) => void;
}

const HEARD: Section<Heard> = {
  type: 1,
  bytes: 16,
  write(item, packet, at): void {
    writeU48(packet, at, item.node);
    const mark = item.twoWay ? TOP_BIT_48 : 0;
    writeU48(packet, at + 6, item.incarnation + mark);
    writeU16(packet, at + 12, Math.min(item.age, MAX_AGE));
    writeU16(packet, at + 14, Math.min(item.lifeAge, MAX_AGE));
  },
  read(item, packet, at): void {
    item.node = readU48(packet, at);
    const incarnation = readU48(packet, at + 6);
    item.twoWay = incarnation >= TOP_BIT_48;
    item.incarnation = item.twoWay ? incarnation - TOP_BIT_48 : incarnation;
    item.age = readU16(packet, at + 12);
    item.lifeAge = readU16(packet, at + 14);
  },
};

const CHANGES: Section<ClaimChange> = {
  type: 2,
  bytes: CHANGE_WEIGHT,
  write(item, packet, at): void {
    writeU48(packet, at, item.group);
    writeTerm(item, packet, at + 6);
    writeU32(packet, at + 10, item.hash);
  },
  read(item, packet, at): void {
    item.group = readU48(packet, at);
    readTerm(item, packet, at + 6);
    item.hash = readU32(packet, at + 10);
  },
};

const CORRECTIONS: Section<Correction> = {
  type: 3,
  bytes: CORRECTION_WEIGHT,
  write(item, packet, at): void {
    writeU48(packet, at, item.group);
    writeTerm(item, packet, at + 6);
    writeU32(packet, at + 10, item.hash);
    writeU48(packet, at + 14, item.node);
  },
  read(item, packet, at): void {
    item.group = readU48(packet, at);
    readTerm(item, packet, at + 6);
    item.hash = readU32(packet, at + 10);
    item.node = readU48(packet, at + 14);
  },
};

const OFFERS: Section<YieldOffer> = {
  type: 4,
  bytes: OFFER_WEIGHT,
  write(item, packet, at): void {
    writeU48(packet, at, item.group);
    writeU32(packet, at + 6, item.term);
  },
  read(item, packet, at): void {
    item.group = readU48(packet, at);
    item.term = readU32(packet, at + 6);
  },
};

/**
 * Writes a beat, as it is before it is sealed.
 *
 * @param packet Receives it, from its start.
 * @param room Bytes that it may take.
 * @returns Bytes that it took; ages beyond `MAX_AGE` are told as that.
 * @throws {RangeError} When it does not fit; within the limits of
 *   {@linkcode Beat} it always does.
 */
export function writeBeat(
  beat: Beat,
  packet: Uint8Array,
  room: number,
): number {
  writeHeader(beat, packet);
  let at = BEAT_HEADER_BYTES;
  at = writeSection(HEARD, beat.heard, packet, at, room);
  at = writeSection(CHANGES, beat.changes, packet, at, room);
  at = writeSection(CORRECTIONS, beat.corrections, packet, at, room);
  return writeSection(OFFERS, beat.offers, packet, at, room);
}

function writeHeader(beat: Beat, packet: Uint8Array): void {
  packet[0] = BEAT_MAGIC;
  packet[1] = BEAT_VERSION;
  packet[AT.flags] = BEAT_STATES.indexOf(beat.state) |
    (beat.wanted ? WANTED : 0) | (beat.learns ? LEARNS : 0);
  packet[AT.headerLength] = BEAT_HEADER_BYTES;
  writeU48(packet, AT.node, beat.node);
  writeU48(packet, AT.incarnation, beat.incarnation);
  writeU32(packet, AT.link, beat.link);
  writeU32(packet, AT.sequence, beat.sequence);
  writeU16(packet, AT.interval, Math.min(beat.interval, MAX_AGE));
  writeU16(packet, AT.newestAge, Math.min(beat.newestAge, MAX_AGE));
  writeU32(packet, AT.since, beat.since);
  writeU32(packet, AT.until, beat.until);
  writeU32(packet, AT.version, beat.version);
  writeU32(packet, AT.followed, beat.followed);
  const above = Math.floor(beat.sequence / TWO_TO_32);
  writeU16(packet, AT.sequenceAbove, above);
}

function writeSection<T>(
  section: Section<T>,
  items: RecordList<T>,
  packet: Uint8Array,
  start: number,
  room: number,
): number {
  const count = items.length;
  if (count === 0) return start;
  const end = start + SECTION_HEADER_BYTES + count * section.bytes;
  if (end > room || count > MAX_ITEMS) {
    throw new RangeError(
      `Cannot write a beat: ${count} items of section ${section.type} do not fit`,
    );
  }
  packet[start] = section.type;
  packet[start + 1] = section.bytes;
  packet[start + 2] = count;
  let at = start + SECTION_HEADER_BYTES;
  for (let i = 0; i < count; i++, at += section.bytes) {
    section.write(items.at(i), packet, at);
  }
  return end;
}

/**
 * Reads a beat whose seal is right.
 *
 * @param packet Has it at its start.
 * @param length Its bytes, without the seal.
 * @param beat Receives it; holds rubbish when it was refused.
 * @returns Whether it is well-formed.
 */
export function readBeat(
  packet: Uint8Array,
  length: number,
  beat: Beat,
): boolean {
  beat.clearLists();
  const headerLength = packet[AT.headerLength] ?? 0;
  if (headerLength < LEAST_BEAT_HEADER_BYTES || headerLength > length) {
    return false;
  }
  readHeader(packet, beat);
  if (headerLength >= BEAT_HEADER_BYTES) {
    beat.sequence += TWO_TO_32 * readU16(packet, AT.sequenceAbove);
  }
  for (let at = headerLength; at < length;) {
    const bytes = packet[at + 1] ?? 0;
    const count = packet[at + 2] ?? 0;
    const items = at + SECTION_HEADER_BYTES;
    const end = items + bytes * count;
    if (end > length) return false;
    if (!readSection(packet, packet[at] ?? 0, items, bytes, count, beat)) {
      return false;
    }
    at = end;
  }
  return true;
}

function readHeader(packet: Uint8Array, beat: Beat): void {
  const flags = packet[AT.flags] ?? 0;
  // A state that is not known here is none in which groups can be taken over.
  beat.state = BEAT_STATES[flags & STATE_BITS] ?? "starting";
  beat.wanted = (flags & WANTED) !== 0;
  beat.learns = (flags & LEARNS) !== 0;
  beat.node = readU48(packet, AT.node);
  beat.incarnation = readU48(packet, AT.incarnation);
  beat.link = readU32(packet, AT.link);
  beat.sequence = readU32(packet, AT.sequence);
  beat.interval = readU16(packet, AT.interval);
  beat.newestAge = readU16(packet, AT.newestAge);
  beat.since = readU32(packet, AT.since);
  beat.until = readU32(packet, AT.until);
  beat.version = readU32(packet, AT.version);
  beat.followed = readU32(packet, AT.followed);
}

function readSection(
  packet: Uint8Array,
  type: number,
  at: number,
  bytes: number,
  count: number,
  beat: Beat,
): boolean {
  switch (type) {
    case HEARD.type:
      return readItems(HEARD, beat.heard, packet, at, bytes, count);
    case CHANGES.type:
      return readItems(CHANGES, beat.changes, packet, at, bytes, count);
    case CORRECTIONS.type:
      return readItems(CORRECTIONS, beat.corrections, packet, at, bytes, count);
    case OFFERS.type:
      return readItems(OFFERS, beat.offers, packet, at, bytes, count);
    default:
      return true;
  }
}

function readItems<T>(
  section: Section<T>,
  items: RecordList<T>,
  packet: Uint8Array,
  start: number,
  bytes: number,
  count: number,
): boolean {
  if (bytes < section.bytes) return false;
  for (let i = 0; i < count; i++) {
    section.read(items.add(), packet, start + i * bytes);
  }
  return true;
}

/** The term in 31 bits and whether the claim is full in one. */
function writeTerm(
  item: { readonly term: number; readonly full: boolean },
  packet: Uint8Array,
  at: number,
): void {
  writeU32(packet, at, item.term + (item.full ? TOP_BIT_32 : 0));
}

function readTerm(
  item: { term: number; full: boolean },
  packet: Uint8Array,
  at: number,
): void {
  const word = readU32(packet, at);
  item.full = word >= TOP_BIT_32;
  item.term = item.full ? word - TOP_BIT_32 : word;
}
