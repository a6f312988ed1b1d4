/** What is told of Services that nobody announces: not before it has lasted. */
import type { Complaint } from "../../mod/ownership/mod.ts";

/** Why a Service is not announced, in one word. */
export type ComplaintWord =
  | Complaint
  /** The advertisement names interfaces that the elected node does not have. */
  | "announceFailed";

interface Standing {
  readonly word: ComplaintWord;
  readonly since: number;
  isTold: boolean;
}

/** Resources are applied one after the other, nodes restart: that is no news. In ms. */
const PATIENCE = 10_000;

/** Follows what is wrong with which Service. */
export class Complaints {
  readonly #standing = new Map<string, Standing>();

  /**
   * Takes in everything that is wrong now.
   *
   * @param now The present, in ms of any clock that never goes back.
   * @returns What is to be told now, by Service, and what is well again.
   */
  update(
    present: ReadonlyMap<string, ComplaintWord>,
    now: number,
  ): {
    readonly due: readonly (readonly [service: string, word: ComplaintWord])[];
    readonly ended: readonly string[];
  } {
    const ended = [...this.#standing.keys()].filter((service) =>
      !present.has(service)
    );
    for (const service of ended) this.#standing.delete(service);
    const due: (readonly [string, ComplaintWord])[] = [];
    for (const [service, word] of present) {
      const standing = this.#standing.get(service);
      if (standing?.word !== word) {
        this.#standing.set(service, { word, since: now, isTold: false });
      } else if (!standing.isTold && now - standing.since >= PATIENCE) {
        standing.isTold = true;
        due.push([service, word]);
      }
    }
    return { due, ended };
  }

  /** When something will have lasted long enough; `undefined` = nothing waits. */
  get nextAt(): number | undefined {
    let next: number | undefined;
    for (const { since, isTold } of this.#standing.values()) {
      if (isTold) continue;
      next = Math.min(next ?? Infinity, since + PATIENCE);
    }
    return next;
  }
}
