import { NO_CLAIM } from "../ownership/mod.ts";
import { ClaimLog } from "./claim_log.ts";
import type { Context } from "./context.ts";
import { Segment } from "./segment.ts";
import type { SegmentRecord } from "./table.ts";
import { readTable } from "./table_reader.ts";
import { fallSilent } from "./transitions.ts";

/** What all segments of a node share. */
export type Shared = Omit<Context, "segment" | "log">;

/** The segments of a node, each by itself. */
export class Segments {
  readonly #shared: Shared;
  #bySlot: (Context | undefined)[] = [];
  #list: readonly Context[] = [];

  /** No segments yet. */
  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** All of them. */
  get list(): readonly Context[] {
    return this.#list;
  }

  /** The one behind the interface in a slot. */
  at(slot: number): Context | undefined {
    return this.#bySlot[slot];
  }

  /** Makes them what the table says. */
  apply(records: readonly SegmentRecord[], now: number): void {
    const next: (Context | undefined)[] = [];
    for (const record of records) {
      const present = this.at(record.slot);
      const isSame = present?.segment.link === record.link;
      const ctx = isSame && present !== undefined
        ? present
        : this.#begin(record);
      next[record.slot] = ctx;
      readTable(ctx, record, now);
    }
    for (const ctx of this.#list) {
      if (next[ctx.segment.slot] !== ctx) leave(ctx, now);
    }
    this.#bySlot = next;
    this.#list = next.filter((ctx) => ctx !== undefined);
  }

  /** Makes every group be looked at again. */
  touch(now: number): void {
    for (const { segment } of this.#list) segment.touchEverything(now);
  }

  #begin({ slot, link }: SegmentRecord): Context {
    const { self } = this.#shared;
    return {
      ...this.#shared,
      segment: new Segment(slot, link),
      log: new ClaimLog(self),
    };
  }
}

/** The interface is gone, and with it all that was answered for there. */
function leave(ctx: Context, now: number): void {
  for (const group of ctx.segment.ours) {
    fallSilent(ctx, group, "removed", NO_CLAIM, now);
  }
}
