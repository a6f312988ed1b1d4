import { ipToBytes, parseIp } from "../net/mod.ts";
import { MAX_META_LENGTH, MAX_NAME_LENGTH } from "./limits.ts";
import { type Endpoint, endpointOf } from "./member.ts";
import type { Versions } from "./versions.ts";

/** Who one is. */
export interface Self {
  /** Unique in the cluster. */
  readonly name: string;
  /** Where others reach one. */
  readonly endpoint: Endpoint;
  /** The address in network byte order. */
  readonly address: Uint8Array;
  /** What one understands and speaks. */
  readonly versions: Versions;
}

/**
 * Makes out who one is.
 *
 * @throws {RangeError} For a name or an address that one cannot have.
 */
export function makeSelf(
  name: string,
  { ip, port }: Endpoint,
  versions: Versions,
): Self {
  if (!isName(name)) {
    throw new RangeError(
      `Cannot use "${name}" as a member's name: it must have 1 to ${MAX_NAME_LENGTH} bytes`,
    );
  }
  const address = ipToBytes(parseIp(ip));
  const endpoint = endpointOf(address, port);
  if (endpoint === undefined) {
    throw new RangeError(
      `Cannot be reached at ${ip} port ${port}: name an address and a port that others can send to`,
    );
  }
  return { name, endpoint, address, versions };
}

const ENCODER = new TextEncoder();

/** Whether a text may be a member's name. */
export function isName(name: string): boolean {
  // No text has fewer bytes than characters.
  return name.length > 0 && name.length <= MAX_NAME_LENGTH &&
    ENCODER.encode(name).length <= MAX_NAME_LENGTH;
}

/**
 * Gives back metadata that a member may have.
 *
 * @throws {RangeError} For more than 512 bytes.
 */
export function checkedMeta(meta: Uint8Array): Uint8Array {
  if (meta.length > MAX_META_LENGTH) {
    throw new RangeError(
      `Cannot tell ${meta.length} bytes of metadata: at most ${MAX_META_LENGTH}`,
    );
  }
  return meta;
}
