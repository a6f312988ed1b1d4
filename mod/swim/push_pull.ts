/** The state of all members that one knows, as it goes over a stream. */
import { Reader, WireError, Writer } from "../net/mod.ts";
import { MAX_MEMBERS } from "./limits.ts";
import { MessageType } from "./message_type.ts";
import { NODE_STATE, type NodeState, PUSH_PULL_HEADER } from "./messages.ts";

/** A whole state. */
export interface PushPull {
  /** Whether the sender is new here. */
  readonly join: boolean;
  /** All members, the dead included. */
  readonly nodes: readonly NodeState[];
  /** Bytes of the application's own. */
  readonly userState: Uint8Array;
}

/** Encodes a state with its type byte. */
export function encodePushPull(
  { join, nodes, userState }: PushPull,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().u8(MessageType.pushPull, "message type");
  PUSH_PULL_HEADER.write(writer, {
    nodes: nodes.length,
    userStateLength: userState.length,
    join,
  });
  for (const node of nodes) NODE_STATE.write(writer, node);
  return writer.bytes(userState, "user state").finish();
}

/**
 * Decodes a state with its type byte.
 *
 * @throws {WireError} When it is malformed or has too many members.
 */
export function decodePushPull(bytes: Uint8Array): PushPull {
  const reader = new Reader(bytes);
  const type = reader.u8("message type");
  if (type !== MessageType.pushPull) {
    throw new WireError("message type", 0, `${type} is no state`);
  }
  const header = PUSH_PULL_HEADER.read(reader);
  if (header.nodes > MAX_MEMBERS) {
    reader.fail("Nodes", `${header.nodes} members are too many`);
  }
  const nodes: NodeState[] = [];
  while (nodes.length < header.nodes) nodes.push(NODE_STATE.read(reader));
  const userState = reader.bytes(header.userStateLength, "user state");
  return { join: header.join, nodes, userState };
}
