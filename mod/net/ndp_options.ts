import { type Mac, MAC_LENGTH } from "./mac.ts";
import { type Reader, WireError, type Writer } from "./wire.ts";

/** Option types in use (RFC 4861 §4.6, RFC 3971 §5.3.2). */
export const NdpOptionType = {
  sourceLinkLayerAddress: 1,
  targetLinkLayerAddress: 2,
  nonce: 14,
} as const;

/** The Ethernet address of the sender or the target of a message (RFC 4861 §4.6.1, RFC 2464 §6). */
export interface LinkLayerAddressOption {
  /** Type 1 or type 2. */
  readonly kind: "sourceLinkLayerAddress" | "targetLinkLayerAddress";
  /** The address, six bytes. */
  readonly mac: Mac;
}

/** A nonce (RFC 3971 §5.3.2): an advertisement repeats that of the solicitation. */
export interface NonceOption {
  /** Type 14. */
  readonly kind: "nonce";
  /** 6 bytes or 8·n + 6. */
  readonly nonce: Uint8Array;
}

/** An option of any other type, kept as it came. */
export interface RawOption {
  /** Any type without a kind of its own. */
  readonly kind: "raw";
  /** The type number. */
  readonly type: number;
  /** All after type and length: 8·n + 6 bytes. */
  readonly data: Uint8Array;
}

/** One option of a Neighbor Discovery message (RFC 4861 §4.6). */
export type NdpOption = LinkLayerAddressOption | NonceOption | RawOption;

/** Options are counted in units of 8 bytes, type and length included. */
const UNIT = 8;
const OPTION_HEADER_LENGTH = 2;
const MAX_UNITS = 255;

/**
 * Reads the options up to the reader's end.
 *
 * @throws {WireError} For an option of length 0, one cut short, or a link-layer
 * address that is not an Ethernet one (length 1).
 */
export function readNdpOptions(reader: Reader): NdpOption[] {
  const options: NdpOption[] = [];
  while (reader.remaining > 0) options.push(readOption(reader));
  return options;
}

function readOption(reader: Reader): NdpOption {
  const type = reader.u8("option type");
  const units = reader.u8("option length");
  if (units === 0) reader.fail("option length", "it is 0", 1);
  const isLinkLayerAddress = type === NdpOptionType.sourceLinkLayerAddress ||
    type === NdpOptionType.targetLinkLayerAddress;
  if (isLinkLayerAddress && units !== 1) {
    reader.fail(
      "option length",
      `an Ethernet address has length 1, not ${units}`,
      1,
    );
  }
  const data = reader.bytes(units * UNIT - OPTION_HEADER_LENGTH, "option data");
  switch (type) {
    case NdpOptionType.sourceLinkLayerAddress:
      return { kind: "sourceLinkLayerAddress", mac: data };
    case NdpOptionType.targetLinkLayerAddress:
      return { kind: "targetLinkLayerAddress", mac: data };
    case NdpOptionType.nonce:
      return { kind: "nonce", nonce: data };
    default:
      return { kind: "raw", type, data };
  }
}

/**
 * Writes options one after the other.
 *
 * @throws {WireError} When one's length is not a multiple of 8 bytes or too long.
 */
export function writeNdpOptions(
  writer: Writer,
  options: readonly NdpOption[],
): void {
  for (const option of options) {
    switch (option.kind) {
      case "sourceLinkLayerAddress":
      case "targetLinkLayerAddress":
        writer.u8(NdpOptionType[option.kind], "option type")
          .u8(1, "option length")
          .bytes(option.mac, "link-layer address", MAC_LENGTH);
        break;
      case "nonce":
        writeData(writer, NdpOptionType.nonce, option.nonce);
        break;
      case "raw":
        writeData(writer, option.type, option.data);
    }
  }
}

function writeData(writer: Writer, type: number, data: Uint8Array): void {
  const units = (OPTION_HEADER_LENGTH + data.length) / UNIT;
  if (!Number.isInteger(units) || units > MAX_UNITS) {
    throw new WireError(
      "option data",
      writer.length + OPTION_HEADER_LENGTH,
      `${data.length} bytes do not make the option 1 to ${MAX_UNITS} units of ${UNIT} bytes`,
    );
  }
  writer.u8(type, "option type").u8(units, "option length").bytes(
    data,
    "option data",
  );
}

/** The Ethernet address of the first option of that kind, if there is one. */
export function linkLayerAddress(
  options: readonly NdpOption[],
  kind: LinkLayerAddressOption["kind"],
): Mac | undefined {
  for (const option of options) if (option.kind === kind) return option.mac;
  return undefined;
}

/** The first nonce, if there is one. */
export function nonceOf(options: readonly NdpOption[]): Uint8Array | undefined {
  for (const option of options) {
    if (option.kind === "nonce") return option.nonce;
  }
  return undefined;
}
