import { Agenda } from "./agenda.ts";
import type { Group } from "./group.ts";

/** Announcements of the first burst: now, +1.1, +2.2, +3.3, +4.4 s. */
export const BURST = 5;

/** When which group of an owner is to be announced, by how much that matters. */
export class AnnouncementQueue {
  /** Those that were not yet announced with their present claim. */
  readonly news: Agenda<Group> = new Agenda();
  /** Those whose first burst goes on, or whose clients may have heard another. */
  readonly repeats: Agenda<Group> = new Agenda();
  /** Those that are announced now and then. */
  readonly refreshes: Agenda<Group> = new Agenda();

  /**
   * When any is to leave, as far as their pace allows; `Infinity` = none is. Of
   * refreshes that leave with beats, the beats know.
   */
  dueAt: number = Infinity;

  /** Has a group announced at a time, for its clients may believe another; `Infinity` = not. */
  set(group: Group, at: number): void {
    const { announcing } = group;
    const agenda = announcing.sent === 0 ? this.news : this.repeats;
    agenda.set(announcing.next, at);
    if (at < this.dueAt) this.dueAt = at;
  }

  /** Has a group announced at a time, when it is as well a little earlier or later. */
  refresh({ announcing }: Group, at: number): void {
    this.refreshes.set(announcing.next, at);
  }
}
