/**
 * Runs inside the lab: node by node our speakers are replaced by MetalLB's, and
 * node by node they come back, while somebody asks for the addresses of six
 * Services all the while. In the middle each kind is killed once.
 */
import { assertEquals } from "@std/assert";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { type LabCheck, reportChecks } from "./in_lab.ts";
import { prepareMetallb } from "./metallb.ts";
import { Change } from "./metallb_change.ts";
import { addressesOf, createService } from "./traffic.ts";

const SERVICES = ["web-0", "web-1", "web-2", "web-3", "web-4", "web-5"];

let change: Change | undefined;

async function begins(lab: Lab): Promise<void> {
  await prepareMetallb(lab);
  const services = new Map<string, readonly string[]>();
  for (const name of SERVICES) {
    await createService(lab, name, "Cluster", lab.nodes);
    services.set(name, await addressesOf(lab, name));
  }
  change = new Change(lab, services);
  await change.settle();
}

type Act = (change: Change, node: LabNode) => Promise<void>;

/** A check that does something with the node at a place. */
function check(what: string, place: number, act: Act): LabCheck {
  return [what, async (lab) => {
    const node = lab.nodes[place];
    if (node === undefined || change === undefined) {
      throw new Error("The lab has not begun");
    }
    await act(change, node);
  }];
}

const turns: Act = (change, node) => change.turn(node);
const dies: Act = (change, node) => change.kill(node);

await reportChecks([
  ["our speakers own what they come first for", begins],
  check("the first node changes to MetalLB's speaker", 0, turns),
  check("the second does", 1, turns),
  check(
    "MetalLB's speaker is killed: the next of the order takes over",
    0,
    dies,
  ),
  check("ours is killed: MetalLB's takes over", 2, dies),
  check("the last node changes to MetalLB's speaker", 2, turns),
  check("the first node changes to ours", 0, turns),
  check("the second does", 1, turns),
  check("the last does", 2, turns),
  ["nobody was taken for a foreign host", async () => {
    assertEquals(await change?.conflicts(), []);
  }],
]);
