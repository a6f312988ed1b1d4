/**
 * Generators of gossip messages for property tests.
 *
 * @module
 */
import fc from "fast-check";
import type { Message, NodeState, PushPull } from "../../mod/swim/mod.ts";

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const name = fc.string({ unit: "grapheme", maxLength: 40 });
const octets = fc.option(fc.uint8Array({ maxLength: 300 }));
const address = fc.option(fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
));

const accusation = { incarnation: u32, node: name, from: name };

const source = {
  sourceAddress: address,
  sourcePort: u16,
  sourceNode: name,
};

const node = {
  incarnation: u32,
  node: name,
  address,
  port: u16,
  meta: octets,
  versions: octets,
};

/** Any message. */
export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant("ping" as const),
    sequence: u32,
    node: name,
    ...source,
  }),
  fc.record({
    kind: fc.constant("indirectPing" as const),
    sequence: u32,
    target: address,
    port: u16,
    node: name,
    nack: fc.boolean(),
    ...source,
  }),
  fc.record({
    kind: fc.constant("ack" as const),
    sequence: u32,
    payload: octets,
  }),
  fc.record({ kind: fc.constant("nack" as const), sequence: u32 }),
  fc.record({ kind: fc.constant("suspect" as const), ...accusation }),
  fc.record({ kind: fc.constant("dead" as const), ...accusation }),
  fc.record({ kind: fc.constant("alive" as const), ...node }),
  fc.record({ kind: fc.constant("error" as const), error: name }),
  fc.record({
    kind: fc.constant("user" as const),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
);

/** Any member of a state. */
export const nodeState: fc.Arbitrary<NodeState> = fc.record({
  ...node,
  state: fc.nat(3),
});

/** Any state of all members. */
export const pushPull: fc.Arbitrary<PushPull> = fc.record({
  join: fc.boolean(),
  nodes: fc.array(nodeState, { maxLength: 8 }),
  userState: fc.uint8Array({ maxLength: 300 }),
});
