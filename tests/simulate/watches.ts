import type { Chance } from "./chance.ts";
import { type Kind, KINDS, type Update } from "./views.ts";

/** Most see a change within, in ms. */
const SOON = 2000;

/**
 * When each node sees what the API has. Of one object versions come in their
 * order, none is left out; of different objects a later one may come first,
 * because each kind has its own watch, and each of those may stand still.
 */
export class Watches {
  /** By node and kind, until when nothing comes. */
  readonly #staleUntil: Record<Kind, number>[];
  /** By node and object, when the last version came. */
  readonly #last: Map<string, number>[];

  readonly #stale: number;

  /**
   * All watches run.
   *
   * @param stale One that stands still does so for at most, in ms.
   */
  constructor(nodes: number, stale: number) {
    this.#stale = stale;
    this.#staleUntil = Array.from(
      { length: nodes },
      () => ({ service: 0, endpoints: 0, node: 0 }),
    );
    this.#last = Array.from({ length: nodes }, () => new Map());
  }

  /** Some watches stand still from now on. */
  stall(chance: Chance, now: number): void {
    for (const stale of this.#staleUntil) {
      for (const kind of KINDS) {
        if (!chance.happens(0.1)) continue;
        stale[kind] = Math.max(stale[kind], now + this.#stale * chance.unit());
      }
    }
  }

  /** When a node sees a version that the API has since a time. */
  seenAt(
    node: number,
    { kind, index }: Update,
    since: number,
    chance: Chance,
  ): number {
    const object = `${kind} ${index}`;
    const last = this.#last[node];
    const at = Math.max(
      since + (chance.happens(0.3) ? 0 : SOON * chance.unit()),
      this.#staleUntil[node]?.[kind] ?? 0,
      last?.get(object) ?? 0,
    );
    last?.set(object, at);
    return at;
  }
}
