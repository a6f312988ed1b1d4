/** What this node claims: the main thread's end of it. */
import { getLogger, type Logger } from "@logtape/logtape";
import { LATEST_EXIT } from "../../mod/claims/mod.ts";
import type {
  DesiredInterface,
  DesiredMembership,
  DesiredState,
} from "../../mod/layer2/mod.ts";
import { groupId, nodeId } from "../../mod/ownership/mod.ts";
import { describeError } from "../../mod/telemetry/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import type { ClaimView } from "../decisions.ts";
import type { Outcome } from "../outcomes.ts";
import type { PacketWorker } from "../packet/packet_worker.ts";
import { watchedGroups } from "../watched_groups.ts";
import type { GossipMembers } from "./gossip_members.ts";

/** What claims take of the other members. */
export type ClaimingMembers = Pick<
  GossipMembers,
  | "alive"
  | "bystanders"
  | "hasLooked"
  | "keys"
  | "known"
  | "close"
  | "hasLegacy"
  | "sayGoodbye"
  | "peers"
>;

/** What claims take of the packet worker. */
export type ClaimingWorker = Pick<
  PacketWorker,
  "enter" | "holding" | "onClaims" | "showLife" | "whenApplied"
>;

/** What a {@linkcode ClaimsKeeper} needs. */
export interface ClaimsKeeperOptions {
  /** Name of this node. */
  readonly node: string;
  readonly members: ClaimingMembers;
  readonly worker: ClaimingWorker;
  readonly clock: Clock;
  /** UDP port of heartbeats, on all nodes. */
  readonly heartbeatPort: number;
  /** Milliseconds until a returned node gets back what it comes first for; `Infinity` = never. */
  readonly failbackDelay: number;
  /** Whether this node forwards what comes for the addresses that it answers for. */
  readonly forwards: () => boolean;
  /** Called with the Services whose addresses this node owns from now on, or no longer. */
  readonly onOwnership: (services: ReadonlySet<string>) => void;
}

/** The packet worker gives all away when the main thread is silent for 30 s: it may be late by three quarters of that. */
const LIFE_INTERVAL = 7500;
/** Between two looks at whether this node may take part. */
const MEETING_INTERVAL = 1000;
/** By then the packet worker has given all away or fallen silent, late as it may have learnt of the end. */
const HAND_OVER_LIMIT = LATEST_EXIT + 300;
/** Between two looks at whether all has been given away. */
const LOOK_INTERVAL = 20;
/** Members that the API knows are waited for so long at most. */
const MEETING_LIMIT = 2000;
/** What changes hands together is looked at together, in ms. */
const SETTLING = 50;
/** A goodbye to the other members may take so long. */
const GOODBYE_LIMIT = 500;

/** A desired state without addresses and groups. */
export type Surroundings = DesiredState & {
  readonly membership: DesiredMembership;
};

