/** What is told of MetalLB's speakers and ours: a cluster with six Services, whose nodes change. */
import type { KeyDerivation } from "../../mod/swim/mod.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { assertEquals } from "@std/assert";
import type { LabCheck } from "./in_lab.ts";
import { prepareMetallb } from "./metallb.ts";
import { Change, type Runner } from "./metallb_change.ts";
import { addressesOf, createService } from "./traffic.ts";

const SERVICES = ["web-0", "web-1", "web-2", "web-3", "web-4", "web-5"];

/** Checks that build on each other, in one lab. */
export class MetallbStory {
  readonly #derivation: KeyDerivation;
  #change: Change | undefined;

  /**
   * @param derivation How our speakers make keys when the lab starts.
   */
  constructor(derivation: KeyDerivation) {
    this.#derivation = derivation;
  }

  /** It begins with our speakers on all nodes. */
  begins(): LabCheck {
    return ["our speakers own what they come first for", async (lab) => {
      this.#change = await beginChange(lab, this.#derivation);
    }];
  }

  /** The node at a place changes to another speaker. */
  turns(place: number, runner: Runner): LabCheck {
    const what = typeof runner === "object"
      ? `MetalLB ${runner.version}`
      : `ours, whose key is ${runner}`;
    return this.#acts(
      `node ${place} changes to ${what}`,
      place,
      (change, node) => change.turn(node, runner),
    );
  }

  /** The speaker of the node at a place is killed, and comes back. */
  dies(what: string, place: number): LabCheck {
    return this.#acts(what, place, (change, node) => change.kill(node));
  }

  /** It ends well. */
  ends(): LabCheck {
    return ["nobody was taken for a foreign host", async () => {
      assertEquals(await this.#change?.conflicts(), []);
    }];
  }

  #acts(
    what: string,
    place: number,
    act: (change: Change, node: LabNode) => Promise<void>,
  ): LabCheck {
    return [what, async (lab) => {
      const node = lab.nodes[place];
      if (node === undefined || this.#change === undefined) {
        throw new Error("The lab has not begun");
      }
      await act(this.#change, node);
    }];
  }
}

async function beginChange(
  lab: Lab,
  derivation: KeyDerivation,
): Promise<Change> {
  await prepareMetallb(lab);
  const services = new Map<string, readonly string[]>();
  for (const name of SERVICES) {
    await createService(lab, name, "Cluster", lab.nodes);
    services.set(name, await addressesOf(lab, name));
  }
  const change = new Change(lab, services, derivation);
  await change.settle();
  return change;
}
