import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { message } from "../../tests/swim/arbitraries.ts";
import { fromHex, toHex } from "../../tests/bytes.ts";
import { WireError } from "../net/mod.ts";
import {
  addChecksum,
  compressMessage,
  decodeCompound,
  encodeCompound,
  encodeMessage,
  makeKeyring,
  makeLabel,
  MAX_NESTING,
  MAX_PACKET_DECOMPRESSED,
  NO_LABEL,
  openPacket,
  packetCapacity,
  sealPacket,
  type Security,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const nack = encodeMessage({ kind: "nack", sequence: 7 });
const key = new TextEncoder().encode("0123456789abcdef0123456789abcdef");

function security(changes: Partial<Security> = {}): Security {
  return {
    label: NO_LABEL,
    encryptionVersion: 1,
    verifyIncoming: true,
    verifyOutgoing: true,
    fillRandom: (bytes) => bytes.fill(5),
    ...changes,
  };
}

const plain = security();
const encrypted = security({ keyring: makeKeyring(key) });

function wrap(bytes: Uint8Array, times: number): Uint8Array {
  return times === 0 ? bytes : wrap(encodeCompound([bytes]), times - 1);
}

function user(length: number): Uint8Array {
  return encodeMessage({ kind: "user", payload: new Uint8Array(length) });
}

// Recorded from memberlist 0.6.0: protocol version 1 fills up to whole blocks.
Deno.test.each([
  {
    name: "version 0, AES-128",
    key: key.subarray(0, 16),
    label: "",
    payload: "hello",
    hex: "00e85dd0db4f8536e9d1a9e547ca382d9102ecb8c794cb1a19f1174687abc3b34" +
      "f3acd85605de209f66308d3d2",
  },
  {
    name: "version 0, a label, one byte short of a block",
    key,
    label: "east",
    payload: "0123456789abcde",
    hex: "f40465617374001ae5718ca93cbaefd667faf72f589f1ac4d475ab7888c3e0488be" +
      "d420272c40eb72827673c35095091c450b647e000b7ed09c5c848bd44e56467ae9a",
  },
  {
    name: "version 1, AES-256",
    key,
    label: "",
    payload: "hello",
    hex: "012dbc6f30129953e10b5607d3802a2c8616c66ee82d8711f4a0cda2f05e7d8f547" +
      "7ee",
  },
])("openPacket() opens memberlist's: $name", pure, (row) => {
  const { messages, drops } = openPacket(
    fromHex(row.hex),
    security({ keyring: makeKeyring(row.key), label: makeLabel(row.label) }),
  );
  assertEquals(drops, []);
  const payload = new TextEncoder().encode(row.payload);
  assertEquals(messages, [{ kind: "user", payload }]);
});

Deno.test("openPacket() gives back whatever sealPacket() took", pure, () => {
  const securities = fc.record({
    keyring: fc.constantFrom(undefined, 16, 24, 32).map((length) =>
      length === undefined ? undefined : makeKeyring(key.subarray(0, length))
    ),
    label: fc.constantFrom("", "east", "L".repeat(255)).map(makeLabel),
    encryptionVersion: fc.constantFrom(0 as const, 1 as const),
  });
  const options = fc.record({
    compression: fc.boolean(),
    checksum: fc.boolean(),
  });
  const messages = fc.array(message, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(securities, options, messages, (chosen, options, messages) => {
      const { keyring, ...rest } = chosen;
      const with_ = security(
        keyring === undefined ? rest : { ...rest, keyring },
      );
      const parts = messages.map(encodeMessage);
      const packet = sealPacket(encodeCompound(parts), with_, options);
      const opened = openPacket(packet, with_);
      assertEquals(opened.drops, []);
      assertEquals(
        opened.messages.map((each) => toHex(encodeMessage(each))),
        parts.map(toHex),
      );
    }),
  );
});

Deno.test.each([
  {
    name: "an encrypted packet by another key of the ring",
    bytes: sealPacket(nack, encrypted, { compression: false, checksum: true }),
    by: security({ keyring: makeKeyring(key.toReversed(), [key]) }),
  },
  {
    name: "a plain packet while encryption is being introduced",
    bytes: nack,
    by: security({ keyring: makeKeyring(key), verifyIncoming: false }),
  },
  { name: "a checksum", bytes: addChecksum(nack), by: plain },
])("openPacket() takes $name", pure, ({ bytes, by }) => {
  const { messages, drops } = openPacket(bytes, by);
  assertEquals(messages, [{ kind: "nack", sequence: 7 }]);
  assertEquals(drops, []);
});

const flipped = addChecksum(nack).with(-1, 8);

Deno.test.each([
  {
    name: "no bytes",
    bytes: new Uint8Array(),
    by: plain,
    drops: ["malformed"],
  },
  {
    name: "a label cut off",
    bytes: fromHex("f405656173"),
    by: plain,
    drops: ["badLabel"],
  },
  {
    name: "another label",
    bytes: nack,
    by: security({ label: makeLabel("east") }),
    drops: ["foreignLabel"],
  },
  {
    name: "a plain packet",
    bytes: nack,
    by: encrypted,
    drops: ["undecryptable"],
  },
  { name: "a flipped bit", bytes: flipped, by: plain, drops: ["badChecksum"] },
  {
    name: "a state",
    bytes: fromHex("0680"),
    by: plain,
    drops: ["unknownType"],
  },
  {
    name: "a checksum in a compound",
    bytes: encodeCompound([addChecksum(nack)]),
    by: plain,
    drops: ["unknownType"],
  },
  {
    name: "a malformed compressed message",
    bytes: fromHex("0980"),
    by: plain,
    drops: ["undecompressable"],
  },
  {
    name: "too many wrappers",
    bytes: wrap(nack, MAX_NESTING + 1),
    by: plain,
    drops: ["nestedTooDeeply"],
  },
])("openPacket() drops $name", pure, ({ bytes, by, drops }) => {
  const opened = openPacket(bytes, by);
  assertEquals<unknown>(opened.drops, drops);
  assertEquals(opened.messages, []);
});

Deno.test("openPacket() takes the rest of a compound", pure, () => {
  const bytes = encodeCompound([nack, fromHex("0d"), user(9), nack]);
  const opened = openPacket(bytes.subarray(0, -1), plain);
  assertEquals(opened.messages.map(({ kind }) => kind), ["nack", "user"]);
  assertEquals(opened.drops, ["truncated", "malformed"]);
});

Deno.test(
  "openPacket() lets all parts of a packet grow to one limit",
  pure,
  () => {
    const half = compressMessage(user(MAX_PACKET_DECOMPRESSED / 2));
    const opened = openPacket(encodeCompound([half, half, half, half]), plain);
    assertEquals(opened.messages.length, 1);
    assertEquals(opened.drops, Array(3).fill("undecompressable"));
  },
);

Deno.test("a full packet has the size that was asked for", pure, () => {
  for (
    const by of [
      plain,
      encrypted,
      security({ keyring: makeKeyring(key), encryptionVersion: 0 }),
      security({ label: makeLabel("east") }),
      security({ keyring: makeKeyring(key), verifyOutgoing: false }),
    ]
  ) {
    const room = packetCapacity(1400, by) - 2;
    const packet = sealPacket(encodeCompound([user(room - 1)]), by, {
      compression: false,
      checksum: true,
    });
    assert(packet.length <= 1400 && packet.length >= 1384, `${packet.length}`);
  }
});

Deno.test("sealPacket() compresses only what gets shorter", pure, () => {
  const options = { compression: true, checksum: false };
  assertEquals(sealPacket(nack, plain, options), nack);
  assert(sealPacket(user(500), plain, options).length < 100);
});

Deno.test("a compound holds 255 parts at most", pure, () => {
  const parts = Array<Uint8Array>(255).fill(nack);
  assertEquals(decodeCompound(encodeCompound(parts)).parts.length, 255);
  assertThrows(() => encodeCompound([...parts, nack]), WireError, "number");
});

Deno.test("a label has 255 bytes at most", pure, () => {
  assertEquals(makeLabel("é".repeat(127)).header.length, 256);
  assertThrows(() => makeLabel("é".repeat(128)), RangeError, "256 bytes");
});
