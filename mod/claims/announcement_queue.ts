import { Agenda } from "./agenda.ts";
import type { Group } from "./group.ts";

/** Announcements of the first burst: now, +1.1, +2.2, +3.3, +4.4 s. */
export const BURST = 5;

/** When which group of an owner is to be announced, by how much that matters. */
export class AnnouncementQueue {
  /** Those that were not yet announced with their present claim. */
  readonly news: Agenda<Group> = new Agenda();
  /** Those whose first burst goes on, or whose claim was contested. */
  readonly repeats: Agenda<Group> = new Agenda();
  /** Those that are announced now and then. */
  readonly refreshes: Agenda<Group> = new Agenda();

  /** When any is due; `Infinity` = none ever is. */
  get next(): number {
    return Math.min(this.news.next, this.repeats.next, this.refreshes.next);
  }

  /** Has a group announced at a time; `Infinity` = not. */
  set(group: Group, at: number): void {
    this.#agendaOf(group, at).set(group.announcing.next, at);
  }

  #agendaOf({ announcing }: Group, at: number): Agenda<Group> {
    if (announcing.sent === 0) return this.news;
    const isRefresh = announcing.sent >= BURST &&
      at !== announcing.contestedAt;
    return isRefresh ? this.refreshes : this.repeats;
  }
}
