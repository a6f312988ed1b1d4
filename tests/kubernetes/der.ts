/**
 * Writer for the Distinguished Encoding Rules (ITU-T X.690): the few ASN.1
 * types that an X.509 certificate needs.
 */

/** Bytes over a plain buffer, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Joins byte strings. */
export function concatBytes(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    octets.unshift(rest % 256);
  }
  return [0x80 | octets.length, ...octets];
}

/** One element: tag, definite length, contents (X.690 section 8.1). */
export function der(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const body = concatBytes(contents);
  return concatBytes([
    Uint8Array.from([tag, ...lengthOctets(body.length)]),
    body,
  ]);
}

/** SEQUENCE of already encoded elements. */
export function sequence(...elements: readonly Uint8Array[]): Bytes {
  return der(0x30, ...elements);
}

/** SET of one already encoded element (more would need sorting). */
export function setOf(element: Uint8Array): Bytes {
  return der(0x31, element);
}

/** Non-negative INTEGER from big-endian bytes, in the shortest form. */
export function integer(magnitude: Uint8Array): Bytes {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  const needsSignOctet = ((digits[0] ?? 0) & 0x80) !== 0;
  return der(0x02, new Uint8Array(needsSignOctet ? 1 : 0), digits);
}

/** OBJECT IDENTIFIER from its dotted form, for example `"2.5.4.3"`. */
export function objectIdentifier(dotted: string): Bytes {
  const [first = 0, second = 0, ...arcs] = dotted.split(".").map(Number);
  const octets = [first * 40 + second];
  for (const arc of arcs) {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0;) {
      digits.unshift((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    octets.push(...digits);
  }
  return der(0x06, Uint8Array.from(octets));
}

/** UTF8String. */
export function utf8String(text: string): Bytes {
  return der(0x0c, new TextEncoder().encode(text));
}

/** BOOLEAN true; DER leaves false (the default everywhere here) out. */
export function booleanTrue(): Bytes {
  return der(0x01, Uint8Array.from([0xff]));
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Bytes {
  return der(0x04, bytes);
}

/** BIT STRING; `unusedBits` counts from the end of the last byte. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Bytes {
  return der(0x03, Uint8Array.from([unusedBits]), bytes);
}

/** UTCTime of an instant in ms since 1970; years 1950 to 2049 (RFC 5280 section 4.1.2.5.1). */
export function utcTime(instant: number): Bytes {
  const digits = new Date(instant).toISOString().replaceAll(/[-:T]/g, "");
  return der(0x17, new TextEncoder().encode(`${digits.slice(2, 14)}Z`));
}
