/** Makes the planned network, and cuts and joins its links. */
import {
  LAN_BRIDGE,
  lanPort,
  managementPort,
  type NetworkPlan,
} from "./network.ts";
import { run } from "./process.ts";

const WRITE_SYSCTLS = `for setting; do
  printf %s "\${setting#*=}" > "/proc/sys/\${setting%%=*}" || exit 1
done`;

/** What a bridge has learnt counts for 300 s, in hundredths. */
const LEARNING = ["ageing_time", "30000"];

/** The kernel has some only while a module is loaded; and a container may not change them. */
const WRITE_WHERE_PRESENT = `for setting; do
  path="/proc/sys/\${setting%%=*}"
  [ ! -w "$path" ] || printf %s "\${setting#*=}" > "$path" || exit 1
done`;

/**
 * Makes the network in the namespace that the lab runs in.
 *
 * @param plan What to make.
 * @throws {LabError} With the command that failed.
 */
export async function buildNetwork(plan: NetworkPlan): Promise<void> {
  await run(
    ["ip", "-batch", "-"],
    plan.namespaces.map((name) => `netns add ${name}\n`).join(""),
  );
  // Settings come before the interfaces, which take over the defaults.
  await Promise.all(
    plan.inside.map(({ name, sysctls }) =>
      run([
        ...["ip", "netns", "exec", name],
        ...["sh", "-c", WRITE_SYSCTLS, "sh", ...sysctls],
      ])
    ),
  );
  await run(["sh", "-c", WRITE_WHERE_PRESENT, "sh", ...plan.sysctls]);
  await run(["ip", "-batch", "-"], plan.batch);
  for (const { name, batch } of plan.inside) {
    await run(["ip", "-n", name, "-batch", "-"], batch);
  }
}

/**
 * Plugs a node's cables in, or pulls them.
 *
 * @param node Name of the node.
 * @param state Which.
 */
export async function setLinks(
  node: string,
  state: "up" | "down",
): Promise<void> {
  const ports = [lanPort(node), managementPort(node)];
  await run(
    ["ip", "-batch", "-"],
    ports.map((port) => `link set ${port} ${state}\n`).join(""),
  );
}

/** Makes the LAN's bridge learn where everybody is, as a switch does, instead of sending everything to all. */
export async function learnStations(): Promise<void> {
  await run(["ip", "link", "set", LAN_BRIDGE, "type", "bridge", ...LEARNING]);
}

/**
 * Reads the neighbour table of a namespace.
 *
 * @param namespace Its name.
 * @returns MAC address by IP address, of the entries that have one.
 */
export async function neighbours(
  namespace: string,
): Promise<ReadonlyMap<string, string>> {
  const text = await run(["ip", "-json", "-n", namespace, "neigh", "show"]);
  const entries: readonly { dst: string; lladdr?: string }[] = JSON.parse(
    text === "" ? "[]" : text,
  );
  return new Map(
    entries.flatMap(({ dst, lladdr }) =>
      lladdr === undefined ? [] : [[dst, lladdr]]
    ),
  );
}
