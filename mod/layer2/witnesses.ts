import { copyBytes, sameBytes } from "./wire_layout.ts";

/** Stations that are remembered. */
const CAPACITY = 4;
const MAC_BYTES = 6;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/** A station with one of its addresses. */
export interface Witness {
  /** Its MAC address. */
  readonly mac: Uint8Array;
  /** Its IP address, 4 or 16 bytes. */
  readonly address: Uint8Array;
}

/**
 * The stations that were last heard to ask and give no other sign: clients, the
 * gateway, nodes whose speakers are MetalLB's. Who hears of no member that it is
 * heard asks them.
 */
export class Witnesses {
  readonly #macs = new Uint8Array(CAPACITY * MAC_BYTES);
  readonly #addresses = new Uint8Array(CAPACITY * IPV6_BYTES);
  readonly #lengths = new Uint8Array(CAPACITY);
  #latest = 0;

  /** Whether a MAC address is that of the latest one. */
  isLatest(frame: Uint8Array, mac: number): boolean {
    const at = this.#latest * MAC_BYTES;
    return sameBytes(frame, mac, this.#macs, at, MAC_BYTES);
  }

  /** Remembers a station; offsets of its addresses in a frame. */
  add(
    frame: Uint8Array,
    mac: number,
    address: number,
    isIpv4: boolean,
  ): void {
    const place = this.#placeFor(frame, mac);
    const length = isIpv4 ? IPV4_BYTES : IPV6_BYTES;
    copyBytes(frame, mac, this.#macs, place * MAC_BYTES, MAC_BYTES);
    copyBytes(frame, address, this.#addresses, place * IPV6_BYTES, length);
    this.#lengths[place] = length;
    this.#latest = place;
  }

  /** Copies of all that are remembered. */
  all(): Witness[] {
    const found: Witness[] = [];
    for (let place = 0; place < CAPACITY; place++) {
      const length = this.#lengths[place] ?? 0;
      if (length === 0) continue;
      const [mac, address] = [place * MAC_BYTES, place * IPV6_BYTES];
      found.push({
        mac: this.#macs.slice(mac, mac + MAC_BYTES),
        address: this.#addresses.slice(address, address + length),
      });
    }
    return found;
  }

  /** Where it is already, or the place after the latest. */
  #placeFor(frame: Uint8Array, mac: number): number {
    for (let place = 0; place < CAPACITY; place++) {
      const at = place * MAC_BYTES;
      if (sameBytes(frame, mac, this.#macs, at, MAC_BYTES)) return place;
    }
    return (this.#latest + 1) % CAPACITY;
  }
}
