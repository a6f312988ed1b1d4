/** Nodes that hear each other's ARP and nothing else. */
import type { Lab } from "../../lab/lab.ts";
import { run } from "../../lab/process.ts";
import { pause } from "../../lab/waiting.ts";
import { watch, type World } from "./world.ts";

const TABLE = "inet lab_fault";

/** Drops what other nodes send to this one itself; what it forwards passes. */
function rules(lab: Lab, node: string): string {
  const others = lab.topology.nodes.filter(({ name }) => name !== node);
  const macs = others.map(({ mac }) => mac).join(", ");
  return `table ${TABLE} {
  chain input {
    type filter hook input priority -300; policy accept;
    iifname "eth0" ether saddr { ${macs} } drop
  }
}
`;
}

async function onNodes(
  lab: Lab,
  textFor: (node: string) => string,
): Promise<void> {
  await Promise.all(
    lab.nodes.map(({ name }) =>
      run(["ip", "netns", "exec", name, "nft", "-f", "-"], textFor(name))
    ),
  );
}

/**
 * Cuts IP between the nodes for a while, and watches who answers.
 *
 * @param world The world.
 * @param cutMs How long.
 * @param afterMs How long is watched afterwards.
 */
export async function answeringWhile(
  world: World,
  cutMs: number,
  afterMs: number,
): Promise<Readonly<Record<string, number>>> {
  const { lab } = world;
  const seen = await watch(world);
  try {
    await onNodes(lab, (node) => rules(lab, node));
    await pause(cutMs);
  } finally {
    await onNodes(lab, () => `delete table ${TABLE}\n`);
  }
  await pause(afterMs);
  const { twoMs, silenceMs } = await seen.stop();
  const macs = new Set(seen.answers.map(({ mac }) => mac));
  return { twoMs, silenceMs, owners: macs.size };
}
