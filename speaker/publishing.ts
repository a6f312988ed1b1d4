/** What the packet worker is told, and when. */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  type DesiredState,
  type InterfaceSurvey,
  signatureOf,
} from "../mod/layer2/mod.ts";
import type { Mac } from "../mod/net/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import type { Decisions } from "./decisions.ts";
import type { ClaimsKeeper, Surroundings } from "./members/claims_keeper.ts";
import { ownedAddresses } from "./outcomes.ts";
import type { PacketWorker } from "./packet/packet_worker.ts";

/** After a publication, so many times as long as it took nothing is published. */
const REST = 3;

/** What a {@linkcode Publishing} works with. */
export interface PublishingOptions {
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Ends what waits. */
  readonly signal: AbortSignal;
  /** Called after a publication that had to wait. */
  readonly onLate: () => void;
  readonly worker: Pick<PacketWorker, "publish">;
  readonly decisions: Pick<Decisions, "all" | "version">;
  /** What the members claim; `undefined` = the order alone decides. */
  readonly claims: Pick<ClaimsKeeper, "surroundings" | "desired"> | undefined;
  /** The interfaces of this machine, as far as they were looked at. */
  readonly survey: () => InterfaceSurvey | undefined;
}

/**
 * Tells the packet worker the whole desired state whenever anything of it is
 * another one. To find out costs nothing for a Service that did not change: the
 * decisions say whether any did. To tell it takes the longer the more there is;
 * so that a thousand changes one after the other do not take all the time there
 * is, at most a quarter of it is spent.
 */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #log: Logger = getLogger(["herald", "speaker"]);
  #generation = 0;
  #signature = "";
  #restsUntil = -Infinity;
  #waiting: Promise<void> | undefined;

  /** Nothing was published yet. */
  constructor(options: PublishingOptions) {
    this.#options = options;
  }

  /** Number of the newest generation; 0 = there is none. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether a newer state waits to be published. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Publishes what is to be done, unless it is what was published last. */
  publish(): void {
    const { clock } = this.#options;
    if (this.isWaiting) return;
    const begun = clock.now();
    if (begun < this.#restsUntil) return this.#wait(this.#restsUntil - begun);
    this.#publishNow();
    const ended = clock.now();
    this.#restsUntil = ended + REST * (ended - begun);
  }

  #wait(ms: number): void {
    const { clock, signal, onLate } = this.#options;
    this.#waiting = clock.sleep(ms, signal).then(() => {
      this.#waiting = undefined;
      if (signal.aborted) return;
      this.publish();
      onLate();
    });
  }

  #publishNow(): void {
    const { decisions, claims, survey } = this.#options;
    const interfaces = survey()?.desired ?? [];
    const surroundings = claims?.surroundings(interfaces, this.#ownMacs());
    const others = signatureOf(surroundings ?? { interfaces, addresses: [] });
    const signature = `${decisions.version} ${others}`;
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#tell(this.#desired(surroundings));
  }

  #desired(surroundings: Surroundings | undefined): DesiredState {
    const { decisions: { all }, claims, survey } = this.#options;
    if (claims !== undefined && surroundings !== undefined) {
      return claims.desired(all, surroundings);
    }
    const interfaces = survey()?.desired ?? [];
    return { interfaces, addresses: ownedAddresses(all.values()) };
  }

  #ownMacs(): Mac[] {
    const decisions = this.#options.survey()?.decisions ?? [];
    return decisions.flatMap(({ link: { mac } }) => mac === null ? [] : [mac]);
  }

  #tell(desired: DesiredState): void {
    const publication = this.#options.worker.publish(desired);
    this.#generation = publication.generation;
    for (const name of publication.refusedInterfaces) {
      this.#log.error("No room for interface {name}", { name });
    }
    const { length } = publication.refusedAddresses;
    if (length > 0) {
      this.#log.error("No room for {count} addresses", { count: length });
    }
    const members = publication.refusedPeers.length;
    if (members > 0) {
      this.#log.error(
        "No room for {count} members: they are taken for strangers, in what they say and announce",
        { count: members },
      );
    }
  }
}
