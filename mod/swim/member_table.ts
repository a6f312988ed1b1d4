import type { Member } from "./member.ts";
import { isLiving } from "./member.ts";
import {
  pick,
  randomBelow,
  type RandomSource,
  shuffle,
  swap,
} from "./random.ts";

/** All members that one knows, itself included, in the order of probing. */
export class MemberTable {
  readonly #random: RandomSource;
  readonly #members = new Map<string, Member>();
  /** Names in the order of probing. */
  #order: string[] = [];
  #next = 0;

  /** Knows nobody. */
  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** How many are known, the recently dead included. */
  get size(): number {
    return this.#members.size;
  }

  /** Finds a member by its name. */
  get(name: string): Member | undefined {
    return this.#members.get(name);
  }

  /** All members, in no particular order. */
  values(): IterableIterator<Member> {
    return this.#members.values();
  }

  /**
   * Adds a member, or replaces what was known of it. A new one gets a random
   * place in the order of probing: at the end, it could be the last to be
   * probed in every round that it is new to.
   */
  set(member: Member): void {
    if (!this.#members.has(member.name)) {
      const place = randomBelow(this.#random, this.#order.length + 1);
      this.#order.push(member.name);
      swap(this.#order, place, this.#order.length - 1);
    }
    this.#members.set(member.name, member);
  }

  /** Up to `count` random members to whom the condition applies. */
  pick(count: number, condition: (member: Member) => boolean): Member[] {
    if (count === 0) return [];
    const candidates = [...this.#members.values()].filter(condition);
    return pick(candidates, count, this.#random);
  }

  /**
   * The next to be probed: after one round over all, the long dead are
   * forgotten and the order is shuffled.
   *
   * @param self Is not probed.
   * @param deadSince The dead and departed of before that time, in ms, are forgotten.
   */
  nextToProbe(
    self: string,
    deadSince: number,
  ): { readonly target: Member | undefined; readonly forgotten: Member[] } {
    const forgotten: Member[] = [];
    // What is left of this round, and a whole one.
    for (let left = 2 * this.#order.length; left > 0; left--) {
      if (this.#next >= this.#order.length) {
        forgotten.push(...this.#startRound(deadSince));
      }
      const target = this.#members.get(this.#order[this.#next++] ?? "");
      if (target !== undefined && target.name !== self && isLiving(target)) {
        return { target, forgotten };
      }
    }
    return { target: undefined, forgotten };
  }

  #startRound(deadSince: number): Member[] {
    this.#next = 0;
    const forgotten = [...this.#members.values()].filter((member) =>
      !isLiving(member) && member.since < deadSince
    );
    for (const { name } of forgotten) this.#members.delete(name);
    this.#order = this.#order.filter((name) => this.#members.has(name));
    shuffle(this.#order, this.#random);
    return forgotten;
  }
}
