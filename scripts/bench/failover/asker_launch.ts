/** How the asker is started in the lab. */
import { LIBRARY_PATHS } from "../../../ffi/mod.ts";
import type { Launch } from "../../lab/process.ts";
import type { Topology } from "../../lab/topology.ts";

const ASKER = new URL("asker.ts", import.meta.url).pathname;
const OBSERVER_MAC = "02:00:00:00:00:ee";

/**
 * An asker on the observer's interface.
 *
 * @param topology The lab's.
 * @param ips IPv4 addresses to ask for.
 * @param everyMs Time between two questions for each, in ms.
 */
export function askerLaunch(
  { lan }: Topology,
  ips: readonly string[],
  everyMs: number,
): Launch {
  const sender = lan.client.v4.replace(/\d+$/, "3");
  return {
    name: "asker",
    namespace: "observer",
    capabilities: "netRaw",
    command: [
      ...[Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...[`--allow-ffi=${LIBRARY_PATHS.join()}`, ASKER, "eth0", OBSERVER_MAC],
      ...[sender, ips.join(), String(everyMs)],
    ],
  };
}
