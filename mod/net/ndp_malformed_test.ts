import { assertEquals, assertThrows } from "@std/assert";
import { fromHex } from "../../tests/bytes.ts";
import {
  decodeNdp,
  encodeNdp,
  type NdpMessage,
  parseIp,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const target = parseIp("2001:db8::64");
const solicitation = "87 00 0000 00000000 20010db8000000000000000000000064";
const malformed: readonly {
  name: string;
  field: string;
  offset: number;
  hex: string;
}[] = [
  { name: "no bytes", field: "type", offset: 0, hex: "" },
  {
    name: "a router advertisement",
    field: "type",
    offset: 0,
    hex: "86 00 0000 00000000 20010db8000000000000000000000064",
  },
  {
    name: "an option of length 0",
    field: "option length",
    offset: 25,
    hex: `${solicitation} 01 00 02005e00530a`,
  },
  {
    name: "an unknown option of length 0",
    field: "option length",
    offset: 25,
    hex: `${solicitation} fd 00`,
  },
  {
    name: "an option longer than the message",
    field: "option data",
    offset: 26,
    hex: `${solicitation} 0e 02 010203040506`,
  },
  {
    name: "an option of the greatest length",
    field: "option data",
    offset: 26,
    hex: `${solicitation} fd ff 010203040506`,
  },
  {
    name: "an option type without a length",
    field: "option length",
    offset: 25,
    hex: `${solicitation} 01`,
  },
  {
    name: "a source link-layer address of two units",
    field: "option length",
    offset: 25,
    hex: `${solicitation} 01 02 02005e00530a 0000000000000000`,
  },
  {
    name: "a target link-layer address of two units",
    field: "option length",
    offset: 25,
    hex: `${solicitation} 02 02 02005e00530a 0000000000000000`,
  },
  {
    name: "an option of length 0 after a good one",
    field: "option length",
    offset: 33,
    hex: `${solicitation} 01 01 02005e00530a 00 00 000000000000`,
  },
];

Deno.test.each(malformed)(
  "decodeNdp() refuses $name",
  pure,
  ({ field, offset, hex }) => {
    const error = assertThrows(() => decodeNdp(fromHex(hex)), WireError);
    assertEquals([error.field, error.offset], [field, offset]);
  },
);

const addresses = {
  source: parseIp("fe80::1"),
  destination: parseIp("fe80::2"),
};
const empty: NdpMessage = { kind: "neighborSolicitation", target, options: [] };

Deno.test.each<{ name: string; field: string; change: Partial<NdpMessage> }>([
  {
    name: "an IPv4 target",
    field: "target address",
    change: { target: parseIp("192.0.2.1") },
  },
  {
    name: "a link-layer address of 8 bytes",
    field: "link-layer address",
    change: {
      options: [{ kind: "sourceLinkLayerAddress", mac: new Uint8Array(8) }],
    },
  },
  {
    name: "a nonce of 5 bytes",
    field: "option data",
    change: { options: [{ kind: "nonce", nonce: new Uint8Array(5) }] },
  },
  {
    name: "an option above 255 units",
    field: "option data",
    change: {
      options: [{ kind: "raw", type: 253, data: new Uint8Array(256 * 8 - 2) }],
    },
  },
  {
    name: "option type 256",
    field: "option type",
    change: { options: [{ kind: "raw", type: 256, data: new Uint8Array(6) }] },
  },
])("encodeNdp() refuses $name", pure, ({ field, change }) => {
  const message = {
    ...empty,
    ...change,
    kind: "neighborSolicitation",
  } as const;
  const error = assertThrows(() => encodeNdp(message, addresses), WireError);
  assertEquals(error.field, field);
});

Deno.test("encodeNdp() refuses IPv4 addresses around the message", pure, () => {
  const ipv4 = { ...addresses, destination: parseIp("192.0.2.1") };
  assertThrows(() => encodeNdp(empty, ipv4), WireError, "destination address");
});
