import {
  formatInterfaceMacs,
  parseInterfaceMacs,
} from "../../mod/layer2/mod.ts";
import { parseMac } from "../../mod/net/mod.ts";
import type { FuzzTarget } from "./target.ts";

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
}];
