import { readU16 } from "../net/mod.ts";
import {
  NDP_AT,
  OPTION_EXPERIMENT,
  SOURCE_LINK_LAYER,
  TARGET_LINK_LAYER,
} from "./wire_layout.ts";

/** Length field of a link-layer option for 48-bit addresses (RFC 2464 §6). */
const LINK_LAYER_UNITS = 1;

/** Where the options of an NS or NA are; 0 = there is none of that kind. */
export class NdpMessageOptions {
  /** Offset of the address in the first source link-layer option. */
  source = 0;
  /** Offset of the address in the first target link-layer option. */
  target = 0;
  /** Offset of the last option for experiments. */
  experiment = 0;

  /**
   * Looks through the options of a message whose length was checked.
   *
   * @param frame Buffer with the frame at its start.
   * @returns Whether all of them are well-formed (RFC 4861 §7.1.1, §7.1.2).
   */
  walk(frame: Uint8Array): boolean {
    this.source = 0;
    this.target = 0;
    this.experiment = 0;
    const end = NDP_AT.message + readU16(frame, NDP_AT.payloadLength);
    let at: number = NDP_AT.options;
    while (at < end) {
      const units = at + 1 < end ? frame[at + 1] ?? 0 : 0;
      if (units === 0 || at + units * 8 > end) return false;
      if (!this.#note(frame, at, units)) return false;
      at += units * 8;
    }
    return true;
  }

  #note(frame: Uint8Array, at: number, units: number): boolean {
    switch (frame[at]) {
      case SOURCE_LINK_LAYER:
        if (this.source === 0) this.source = at + 2;
        return units === LINK_LAYER_UNITS;
      case TARGET_LINK_LAYER:
        if (this.target === 0) this.target = at + 2;
        return units === LINK_LAYER_UNITS;
      case OPTION_EXPERIMENT:
        this.experiment = at;
        return true;
      default:
        return true;
    }
  }
}
