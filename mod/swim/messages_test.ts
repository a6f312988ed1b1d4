import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { message, pushPull } from "../../tests/swim/arbitraries.ts";
import {
  fieldBytes,
  type FieldRow,
  fromHex,
  toHex,
} from "../../tests/bytes.ts";
import { WireError } from "../net/mod.ts";
import {
  decodeMessage,
  decodePushPull,
  encodeMessage,
  encodePushPull,
  MAX_MEMBERS,
  type Message,
  type PushPull,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

const cases: readonly {
  readonly name: string;
  readonly message: Message;
  readonly rows: readonly FieldRow[];
}[] = [
  {
    name: "ping",
    message: {
      kind: "ping",
      sequence: 300,
      node: "b",
      sourceAddress: fromHex("c0000201"),
      sourcePort: 7946,
      sourceNode: "a",
    },
    rows: [
      ["00", "message type"],
      ["85", "map of 5"],
      ["a4 4e6f6465 a1 62", "Node: b"],
      ["a5 5365714e6f cd 012c", "SeqNo: 300"],
      ["aa 536f7572636541646472 a4 c0000201", "SourceAddr"],
      ["aa 536f757263654e6f6465 a1 61", "SourceNode: a"],
      ["aa 536f75726365506f7274 cd 1f0a", "SourcePort: 7946"],
    ],
  },
  {
    name: "ping that leaves its source out",
    message: {
      kind: "ping",
      sequence: 1,
      node: "b",
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: "",
    },
    rows: [
      ["00", "message type"],
      ["82", "map of 2"],
      ["a4 4e6f6465 a1 62", "Node: b"],
      ["a5 5365714e6f 01", "SeqNo: 1"],
    ],
  },
  {
    name: "dead, by its own word",
    message: { kind: "dead", incarnation: 2, node: "b", from: "b" },
    rows: [
      ["05", "message type"],
      ["83", "map of 3"],
      ["a4 46726f6d a1 62", "From: b"],
      ["ab 496e6361726e6174696f6e 02", "Incarnation: 2"],
      ["a4 4e6f6465 a1 62", "Node: b"],
    ],
  },
  {
    name: "user",
    message: { kind: "user", payload: fromHex("0102") },
    rows: [["08", "message type"], ["0102", "payload"]],
  },
];

Deno.test.each(cases)("$name: bytes and back", pure, ({ message, rows }) => {
  assertEquals(toHex(encodeMessage(message)), toHex(fieldBytes(rows)));
  assertEquals(decodeMessage(fieldBytes(rows)), message);
});

Deno.test(
  "decodeMessage() gives back whatever encodeMessage() took",
  pure,
  () => {
    fc.assert(fc.property(message, (message) => {
      const decoded = decodeMessage(encodeMessage(message));
      assertEquals(
        toHex(encodeMessage(decoded)),
        toHex(encodeMessage(message)),
      );
      assertEquals(decoded.kind, message.kind);
    }));
  },
);

Deno.test.each([
  { name: "no bytes", hex: "" },
  { name: "a type that does not exist", hex: "0e80" },
  { name: "a state, which only streams have", hex: "0680" },
  { name: "no map", hex: "0b07" },
  { name: "a map cut off", hex: "0b82 a5 5365714e6f 07" },
  { name: "a key that is no text", hex: "0b81 07 07" },
  { name: "a value of the wrong type", hex: "0b81 a5 5365714e6f a1 37" },
  { name: "an array cut off", hex: "0393 07 a178" },
])("decodeMessage() refuses $name", pure, ({ hex }) => {
  assertThrows(() => decodeMessage(fromHex(hex)), WireError);
});

Deno.test(
  "decodeMessage() passes over unknown fields, also in arrays",
  pure,
  () => {
    const nack = { kind: "nack", sequence: 7 } as const;
    const map = fromHex("0b82 a3 4e6577 92 01 81 a161 c0 a5 5365714e6f 07");
    assertEquals(decodeMessage(map), nack);
    assertEquals(decodeMessage(fromHex("0b93 07 a178 90")), nack);
  },
);

Deno.test(
  "decodePushPull() gives back whatever encodePushPull() took",
  pure,
  () => {
    fc.assert(fc.property(pushPull, (state: PushPull) => {
      const bytes = encodePushPull(state);
      assertEquals(toHex(encodePushPull(decodePushPull(bytes))), toHex(bytes));
      assertEquals(decodePushPull(bytes).nodes.length, state.nodes.length);
    }));
  },
);

Deno.test("decodePushPull() refuses what is cut off or too much", pure, () => {
  const state = encodePushPull({
    join: true,
    nodes: [],
    userState: fromHex("0102"),
  });
  assertThrows(() => decodePushPull(state.subarray(0, -1)), WireError);
  assertThrows(() => decodePushPull(fromHex("0580")), WireError, "no state");
  const count = (MAX_MEMBERS + 1).toString(16).padStart(4, "0");
  assertThrows(
    () => decodePushPull(fromHex(`06 81 a5 4e6f646573 cd ${count}`)),
    WireError,
    "too many",
  );
});
