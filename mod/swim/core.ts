import { Awareness } from "./awareness.ts";
import { BroadcastQueue } from "./broadcast_queue.ts";
import { MemberTable } from "./member_table.ts";
import type { Emit } from "./protocol.ts";
import type { RandomSource } from "./random.ts";
import type { Self } from "./self.ts";
import type { SwimSettings } from "./settings.ts";

/** What all parts of a member share. */
export interface Core {
  readonly self: Self;
  /** Those in force; replaced as a whole. */
  settings: SwimSettings;
  readonly random: RandomSource;
  readonly members: MemberTable;
  readonly broadcasts: BroadcastQueue;
  readonly awareness: Awareness;
  readonly sequence: Sequence;
  readonly emit: Emit;
}

/** Numbers of questions; they begin anywhere, so that those of an earlier life do not fit. */
export class Sequence {
  #last: number;

  /** Begins after this number. */
  constructor(last: number) {
    this.#last = last >>> 0;
  }

  /** The next number, below 2^32. */
  next(): number {
    this.#last = (this.#last + 1) >>> 0;
    return this.#last;
  }
}

/** Makes what all parts share. */
export function makeCore(
  given: Pick<Core, "self" | "settings" | "random" | "emit">,
): Core {
  const { settings, random } = given;
  return {
    ...given,
    members: new MemberTable(random),
    broadcasts: new BroadcastQueue(settings.retransmitMult),
    awareness: new Awareness(settings.awarenessMaxMultiplier),
    sequence: new Sequence(random.next() * 2 ** 32),
  };
}
