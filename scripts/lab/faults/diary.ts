/** What is done to the lab, written down with its time. */
import { wallClock } from "../history.ts";
import type { Lab } from "../lab.ts";
import type { LabNode } from "../lab_node.ts";
import type { Happening, NodeChange } from "./recorded.ts";

/** Pairs of who sends and who hears, by index; the client comes after the nodes. */
export type Links = readonly (readonly [number, number])[];

const UNCHANGED = { kind: "none" } as const;

/** The lab, and what is written down of it. */
export class Diary {
  /** The lab. */
  readonly lab: Lab;
  /** Index of the client. */
  readonly client: number;
  readonly #note: (happening: Happening) => void;

  /**
   * @param lab The lab.
   * @param note Told of everything that is done.
   */
  constructor(lab: Lab, note: (happening: Happening) => void) {
    this.lab = lab;
    this.client = lab.nodes.length;
    this.#note = note;
  }

  /** Name of a node, or of the client. */
  name(index: number): string {
    return this.lab.nodes[index]?.name ?? "client";
  }

  /** A node. */
  node(index: number): LabNode {
    const node = this.lab.nodes[index];
    if (node === undefined) throw new RangeError(`There is no node ${index}`);
    return node;
  }

  /** Something was done; see {@linkcode Happening} for to whom. */
  did(
    text: string,
    nodes: Happening["nodes"],
    change?: { readonly node: number; readonly to: NodeChange },
  ): void {
    this.#note({
      ...{ at: wallClock(), text, nodes },
      change: change === undefined ? UNCHANGED : { kind: "node", ...change },
    });
  }

  /** Something became of a node. */
  became(node: number, to: NodeChange, text: string): void {
    this.did(text, [node], { node, to });
  }

  /** From now on a part of all frames between nodes is lost, from 0 to 1, or none any more. */
  lost(text: string, share: number): void {
    const change = { kind: "loss", share } as const;
    this.#note({ at: wallClock(), text, nodes: undefined, change });
  }

  /** Links were cut, or healed. */
  linked(
    text: string,
    nodes: Happening["nodes"],
    links: Links,
    how: { readonly isHealed: boolean; readonly isIpOnly: boolean },
  ): void {
    const change = { kind: "links", links, ...how } as const;
    this.#note({ at: wallClock(), text, nodes, change });
  }
}
