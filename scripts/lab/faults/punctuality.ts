/** Whom the machine made late, or stand still: a fault that nobody made. */
import type { LabNode } from "../lab_node.ts";
import { asksForPatience, askStatus, stallsIn } from "../speaker_status.ts";

/** What the speakers say of how they got the processor. */
export class Punctuality {
  readonly #nodes: readonly LabNode[];
  /** By node, what its present process has told so far. */
  readonly #stalls = new Map<
    string,
    { readonly pid: number | undefined; readonly count: number }
  >();

  /** Of the nodes of a lab. */
  constructor(nodes: readonly LabNode[]) {
    this.#nodes = nodes;
  }

  /** Names of the nodes that ask the others to wait longer for them. */
  async late(): Promise<readonly string[]> {
    const statuses = await Promise.all(this.#nodes.map(askStatus));
    return this.#nodes.filter((_, index) => {
      const status = statuses[index];
      return status !== undefined && asksForPatience(status);
    }).map(({ name }) => name);
  }

  /** Names of the nodes that gave something up since the last look, for they had stood still. */
  async stalled(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const node of this.#nodes) {
      const { name, speaker } = node;
      const pid = speaker?.pid;
      const before = this.#stalls.get(name);
      const status = await askStatus(node);
      const count = status === undefined ? 0 : stallsIn(status);
      const known = before?.pid === pid ? before?.count ?? 0 : 0;
      if (count > known) found.push(name);
      this.#stalls.set(name, { pid, count });
    }
    return found;
  }
}
