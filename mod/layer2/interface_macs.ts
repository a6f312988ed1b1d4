/** The MAC addresses of a node's interfaces as text, for whoever maps a MAC to its node. */
import { formatMac, type Mac } from "../net/mod.ts";

/** An interface and its address. */
export interface InterfaceMac {
  /** Name of the interface. */
  readonly name: string;
  /** Its MAC address, lower case with colons. */
  readonly mac: string;
}

/** Longer texts are read up to here: they come from the API. */
const MAX_LENGTH = 4096;

/** The kernel allows neither colons nor slashes nor blanks in a name. */
const ENTRY = /(?:^|,)([^\s/:]{1,15})=([0-9a-f]{2}(?::[0-9a-f]{2}){5})(?=,|$)/g;

/**
 * Writes interfaces as `eth0=02:00:00:00:00:0a,eth1=02:00:00:00:01:0a`, sorted
 * by name.
 */
export function formatInterfaceMacs(
  interfaces: readonly { readonly name: string; readonly mac: Mac }[],
): string {
  return interfaces.map(({ name, mac }) => `${name}=${formatMac(mac)}`)
    .sort().join();
}

/** Reads what {@linkcode formatInterfaceMacs} wrote; leaves out what is no entry. */
export function parseInterfaceMacs(text: string): InterfaceMac[] {
  return Array.from(
    text.slice(0, MAX_LENGTH).matchAll(ENTRY),
    ([, name = "", mac = ""]) => ({ name, mac }),
  );
}
