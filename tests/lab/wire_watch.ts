/** Who answers for addresses, as the observer of the lab sees it. */
import {
  type Answering,
  judgeAnswers,
} from "../../scripts/bench/failover/answering.ts";
import { askerLaunch } from "../../scripts/bench/failover/asker_launch.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import { ENVIRONMENT } from "../../scripts/lab/lab_node.ts";
import { LabProcess } from "../../scripts/lab/process.ts";
import { LAB_DIRECTORY } from "../../scripts/lab/programs.ts";
import type { TimedSighting } from "../../scripts/lab/sighting.ts";

/** Between two questions, in ms. */
export const ASK_MS = 20;
/** Who leaves so many ms of questions unanswered does not answer. */
const GAP_MS = 10 * ASK_MS;

/** Asks for IPv4 addresses all the while, and keeps what is answered. */
export class WireWatch {
  readonly #seen = new Map<string, TimedSighting[]>();

  /** Begins to ask for these addresses. */
  constructor(lab: Lab, ips: readonly string[]) {
    lab.sightings.listen((sighting) => {
      if (sighting.kind !== "answer") return;
      const known = this.#seen.get(sighting.ip);
      if (known === undefined) this.#seen.set(sighting.ip, [sighting]);
      else known.push(sighting);
    });
    // It ends with the lab.
    LabProcess.start(
      askerLaunch(lab.topology, ips, ASK_MS),
      LAB_DIRECTORY,
      ENVIRONMENT,
    );
  }

  /** The answers for an address since a time, in ms since the epoch. */
  answers(ip: string, sinceMs: number): readonly TimedSighting[] {
    const all = this.#seen.get(ip) ?? [];
    return all.filter(({ atMs }) => atMs >= sinceMs);
  }

  /** For how long two answered for an address since a time, and for how long nobody. */
  judge(ip: string, sinceMs: number): Answering {
    return judgeAnswers(this.answers(ip, sinceMs), GAP_MS);
  }
}
