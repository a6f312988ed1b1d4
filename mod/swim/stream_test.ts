import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { pushPull } from "../../tests/swim/arbitraries.ts";
import { fromHex, toHex } from "../../tests/bytes.ts";
import {
  type AssemblerOptions,
  type Assembly,
  encodeMessage,
  encodePushPull,
  makeKeyring,
  makeLabel,
  MAX_STREAM_LENGTH,
  NO_LABEL,
  openStream,
  sealStream,
  type Security,
  StreamAssembler,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const key = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const keyring = makeKeyring(key);
const REQUEST = { side: "request", isEncrypted: false } as const;

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

/** What an assembler makes of chunks; the rest after the first answer is left. */
function assemble(
  chunks: readonly Uint8Array[],
  options: AssemblerOptions = REQUEST,
): Assembly {
  const assembler = new StreamAssembler(options);
  for (const chunk of chunks) {
    const assembly = assembler.push(chunk);
    if (assembly.kind !== "partial") return assembly;
  }
  return { kind: "partial" };
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(bytes.subarray(at, at + size));
  }
  return chunks;
}

// Recorded from memberlist 0.6.0: a user message of "hello" or so.
Deno.test.each([
  {
    name: "plain, with a label",
    security: security({ label: makeLabel("east") }),
    payload: "hello",
    hex: "f404656173740881aa557365724d73674c656e0568656c6c6f",
  },
  {
    name: "encrypted",
    security: security({ keyring }),
    payload: "hello",
    hex: "0a00000030014969c264bec11dfd568f10025a7e48504d33a7d29413fe89c23a0c6" +
      "a2e39bfc36987808b705a401bf85653d6d9bd28",
  },
  {
    name: "encrypted, version 0, with a label",
    security: security({ keyring, label: makeLabel("east") }),
    payload: "0123456789abcde",
    hex: "f404656173740a0000003d0046afef68e8d1a6ba0b58f7ba01c3102b150eea63a22" +
      "2ed67aa1f4c8dbc30a3ad3d6c7761a01bc22d814fa4fd3096891d8732e2d719f55f81" +
      "fd2e6e6b",
  },
])("openStream() opens memberlist's: $name", pure, (row) => {
  const payload = new TextEncoder().encode(row.payload);
  assertEquals(openStream(fromHex(row.hex), row.security, "request"), {
    kind: "message",
    message: { kind: "user", payload },
  });
});

Deno.test("a state survives sealing, cutting and opening", pure, () => {
  const securities = fc.record({
    isEncrypted: fc.boolean(),
    label: fc.constantFrom("", "east").map(makeLabel),
    encryptionVersion: fc.constantFrom(0 as const, 1 as const),
  });
  const ways = fc.record({
    side: fc.constantFrom("request" as const, "reply" as const),
    compression: fc.boolean(),
  });
  fc.assert(
    fc.property(
      pushPull,
      securities,
      ways,
      fc.integer({ min: 1, max: 50 }),
      (state, { isEncrypted, ...chosen }, { side, compression }, size) => {
        const by = security(isEncrypted ? { ...chosen, keyring } : chosen);
        const message = encodePushPull(state);
        const sealed = sealStream(message, by, { side, compression });
        // What follows the message must not be taken for a part of it.
        const chunks = [...cut(sealed, size), fromHex("ffff")];
        const assembly = assemble(chunks, { side, isEncrypted });
        assertEquals(assembly, { kind: "complete", message: sealed });
        const opened = openStream(sealed, by, side);
        assertEquals(
          opened.kind === "message" && opened.message.kind === "pushPull" &&
            toHex(encodePushPull(opened.message)),
          toHex(message),
        );
      },
    ),
  );
});

const ping = encodeMessage({
  kind: "ping",
  sequence: 7,
  node: "b",
  sourceAddress: null,
  sourcePort: 0,
  sourceNode: "",
});

Deno.test.each([
  { name: "no bytes", bytes: new Uint8Array(), reason: "unknownType" },
  { name: "a label cut off", bytes: fromHex("f4056561"), reason: "badLabel" },
  {
    name: "another label",
    bytes: sealStream(ping, security({ label: makeLabel("east") }), {
      side: "request",
      compression: false,
    }),
    reason: "foreignLabel",
  },
  {
    name: "an encrypted message without a key",
    bytes: sealStream(ping, security({ keyring }), {
      side: "request",
      compression: false,
    }),
    reason: "undecryptable",
  },
  { name: "a suspicion", bytes: fromHex("0380"), reason: "unknownType" },
  { name: "a ping cut off", bytes: ping.subarray(0, -1), reason: "malformed" },
  {
    name: "malformed compressed data",
    bytes: fromHex("0980"),
    reason: "undecompressable",
  },
])("openStream() refuses $name", pure, ({ bytes, reason }) => {
  const opened = openStream(bytes, security(), "request");
  assertEquals<unknown>(opened, { kind: "refused", reason });
});

Deno.test(
  "openStream() insists on encryption, and on all that it authenticates",
  pure,
  () => {
    const by = security({ keyring, label: makeLabel("east") });
    const sealed = sealStream(ping, by, { side: "reply", compression: false });
    assertEquals(openStream(sealed, by, "reply").kind, "message");
    const refused = { kind: "refused", reason: "undecryptable" } as const;
    assertEquals(openStream(ping, by, "reply"), refused);
    assertEquals(openStream(sealed.with(4, 0), by, "reply"), refused);
    const other = security({ keyring, label: makeLabel("west") });
    assertEquals(openStream(sealed, other, "reply"), refused);
  },
);

Deno.test.each([
  { name: "an unknown type", hex: "0e", reason: "unknownType" },
  { name: "a gossip message", hex: "0380", reason: "unknownType" },
  { name: "a byte that begins no value", hex: "00c1", reason: "malformed" },
  { name: "a header of another type", hex: "06a161", reason: "malformed" },
  {
    name: "an encrypted length beyond the limit",
    hex: "0a00400000",
    reason: "tooLarge",
  },
  { name: "bytes beyond the limit", hex: "00c6ffffffff", reason: "tooLarge" },
  {
    name: "a user message beyond the limit",
    hex: "0881aa557365724d73674c656ed27fffffff",
    reason: "tooLarge",
  },
])("StreamAssembler refuses $name at once", pure, ({ hex, reason }) => {
  assertEquals<unknown>(assemble(cut(fromHex(hex), 1)), {
    kind: "refused",
    reason,
  });
});

Deno.test(
  "StreamAssembler refuses what is not encrypted before it has come",
  pure,
  () => {
    const options = { side: "request", isEncrypted: true } as const;
    assertEquals(assemble([fromHex("06")], options), {
      kind: "refused",
      reason: "undecryptable",
    });
  },
);

Deno.test("StreamAssembler takes no label in a reply", pure, () => {
  const options = { side: "reply", isEncrypted: false } as const;
  assertEquals(assemble([fromHex("f404")], options).kind, "refused");
});

Deno.test("StreamAssembler ends a message that never ends", pure, () => {
  const assembler = new StreamAssembler(REQUEST);
  const chunk = new Uint8Array(64 * 1024).fill(0x91);
  assertEquals(assembler.push(fromHex("00")).kind, "partial");
  for (
    let sent = 0;
    sent < MAX_STREAM_LENGTH - chunk.length;
    sent += chunk.length
  ) {
    assertEquals(assembler.push(chunk).kind, "partial");
  }
  assertEquals(assembler.push(chunk), { kind: "refused", reason: "tooLarge" });
});
