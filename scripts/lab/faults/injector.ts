/** Makes faults happen in the lab, whose ends are up to the caller. */
import type { Diary } from "./diary.ts";
import { LinkFaults } from "./link_faults.ts";
import type { Ongoing } from "./ongoing.ts";
import type { PlannedFault } from "./plan.ts";
import {
  blinkSpeaker,
  endSpeaker,
  killNode,
  killSpeaker,
  pauseSpeaker,
} from "./process_faults.ts";

/** Injects faults into a lab, one or several at once. */
export class Injector {
  readonly #diary: Diary;
  readonly #links: LinkFaults;

  /** Takes the lab. */
  constructor(diary: Diary) {
    this.#diary = diary;
    this.#links = new LinkFaults(diary);
  }

  /**
   * Makes a fault happen.
   *
   * @param fault What.
   * @param places Indices of the nodes: the owner, then who follows it.
   */
  async inject(
    fault: PlannedFault,
    places: readonly number[],
  ): Promise<Ongoing> {
    const victim = places[fault.place] ?? 0;
    const other = places[fault.otherPlace] ?? 0;
    switch (fault.kind) {
      case "killed":
        return await killSpeaker(this.#diary, victim);
      case "death":
        return await killNode(this.#diary, victim);
      case "restart":
        return await endSpeaker(this.#diary, victim);
      case "paused":
        return pauseSpeaker(this.#diary, victim);
      case "blink":
        return blinkSpeaker(this.#diary, victim);
      case "unplugged":
        return await this.#links.unplug(victim);
      case "partitioned":
        return await this.#links.partition(victim);
      case "deaf":
        return await this.#links.deafen(victim);
      case "mute":
        return await this.#links.silence(victim);
      case "link":
        return await this.#links.cutLink(victim, other);
      case "halfLink":
        return await this.#links.cutHalfLink(victim, other);
      case "client":
        return await this.#links.cutClient(victim, fault.way);
      case "ipCut":
        return await this.#links.cutIp();
      case "loss":
        return await this.#links.loseSome();
      case "apiCut":
        return await this.#links.cutApi();
    }
  }
}
