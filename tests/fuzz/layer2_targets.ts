import {
  formatInterfaceMacs,
  parseInterfaceMacs,
} from "../../mod/layer2/mod.ts";
import { parseMac } from "../../mod/net/mod.ts";
import {
  claimedArp,
  claimedNdp,
  ObservingNode,
  OTHER_MAC,
  VIP4,
  VIP6,
} from "../arbitration.ts";
import { advertisementFrame, arpFrame, solicitationFrame } from "../frames.ts";
import type { FuzzTarget } from "./target.ts";

const claimless = advertisementFrame(VIP6, { sourceMac: OTHER_MAC });

/** Frames of a member and of a stranger about an address of a group. */
const frameSeeds = [
  claimedArp(arpFrame(VIP4, { senderIp: VIP4, source: OTHER_MAC })),
  arpFrame(VIP4, { senderIp: VIP4, operation: 2 }),
  claimedNdp(claimless),
  claimless,
  claimedNdp(solicitationFrame(VIP6)),
];

const observing = new ObservingNode();

const SEED = "eth0=02:00:00:00:00:0a,a,b=02:00:00:00:01:0a";

/** What `mod/layer2` reads of others. */
export const layer2Targets: readonly FuzzTarget[] = [{
  name: "interfaceMacs",
  seeds: [new TextEncoder().encode(SEED)],
  run(bytes) {
    const read = parseInterfaceMacs(String.fromCharCode(...bytes));
    const text = formatInterfaceMacs(
      read.map(({ name, mac }) => ({ name, mac: parseMac(mac) })),
    );
    const again = formatInterfaceMacs(
      parseInterfaceMacs(text).map(({ name, mac }) => ({
        name,
        mac: parseMac(mac),
      })),
    );
    if (text !== again) throw new Error(`Read ${text}, then ${again}`);
    return read.length > 0 ? "accepted" : "refused";
  },
}, {
  name: "member-frame",
  seeds: frameSeeds,
  run(bytes) {
    const [, seen] = observing.take(bytes);
    // Nobody makes a right claim by chance.
    if (seen?.claim === "right" && seen.term !== 3) {
      throw new Error(`Believed in term ${seen.term}`);
    }
    return seen === null ? "refused" : "accepted";
  },
}];
