import { assertEquals } from "@std/assert";
import {
  formatMac,
  type NeighbourInfo,
  parseIp,
  parseMac,
} from "../net/mod.ts";
import { NeighbourBook } from "./neighbour_book.ts";

const options = { permissions: "none" } as const;
const B = "192.0.2.11";
const B6 = "2001:db8::b";
const C = "192.0.2.12";

function entries(
  ...pairs: readonly (readonly [ip: string, mac: string])[]
): NeighbourInfo[] {
  return pairs.map(([ip, mac], at) => ({
    index: 2 + at,
    ip: parseIp(ip),
    mac: parseMac(`02:00:00:00:00:${mac}`),
  }));
}

function macs(book: NeighbourBook, ...ips: readonly string[]): string[] {
  return book.macsOf(ips.map(parseIp)).map((mac) => formatMac(mac).slice(-2));
}

Deno.test("NeighbourBook knows who is wanted and nobody else", options, () => {
  const book = new NeighbourBook();
  const found = entries([B, "0b"], [B6, "0b"], [C, "0c"]);
  assertEquals(book.read(found, [B, B6].map(parseIp)), true);
  assertEquals(macs(book, B, B6, C), ["0b"]);
  assertEquals(book.read(found, [B, B6].map(parseIp)), false);
  assertEquals(book.read(found, [B6].map(parseIp)), true);
  assertEquals(macs(book, B), []);
});

Deno.test(
  "NeighbourBook has an address that was met on two interfaces at both",
  options,
  () => {
    const book = new NeighbourBook();
    book.read(entries([B, "0b"], [B, "1b"]), [parseIp(B)]);
    assertEquals(macs(book, B), ["0b", "1b"]);
  },
);

Deno.test(
  "NeighbourBook keeps what the kernel forgot until the address is met elsewhere",
  options,
  () => {
    const book = new NeighbourBook();
    const wanted = [parseIp(B)];
    book.read(entries([B, "0b"]), wanted);
    assertEquals(book.read([], wanted), false);
    assertEquals(macs(book, B), ["0b"]);
    assertEquals(book.read(entries([B, "1b"]), wanted), true);
    assertEquals(macs(book, B), ["1b"]);
  },
);

Deno.test(
  "NeighbourBook takes no station from entries that have none",
  options,
  () => {
    const book = new NeighbourBook();
    const found = ["00:00:00:00:00:00", "01:00:5e:00:00:01"].map((mac) => ({
      index: 2,
      ip: parseIp(B),
      mac: parseMac(mac),
    }));
    assertEquals(book.read(found, [parseIp(B)]), false);
    assertEquals(macs(book, B), []);
  },
);
