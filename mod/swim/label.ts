/**
 * The label in front of packets and streams: clusters with different labels on
 * one network do not merge. It stands outside the encryption and is
 * authenticated by it.
 */
import { Reader, WireError, Writer } from "../net/mod.ts";
import { MAX_LABEL_LENGTH } from "./limits.ts";
import { MessageType } from "./message_type.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** A label in the forms that are needed again and again. */
export interface Label {
  /** As configured. */
  readonly text: string;
  /** Its UTF-8 bytes, which encryption authenticates. */
  readonly bytes: Uint8Array;
  /** What stands in front of packets and streams; empty without a label. */
  readonly header: Uint8Array;
}

/**
 * Makes a label; the empty text is none.
 *
 * @throws {RangeError} For more than 255 bytes.
 */
export function makeLabel(text: string): Label {
  const bytes = ENCODER.encode(text);
  if (bytes.length > MAX_LABEL_LENGTH) {
    throw new RangeError(
      `Cannot use a label of ${bytes.length} bytes: at most ${MAX_LABEL_LENGTH}`,
    );
  }
  const writer = new Writer();
  if (bytes.length > 0) {
    writer.u8(MessageType.label, "message type")
      .u8(bytes.length, "length of the label")
      .bytes(bytes, "label");
  }
  return { text, bytes, header: writer.finish() };
}

/** No label. */
export const NO_LABEL: Label = makeLabel("");

/** A packet or stream without its label. */
export interface Unlabelled {
  /** Text of the label; empty when there was none. */
  readonly label: string;
  /** What stood behind the label. */
  readonly rest: Uint8Array;
}

/**
 * Takes the label off.
 *
 * @throws {WireError} When it is cut off or empty.
 */
export function removeLabel(bytes: Uint8Array): Unlabelled {
  if (bytes[0] !== MessageType.label) return { label: "", rest: bytes };
  const reader = new Reader(bytes);
  reader.skip(1, "message type");
  const length = reader.u8("length of the label");
  if (length === 0) {
    throw new WireError("length of the label", 1, "it is 0");
  }
  const label = DECODER.decode(reader.bytes(length, "label"));
  return { label, rest: reader.rest() };
}
