import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipv6, ndpOption } from "../../tests/arbitraries.ts";
import { fieldBytes, type FieldRow, fromHex } from "../../tests/bytes.ts";
import {
  decodeNdp,
  encodeNdp,
  hasValidIcmpv6Checksum,
  type Icmpv6Addresses,
  linkLayerAddress,
  NDP_MIN_LENGTH,
  type NdpMessage,
  nonceOf,
  parseIp,
  parseMac,
  WireError,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const target = parseIp("2001:db8::64");
const asker = parseMac("02:00:5e:00:53:0a");
const owner = parseMac("02:00:5e:00:53:0b");
const nonce = fromHex("010203040506");

interface Case {
  readonly name: string;
  readonly message: NdpMessage;
  readonly addresses: Icmpv6Addresses;
  readonly rows: readonly FieldRow[];
}

const targetRow: FieldRow = [
  "2001 0db8 0000 0000 0000 0000 0000 0064",
  "target address",
];

// The checksums do not come from this code: another program computed them.
const cases: readonly Case[] = [
  {
    name: "solicitation for address resolution (RFC 4861 §7.2.2)",
    message: {
      kind: "neighborSolicitation",
      target,
      options: [{ kind: "sourceLinkLayerAddress", mac: asker }],
    },
    addresses: {
      source: parseIp("2001:db8::a"),
      destination: parseIp("ff02::1:ff00:64"),
    },
    rows: [
      ["87", "type: neighbor solicitation"],
      ["00", "code"],
      ["6a 50", "checksum"],
      ["00 00 00 00", "reserved"],
      targetRow,
      ["01", "option type: source link-layer address"],
      ["01", "option length"],
      ["02 00 5e 00 53 0a", "link-layer address"],
    ],
  },
  {
    name: "DAD probe with a nonce (RFC 4862 §5.4.2, RFC 7527)",
    message: {
      kind: "neighborSolicitation",
      target,
      options: [{ kind: "nonce", nonce }],
    },
    addresses: {
      source: parseIp("::"),
      destination: parseIp("ff02::1:ff00:64"),
    },
    rows: [
      ["87", "type: neighbor solicitation"],
      ["00", "code"],
      ["35 12", "checksum"],
      ["00 00 00 00", "reserved"],
      targetRow,
      ["0e", "option type: nonce"],
      ["01", "option length"],
      ["01 02 03 04 05 06", "nonce"],
    ],
  },
  {
    name: "unicast probe without options (RFC 4861 §7.3.3)",
    message: { kind: "neighborSolicitation", target, options: [] },
    addresses: { source: parseIp("2001:db8::a"), destination: target },
    rows: [
      ["87", "type: neighbor solicitation"],
      ["00", "code"],
      ["ee af", "checksum"],
      ["00 00 00 00", "reserved"],
      targetRow,
    ],
  },
  {
    name: "solicited advertisement (RFC 4861 §7.2.4)",
    message: {
      kind: "neighborAdvertisement",
      router: false,
      solicited: true,
      override: true,
      target,
      options: [{ kind: "targetLinkLayerAddress", mac: owner }],
    },
    addresses: { source: target, destination: parseIp("2001:db8::a") },
    rows: [
      ["88", "type: neighbor advertisement"],
      ["00", "code"],
      ["d8 9a", "checksum"],
      ["60 00 00 00", "not router, solicited, override, reserved"],
      targetRow,
      ["02", "option type: target link-layer address"],
      ["01", "option length"],
      ["02 00 5e 00 53 0b", "link-layer address"],
    ],
  },
  {
    name:
      "unsolicited advertisement to all nodes (RFC 4861 §7.2.6), with an option of its own kind",
    message: {
      kind: "neighborAdvertisement",
      router: true,
      solicited: false,
      override: true,
      target,
      options: [
        { kind: "targetLinkLayerAddress", mac: owner },
        {
          kind: "raw",
          type: 253,
          data: fromHex("0102030405060708090a0b0c0d0e"),
        },
      ],
    },
    addresses: { source: target, destination: parseIp("ff02::1") },
    rows: [
      ["88", "type: neighbor advertisement"],
      ["00", "code"],
      ["99 0e", "checksum"],
      ["a0 00 00 00", "router, not solicited, override, reserved"],
      targetRow,
      ["02", "option type: target link-layer address"],
      ["01", "option length"],
      ["02 00 5e 00 53 0b", "link-layer address"],
      ["fd", "option type: experiment 1 (RFC 4727)"],
      ["02", "option length"],
      ["01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e", "option data"],
    ],
  },
];

Deno.test.each(cases)(
  "NDP message: $name",
  pure,
  ({ message, addresses, rows }) => {
    assertEquals(encodeNdp(message, addresses), fieldBytes(rows));
    assertEquals(decodeNdp(fieldBytes(rows)), message);
    assertEquals(hasValidIcmpv6Checksum(fieldBytes(rows), addresses), true);
  },
);

Deno.test.each(cases)(
  "decodeNdp() of a message cut short: $name",
  pure,
  ({ message, rows }) => {
    const bytes = fieldBytes(rows);
    // The message has no length of its own: cut between options it is a shorter message.
    const between = new Set([NDP_MIN_LENGTH, NDP_MIN_LENGTH + 8]);
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (between.has(length)) {
        const count = length === NDP_MIN_LENGTH ? 0 : 1;
        assertEquals(decodeNdp(cut), {
          ...message,
          options: message.options.slice(0, count),
        });
      } else {
        const error = assertThrows(() => decodeNdp(cut), WireError);
        assertEquals(error.offset <= length, true);
      }
    }
  },
);

