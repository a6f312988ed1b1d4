import { assertEquals, assertThrows } from "@std/assert";
import { Writer } from "../../mod/net/mod.ts";
import { dynamicLinks } from "./elf.ts";
import { ImageError } from "./image_error.ts";

/** Sizes of the System V ABI. */
const EHDR = 64;
const PHDR = 56;
/** Where the parts of the made-up file are. */
const STRINGS = 0x200;
const DYNAMIC = 0x300;
const FILE_SIZE = 0x400;
/** The file is loaded here. */
const BASE = 0x10000n;

const NAMES = "\0libone.so.1\0/lib64/ld.so\0libtwo.so\0";

interface Made {
  readonly interpreter?: boolean;
  readonly tags: readonly (readonly [bigint, bigint])[];
}

/** A file of three segments: loaded, dynamic and perhaps an interpreter. */
function elf({ interpreter = false, tags }: Made): Uint8Array<ArrayBuffer> {
  const count = interpreter ? 3 : 2;
  const header = new Writer({ littleEndian: true })
    .bytes(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1), "magic", 7)
    .bytes(new Uint8Array(25), "to the program headers", 25)
    .u64(BigInt(EHDR), "program header offset")
    .bytes(new Uint8Array(14), "sections, flags, size", 14)
    .u16(PHDR, "entry size")
    .u16(count, "entries")
    .bytes(new Uint8Array(6), "sections", 6);
  segment(header, { type: 1, offset: 0, size: FILE_SIZE });
  segment(header, { type: 2, offset: DYNAMIC, size: 16 * tags.length });
  if (interpreter) {
    segment(header, { type: 3, offset: STRINGS + 13, size: 13 });
  }
  const dynamic = new Writer({ littleEndian: true });
  for (const [tag, value] of tags) dynamic.u64(tag, "tag").u64(value, "value");
  const file = new Uint8Array(FILE_SIZE);
  file.set(header.finish());
  file.set(new TextEncoder().encode(NAMES), STRINGS);
  file.set(dynamic.finish(), DYNAMIC);
  return file;
}

function segment(
  to: Writer,
  { type, offset, size }: { type: number; offset: number; size: number },
): void {
  to.u32(type, "type").u32(0, "flags").u64(BigInt(offset), "offset")
    .u64(BASE + BigInt(offset), "address").u64(0n, "physical address")
    .u64(BigInt(size), "file size").u64(0n, "memory size").u64(0n, "alignment");
}

const STRTAB = [5n, BASE + BigInt(STRINGS)] as const;
const NULL = [0n, 0n] as const;

const files: readonly {
  readonly what: string;
  readonly made: Made;
  readonly links: ReturnType<typeof dynamicLinks>;
}[] = [
  {
    what: "a program",
    made: { interpreter: true, tags: [[1n, 1n], STRTAB, [1n, 26n], NULL] },
    links: {
      interpreter: "/lib64/ld.so",
      needed: ["libone.so.1", "libtwo.so"],
    },
  },
  {
    what: "a library that needs one",
    made: { tags: [[1n, 26n], [0x6ffffffbn, 1n], STRTAB, NULL] },
    links: { needed: ["libtwo.so"] },
  },
  {
    what: "what follows the end of the section",
    made: { tags: [STRTAB, NULL, [1n, 1n]] },
    links: { needed: [] },
  },
];

Deno.test.each(files)(
  "dynamicLinks() reads $what",
  { permissions: "none" },
  ({ made, links }) => assertEquals(dynamicLinks(elf(made)), links),
);

const bad: readonly {
  readonly what: string;
  readonly file: Uint8Array;
  readonly says: string;
}[] = [
  { what: "nothing", file: new Uint8Array(), says: "magic" },
  {
    what: "a file of another format",
    file: new TextEncoder().encode("#!/bin/sh\n".repeat(10)),
    says: "it is no 64-bit little-endian ELF file",
  },
  {
    what: "a file cut short",
    file: elf({ tags: [[1n, 1n], STRTAB, NULL] }).subarray(0, 100),
    says: "program header",
  },
  {
    what: "a name beyond the end",
    file: elf({ tags: [[1n, 0xffffn], STRTAB, NULL] }),
    says: "library name",
  },
  {
    what: "an offset beyond all numbers",
    file: elf({ tags: [[1n, 2n ** 63n], STRTAB, NULL] }),
    says: "library name",
  },
  {
    what: "strings that are not loaded",
    file: elf({ tags: [[1n, 1n], [5n, 1n], NULL] }),
    says: "no segment is loaded at 1",
  },
];

Deno.test.each(bad)(
  "dynamicLinks() refuses $what",
  { permissions: "none" },
  ({ file, says }) => {
    assertThrows(() => dynamicLinks(file), ImageError, says);
  },
);