/** Tells the packet worker of groups and members, and knows what it claims. */
export class ClaimsKeeper {
  readonly #options: ClaimsKeeperOptions;
  readonly #log: Logger = getLogger(["herald", "speaker", "claims"]);
  /** Keys of groups that were there when this speaker came. */
  #seenAtStart: ReadonlySet<string> | undefined;
  #names: ReadonlyMap<number, string> = new Map();
  /** A hash each: every decision about a Service needs those of its candidates. */
  readonly #ids = new Map<string, number>();
  #outcomes: ReadonlyMap<string, Outcome> = new Map();
  #isDraining = false;
  /** Until when the members that the API knows are waited for. */
  #waitsUntil: number | undefined;
  #isMember = false;
  #isExiting = false;
  /** What it takes part with, and whom it waits for. */
  #intent: {
    readonly generation: number;
    readonly expected: readonly string[];
  } | undefined;
  #settling: Promise<void> | undefined;
  #end: AbortSignal = new AbortController().signal;

  /** Claims nothing before {@linkcode desired} was called. */
  constructor(options: ClaimsKeeperOptions) {
    this.#options = options;
    options.worker.onClaims = () => this.#claimsChanged();
  }

  /** What the decisions need to know. */
  get view(): ClaimView {
    return {
      known: this.#options.members.known,
      idOf: (node) => this.#idOf(node),
      owns: (group) => this.#owns(group),
    };
  }

  /** Name of the node that owns the group with a key, as far as is heard; `null` = nobody known. */
  ownerOf(key: string): string | null {
    const owner = this.#options.worker.holding(groupId(key))?.owner ?? 0;
    return this.#names.get(owner) ?? null;
  }

  /**
   * What the packet worker is told besides addresses and groups.
   *
   * @param interfaces Those that can be used.
   * @param ownMacs MAC addresses of all interfaces of this machine.
   */
  surroundings(
    interfaces: readonly DesiredInterface[],
    ownMacs: DesiredMembership["ownMacs"],
  ): Surroundings {
    const { node, members, heartbeatPort } = this.#options;
    this.#names = new Map(
      [node, ...members.known].map((name) => [this.#idOf(name), name]),
    );
    return {
      interfaces,
      addresses: [],
      membership: {
        self: this.#idOf(node),
        ownMacs,
        keys: members.keys,
        port: heartbeatPort,
        peers: members.peers,
        bystanders: members.bystanders,
        groups: [],
      },
    };
  }

  /** All that the packet worker is to do. */
  desired(
    outcomes: ReadonlyMap<string, Outcome>,
    surroundings: Surroundings,
  ): DesiredState {
    const { node, failbackDelay } = this.#options;
    this.#outcomes = outcomes;
    this.#seenAtStart ??= new Set(
      [...outcomes.values()].flatMap(({ watched }) =>
        watched.map(({ key }) => key)
      ),
    );
    const atStart = this.#seenAtStart;
    const { addresses, groups } = watchedGroups(
      node,
      outcomes.values(),
      (key) => ({ isNew: !atStart.has(key), failbackDelay }),
    );
    const membership = { ...surroundings.membership, groups };
    return { ...surroundings, addresses, membership };
  }

  /**
   * Takes part once the state is in force and the other members were looked
   * for; until then it listens.
   *
   * @param expected Names of all nodes: those are waited for, a little while.
   */
  takePart(generation: number, expected: readonly string[]): void {
    this.#intent = { generation, expected };
    this.#tryToTakePart();
  }

  #tryToTakePart(): void {
    const { worker, members, clock } = this.#options;
    const intent = this.#intent;
    if (this.#isMember || intent === undefined || !members.hasLooked) return;
    this.#waitsUntil ??= clock.now() + MEETING_LIMIT;
    const alive = new Set(members.alive);
    const isComplete = intent.expected.every((name) => alive.has(name));
    if (!isComplete && clock.now() < this.#waitsUntil) return;
    this.#isMember = true;
    worker.whenApplied(intent.generation).then(
      () => this.#enter(),
      (error) =>
        this.#log.error("Cannot take part: {error}", {
          error: describeError(error),
        }),
    );
  }

  /** Gives away what it owns and takes nothing, or takes part again. */
  drain(isDraining: boolean): void {
    if (isDraining === this.#isDraining) return;
    this.#isDraining = isDraining;
    this.#log.info(
      isDraining
        ? "This node drains: it gives its addresses away"
        : "This node takes part again",
    );
    if (this.#isMember) this.#enter();
  }

  /** Takes in that this node forwards from now on. */
  forwardingBegan(): void {
    if (this.#isMember) this.#enter();
  }

  /** Shows the packet worker that the main thread is alive, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { worker, clock } = this.#options;
    this.#end = signal;
    while (!signal.aborted) {
      worker.showLife();
      this.#tryToTakePart();
      await clock.sleep(
        this.#isMember ? LIFE_INTERVAL : MEETING_INTERVAL,
        signal,
      );
    }
  }

  /** Gives everything away, says goodbye, and goes on answering until both are done. */
  async leave(): Promise<void> {
    const { worker, clock, members } = this.#options;
    this.#isExiting = true;
    this.#enter();
    // MetalLB's speakers take over once they hear it: for them it is the offer.
    const early = members.hasLegacy
      ? members.sayGoodbye(GOODBYE_LIMIT)
      : undefined;
    const end = clock.now() + HAND_OVER_LIMIT;
    while (this.#ownsAny() && clock.now() < end) {
      worker.showLife();
      await clock.sleep(LOOK_INTERVAL);
    }
    await (early ?? members.sayGoodbye(GOODBYE_LIMIT));
    await members.close();
  }

  #idOf(node: string): number {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    const id = nodeId(node);
    this.#ids.set(node, id);
    return id;
  }

  #enter(): void {
    const { worker, forwards } = this.#options;
    if (this.#isExiting) worker.enter("exiting");
    else if (this.#isDraining) worker.enter("draining");
    else worker.enter(forwards() ? "member" : "reserve");
  }

  #owns(group: number): boolean {
    const holding = this.#options.worker.holding(group);
    return holding !== undefined &&
      (holding.lowMask !== 0 || holding.highMask !== 0);
  }

  #ownsAny(): boolean {
    for (const { watched } of this.#outcomes.values()) {
      if (watched.some(({ group }) => this.#owns(group))) return true;
    }
    return false;
  }

  /** A failover of a thousand groups is looked at a few times, not a thousand times. */
  #claimsChanged(): void {
    this.#settling ??= this.#options.clock.sleep(SETTLING, this.#end)
      .then(() => {
        this.#settling = undefined;
        this.#look();
      });
  }

  #look(): void {
    const changed = new Set<string>();
    for (const [service, { watched, announced }] of this.#outcomes) {
      const owned = watched.filter(({ group }) => this.#owns(group)).length;
      if (owned !== announced.length) changed.add(service);
    }
    if (changed.size > 0) this.#options.onOwnership(changed);
  }
}