Deno.test("decodeNdp() ignores reserved bits, code and checksum", pure, () => {
  const fields = "20010db8000000000000000000000064";
  assertEquals(decodeNdp(fromHex(`87 01 ffff ffffffff ${fields}`)), {
    kind: "neighborSolicitation",
    target,
    options: [],
  });
  assertEquals(decodeNdp(fromHex(`88 01 ffff 5fffffff ${fields}`)), {
    kind: "neighborAdvertisement",
    router: false,
    solicited: true,
    override: false,
    target,
    options: [],
  });
});

Deno.test(
  "linkLayerAddress() and nonceOf() take the first of their kind",
  pure,
  () => {
    const options = [
      { kind: "nonce", nonce },
      { kind: "targetLinkLayerAddress", mac: owner },
      { kind: "sourceLinkLayerAddress", mac: asker },
      { kind: "sourceLinkLayerAddress", mac: owner },
      { kind: "nonce", nonce: fromHex("000000000000") },
    ] as const;
    assertEquals(linkLayerAddress(options, "sourceLinkLayerAddress"), asker);
    assertEquals(linkLayerAddress(options, "targetLinkLayerAddress"), owner);
    assertEquals(nonceOf(options), nonce);
    assertEquals(linkLayerAddress([], "sourceLinkLayerAddress"), undefined);
    assertEquals(nonceOf([]), undefined);
  },
);

const message: fc.Arbitrary<NdpMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("neighborSolicitation" as const),
    target: ipv6,
    options: fc.array(ndpOption, { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant("neighborAdvertisement" as const),
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    target: ipv6,
    options: fc.array(ndpOption, { maxLength: 5 }),
  }),
);

Deno.test(
  "decodeNdp() undoes encodeNdp(), whose checksum is valid",
  pure,
  () => {
    fc.assert(
      fc.property(message, ipv6, ipv6, (message, source, destination) => {
        const bytes = encodeNdp(message, { source, destination });
        assertEquals(decodeNdp(bytes), message);
        assertEquals(
          hasValidIcmpv6Checksum(bytes, { source, destination }),
          true,
        );
      }),
    );
  },
);
