/** This speaker's sign of life, and those of the others. */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  type Change,
  type KubeClient,
  type Lease,
  LEASES,
} from "../../mod/kube/mod.ts";
import { describeError } from "../../mod/telemetry/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import type { Obstacle } from "../candidacy.ts";
import {
  leaseInstance,
  LeaseKeeper,
  leaseName,
  type Renewal,
} from "./lease_keeper.ts";
import { LeaseMembers } from "./lease_members.ts";
import { LeaseRival } from "./lease_rival.ts";

/** What a {@linkcode Presence} needs. */
export interface PresenceOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Name of the own node. */
  readonly node: string;
  /** Namespace of the Leases. */
  readonly namespace: string;
  /** Tells this process from another one that has the node's name. */
  readonly instance: string;
  /** Time between renewals of the own Lease, in ms. */
  readonly renewMs: number;
  /** A Lease unchanged for this long is dead, in ms. */
  readonly durationMs: number;
  /** Why this node must not count as alive now; undefined when it may. */
  readonly obstacle: () => Obstacle | undefined;
  /** Where this node can announce, as `formatInterfaceMacs()` writes it. */
  readonly macs: () => string;
  /** Called when somebody came or went. */
  readonly onMembers: () => void;
  /** Called after every renewal. */
  readonly onRenewal: (renewal: Renewal) => void;
}

/** Renews the own Lease and times those of the others. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #log: Logger = getLogger(["herald", "speaker"]);
  readonly #members: LeaseMembers;
  readonly #lease: LeaseKeeper;
  readonly #rival: LeaseRival;
  #obstacle: string | undefined = "cannot be renewed: not tried yet";
  #knownRival: string | undefined;

  /** Nothing has been sent and nobody is alive yet. */
  constructor(options: PresenceOptions) {
    this.#options = options;
    const { clock, node, durationMs, instance } = options;
    this.#members = new LeaseMembers({
      node,
      expireMs: durationMs,
      clock,
      onChange: (members) => {
        this.#log.info("Speakers alive: {members}", { members });
        options.onMembers();
      },
    });
    this.#lease = new LeaseKeeper({
      ...options,
      leases: LEASES,
      onRenewal: (renewal) => this.#renewed(renewal),
    });
    this.#rival = new LeaseRival(instance, durationMs);
  }

  /** Nodes whose speakers count as alive, sorted. */
  get members(): readonly string[] {
    return this.#members.members;
  }

  /** Whether nobody can expire at present. */
  get frozen(): boolean {
    return this.#members.frozen;
  }

  /** What is wrong with the own Lease, one line each; empty = all is well. */
  get problems(): readonly string[] {
    const { node } = this.#options;
    const { rival } = this;
    return [
      ...this.#obstacle === undefined ? [] : [this.#obstacle],
      ...rival === undefined ? [] : [
        `another speaker (${rival}) has the node name "${node}": start each with its own`,
      ],
    ];
  }

  /** Another process that renews the own Lease; `undefined` = there is none. */
  get rival(): string | undefined {
    return this.#rival.at(this.#options.clock.now());
  }

  /** Renews until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#lease.run(signal);
  }

  /** To be called when the interfaces have changed. */
  interfacesChanged(): void {
    this.#lease.changed();
  }

  /** Takes in what the watch of the Leases told. */
  leasesChanged(changes: readonly Change<Lease>[]): void {
    for (const { type, object } of changes) {
      if (type === "DELETED") this.#members.remove(object);
      else {
        this.#members.observe(object);
        this.#watchRival(object);
      }
    }
  }

  /**
   * Gives up the Lease, so that the successors announce at once; a rival's
   * stays.
   *
   * @throws {KubeError} When that fails: it will expire.
   */
  async release(signal: AbortSignal): Promise<void> {
    if (this.rival === undefined) await this.#lease.release(signal);
  }

  /** Stops timing the others. */
  close(): void {
    this.#members.close();
  }

  #renewed(renewal: Renewal): void {
    this.#options.onRenewal(renewal);
    const obstacle = obstacleOf(renewal);
    if (obstacle !== undefined && this.#obstacle !== obstacle) {
      this.#log.warn("The Lease {obstacle}", { obstacle });
    }
    this.#obstacle = obstacle;
    this.#members.renewed(renewal.kind === "ok");
  }

  #watchRival(lease: Lease): void {
    const { node, clock } = this.#options;
    if (lease.metadata.name !== leaseName(node)) return;
    this.#rival.observe(leaseInstance(lease), clock.now());
    const { rival } = this;
    if (rival !== undefined && rival !== this.#knownRival) {
      const message =
        'Another speaker ({rival}) renews the Lease of node "{node}": two machines with one node name answer for the same addresses';
      this.#log.error(message, { rival, node, reason: "nodeNameTaken" });
    }
    this.#knownRival = rival;
  }
}

function obstacleOf(renewal: Renewal): string | undefined {
  switch (renewal.kind) {
    case "ok":
      return undefined;
    case "failed":
      return `cannot be renewed: ${describeError(renewal.error)}`;
    case "withheld":
      return `is not held: ${renewal.why}`;
  }
}
