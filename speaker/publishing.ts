/** What the packet worker is told, and when. */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  type DesiredState,
  type InterfaceSurvey,
  signatureOf,
} from "../mod/layer2/mod.ts";
import type { Mac } from "../mod/net/mod.ts";
import { type Decisions, ownedAddresses } from "./decisions.ts";
import type { ClaimsKeeper, Surroundings } from "./members/claims_keeper.ts";
import type { PacketWorker } from "./packet/packet_worker.ts";

/** What a {@linkcode Publishing} works with. */
export interface PublishingOptions {
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
 * decisions say whether any did.
 */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #log: Logger = getLogger(["herald", "speaker"]);
  #generation = 0;
  #signature = "";

  /** Nothing was published yet. */
  constructor(options: PublishingOptions) {
    this.#options = options;
  }

  /** Number of the newest generation; 0 = there is none. */
  get generation(): number {
    return this.#generation;
  }

  /** Publishes what is to be done, unless it is what was published last. */
  publish(): void {
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
  }
}
