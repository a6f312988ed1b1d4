import { parseIp, parseMac } from "../../mod/net/mod.ts";
import { readAnswer } from "../../mod/ping/mod.ts";
import { advertisementFrame, arpFrame, tagged } from "../frames.ts";
import type { FuzzTarget } from "./target.ts";

const MAC = parseMac("02:00:00:00:00:0c");
const REPLY = arpFrame(parseIp("192.0.2.1"), { operation: 2, source: MAC });

/** What `mod/ping` reads off the wire. */
export const pingTargets: readonly FuzzTarget[] = [{
  name: "pingAnswer",
  seeds: [
    REPLY,
    tagged(REPLY, 0),
    advertisementFrame(parseIp("2001:db8::1"), { sourceMac: MAC }),
  ],
  run(bytes) {
    const answer = readAnswer(bytes);
    if (answer === undefined) return "refused";
    const { mac, sender } = answer;
    if (mac.length !== 6 || sender.length !== 6) {
      throw new Error(`MAC addresses of ${mac.length}, ${sender.length} bytes`);
    }
    return "accepted";
  },
}];
