/**
 * Byte tables that read like the diagrams of the RFCs: one row per field.
 *
 * @module
 */

/** One field: its bytes in hexadecimal (blanks allowed), its name. */
export type FieldRow = readonly [hex: string, field: string];

/** The bytes of a table, one field after the other. */
export function fieldBytes(rows: readonly FieldRow[]): Uint8Array<ArrayBuffer> {
  return fromHex(rows.map(([hex]) => hex).join(""));
}

/** The bytes of a hexadecimal text; blanks are ignored. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replaceAll(/\s/g, "");
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) {
    throw new SyntaxError(
      `Cannot read "${text}": it is not pairs of hexadecimal digits`,
    );
  }
  return Uint8Array.from(
    digits.match(/../g) ?? [],
    (pair) => Number.parseInt(pair, 16),
  );
}

/** The hexadecimal text of bytes, lower case. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
