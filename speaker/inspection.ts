/** What a speaker shows of itself: whether it is ready, and its whole state. */
import type { Health } from "../mod/telemetry/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import type { Caches } from "./caches.ts";
import type { ConfigKeeper } from "./config_keeper.ts";
import type { DecisionInputs, Decisions } from "./decisions.ts";
import type { ForwardingWatch } from "./forwarding_watch.ts";
import type { Presence } from "./leases/presence.ts";
import type { ClaimsKeeper } from "./members/claims_keeper.ts";
import type { Publishing } from "./publishing.ts";
import { readiness } from "./readiness.ts";
import type {
  ScannedInterfaces,
  SpeakerMembers,
  SpeakerWorker,
} from "./speaker_options.ts";
import {
  interfaceStatus,
  problemLines,
  type ServiceStatus,
  serviceStatus,
  type SpeakerStatus,
} from "./status.ts";

/** What is looked at. */
export interface InspectedParts {
  readonly node: string;
  readonly clock: Pick<Clock, "now">;
  readonly worker: SpeakerWorker;
  /** The other members; `undefined` = Leases alone tell who is alive. */
  readonly members: SpeakerMembers | undefined;
  readonly caches: Pick<Caches, "states">;
  readonly config: Pick<ConfigKeeper, "isLoaded" | "problems">;
  readonly decisions: Pick<Decisions, "all" | "explain">;
  readonly presence: Pick<Presence, "frozen" | "problems">;
  readonly publishing: Pick<Publishing, "generation">;
  readonly forwarding: Pick<ForwardingWatch, "state">;
  readonly claims: Pick<ClaimsKeeper, "ownerOf"> | undefined;
  readonly scanner: Pick<ScannedInterfaces, "survey">;
  /** What is decided from at present, the nodes that are alive among it. */
  readonly inputs: () => DecisionInputs;
}

/** Looks at a speaker's parts. */
export class Inspection {
  readonly #parts: InspectedParts;

  /** Looks at these. */
  constructor(parts: InspectedParts) {
    this.#parts = parts;
  }

  /** Whether it has caught up with the API and can serve. */
  ready(): Health {
    const { clock, worker, config, presence, members } = this.#parts;
    return readiness({
      caches: this.#parts.caches.states,
      now: clock.now(),
      worker: worker.health(),
      published: this.#parts.publishing.generation,
      applied: worker.applied,
      usableInterfaces: this.#parts.scanner.survey?.desired.length ?? 0,
      isConfigLoaded: config.isLoaded,
      forwarding: this.#parts.forwarding.state,
      configProblems: config.problems,
      leaseProblems: presence.problems,
      memberProblems: [...members?.fileProblems.values() ?? []],
    });
  }

  /** All that `/status` shows. */
  status(): SpeakerStatus {
    const { ok, problems } = this.ready();
    const { node, worker, members, config, presence, scanner } = this.#parts;
    return {
      node,
      members: this.#parts.inputs().members,
      memberKeys: members?.fingerprints ?? null,
      frozen: presence.frozen,
      forwarding: this.#parts.forwarding.state,
      ready: ok,
      problems,
      configProblems: problemLines(config.problems),
      interfaces: (scanner.survey?.decisions ?? []).map(interfaceStatus),
      services: this.#services(),
      beats: Object.fromEntries(worker.beatCounters()),
      beatLateness: Object.fromEntries(worker.beatLateness()),
      claims: worker.claimCounts(),
      gossipDrops: Object.fromEntries(members?.drops ?? []),
      worker: worker.health(),
    };
  }

  /** Decided anew: the reasons would fill the memory for nobody to see. */
  #services(): ServiceStatus[] {
    const { decisions, claims, inputs } = this.#parts;
    const given = inputs();
    const ownerOf = claims === undefined
      ? undefined
      : (group: string): string | null => claims.ownerOf(group);
    return [...decisions.all.keys()].flatMap((key) => {
      const decision = decisions.explain(given, key);
      if (decision === undefined) return [];
      return [serviceStatus(key, decision, ownerOf)];
    });
  }
}
