/**
 * What the dynamic linker will look for when it loads a file: the part of ELF
 * that `ldd` shows, read from the file itself, so that it works for files of
 * another architecture.
 */
import { Reader, WireError } from "../../mod/net/mod.ts";
import { ImageError } from "./image_error.ts";

/** What one file asks the dynamic linker for. */
export interface DynamicLinks {
  /** Path of the dynamic linker (PT_INTERP); programs have one. */
  readonly interpreter?: string;
  /** Names of libraries (DT_NEEDED), in the file's order. */
  readonly needed: readonly string[];
}

/** A piece of the file and where it is loaded. */
interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

const LITTLE_ENDIAN = { littleEndian: true } as const;
/** 0x7f "ELF", ELFCLASS64, ELFDATA2LSB. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
/** struct Elf64_Dyn { Sxword tag; Xword value } */
const DYNAMIC_ENTRY = 16;

/**
 * Reads what a 64-bit little-endian ELF file is linked with (System V ABI,
 * "Program Header" and "Dynamic Section").
 *
 * @throws {ImageError} For a file of another format.
 */
export function dynamicLinks(file: Uint8Array): DynamicLinks {
  try {
    return read(file);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new ImageError(`Cannot read an ELF file: ${cause.message}`, {
      cause,
    });
  }
}

function read(file: Uint8Array): DynamicLinks {
  const all = segments(file);
  const found = (type: number) => all.find((one) => one.type === type);
  const interp = found(PT_INTERP);
  return {
    ...interp === undefined
      ? {}
      : { interpreter: textAt(file, interp.offset, "interpreter") },
    needed: neededBy(file, all, found(PT_DYNAMIC)),
  };
}

/** struct Elf64_Ehdr: where the program headers are, how many, and how long. */
function segments(file: Uint8Array): Segment[] {
  const header = new Reader(file, LITTLE_ENDIAN);
  const magic = header.bytes(MAGIC.length, "magic");
  if (!MAGIC.every((byte, at) => magic[at] === byte)) {
    header.fail("magic", "it is no 64-bit little-endian ELF file");
  }
  header.skip(26, "identification, type, machine, version, entry");
  const offset = whole(header.u64("program header offset"));
  header.skip(14, "section header offset, flags, header size");
  const size = header.u16("program header entry size");
  const count = header.u16("program header entries");
  const table = at(file, offset, "program headers");
  return Array.from({ length: count }, () => {
    return segment(table.sub(size, "program header"));
  });
}

/** struct Elf64_Phdr. */
function segment(entry: Reader): Segment {
  const type = entry.u32("type");
  entry.skip(4, "flags");
  const offset = whole(entry.u64("offset"));
  const address = whole(entry.u64("virtual address"));
  entry.skip(8, "physical address");
  return { type, offset, address, length: whole(entry.u64("file size")) };
}

function neededBy(
  file: Uint8Array,
  all: readonly Segment[],
  dynamic: Segment | undefined,
): string[] {
  // A file without a dynamic section needs nobody.
  if (dynamic === undefined) return [];
  const section = at(file, dynamic.offset, "dynamic section");
  const names: number[] = [];
  let strings = 0;
  for (let left = dynamic.length; left >= DYNAMIC_ENTRY;) {
    const tag = whole(section.u64("tag"));
    const value = whole(section.u64("value"));
    if (tag === DT_NULL) break;
    if (tag === DT_NEEDED) names.push(value);
    if (tag === DT_STRTAB) strings = fileOffset(all, value);
    left -= DYNAMIC_ENTRY;
  }
  return names.map((name) => textAt(file, strings + name, "library name"));
}

/** Where in the file the byte is that is loaded at an address. */
function fileOffset(all: readonly Segment[], address: number): number {
  const home = all.find((one) =>
    one.type === PT_LOAD && address >= one.address &&
    address < one.address + one.length
  );
  if (home !== undefined) return address - home.address + home.offset;
  throw new ImageError(
    `Cannot read an ELF file: no segment is loaded at ${address}`,
  );
}

function at(file: Uint8Array, offset: number, field: string): Reader {
  const reader = new Reader(file, LITTLE_ENDIAN);
  reader.skip(offset, field);
  return reader;
}

/** Text up to its NUL. */
function textAt(file: Uint8Array, offset: number, field: string): string {
  const reader = at(file, offset, field);
  const bytes: number[] = [];
  for (let byte = reader.u8(field); byte !== 0; byte = reader.u8(field)) {
    bytes.push(byte);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** An offset or a length; tags of the processor lie beyond and become `Infinity`. */
function whole(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity;
}
