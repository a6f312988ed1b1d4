/** One drain, from the mark on the Node to the moment when it may be shut down. */
import type { FlagValues } from "../../mod/cli/mod.ts";
import { isDraining } from "../../mod/config/mod.ts";
import { KubeError } from "../../mod/kube/mod.ts";
import { formatIp } from "../../mod/net/mod.ts";
import type { L2StatusRecord } from "../../mod/report/mod.ts";
import type { Cluster } from "../../mod/role/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import {
  type CLUSTER_FLAGS,
  lookAt,
  type SeenCluster,
} from "./cluster_flags.ts";
import {
  announcements,
  DrainError,
  isPassing,
  markNode,
  readNode,
  withRights,
} from "./drain_cluster.ts";
import {
  type Handed,
  handedOver,
  isGivenAway,
  type Moment,
  whyNotTaken,
} from "./drain_course.ts";

/** What a {@linkcode Drain} needs. */
export interface DrainOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Name of the node. */
  readonly node: string;
  /** How the cluster is looked at. */
  readonly values: FlagValues<typeof CLUSTER_FLAGS>;
  /** Everything has to be given away within this, in ms. */
  readonly timeoutMs: number;
  /** Time after that for clients with stale caches, in ms. */
  readonly graceMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called when everything is given away, before the grace. */
  readonly onGivenAway: (report: DrainReport) => void;
  /** Tells a person what goes on, a line. */
  readonly say: (line: string) => void;
}

/** What became of it. */
export interface DrainReport {
  /** Name of the node. */
  readonly node: string;
  /**
   * `interrupted`: the drain stays in force; `untouched`: interrupted before
   * the node was marked.
   */
  readonly outcome:
    | "drained"
    | "notDrained"
    | "interrupted"
    | "untouched"
    | "undone";
  /** What the node announced, and where it went. */
  readonly services: readonly (Handed & {
    /** Why it was not taken over; `null` = it was. */
    readonly why: string | null;
  })[];
  /** Time until nothing was left, in ms; `null` = something is, or nobody waited. */
  readonly handOverMs: number | null;
}

/** Between two looks at what the node announces, in ms. */
const LOOK_INTERVAL = 250;
/** The same during the grace, when nothing should happen any more. */
const GRACE_INTERVAL = 5000;

/** Drains a node, or ends that. */
export class Drain {
  readonly #options: DrainOptions;
  /** Addresses of all that the node announced since. */
  readonly #announced = new Map<string, string>();
  #records: readonly L2StatusRecord[] = [];
  /** Whether the node is marked; a mark whose answer is lost may be there. */
  #mark: "none" | "sent" | "there" = "none";

  /** Nothing is sent yet. */
  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /**
   * Drains the node.
   *
   * @throws {UsageError} When there is no such node.
   * @throws {DrainError} When it has no speaker, a right is missing, or the
   *   cluster stops answering after the node was marked.
   * @throws {KubeError} When the cluster does not answer before that.
   */
  async run(): Promise<DrainReport> {
    const { signal, node } = this.#options;
    try {
      return await this.#run();
    } catch (error) {
      if (signal.aborted && isAborted(error)) {
        return this.#report(
          this.#mark === "none" ? "untouched" : "interrupted",
        );
      }
      if (this.#mark !== "there") throw error;
      throw new DrainError(
        `Cannot say whether "${node}" is drained; the drain stays in force, run "drain ${node}" again to see`,
        { cause: error },
      );
    }
  }

  /**
   * Ends the drain.
   *
   * @throws {UsageError} When there is no such node.
   * @throws {DrainError} When a right is missing.
   * @throws {KubeError} When the cluster does not answer.
   */
  async undo(): Promise<DrainReport> {
    const { cluster: { client }, node, signal, say } = this.#options;
    const found = await readNode(client, node, signal);
    if (!isDraining(found)) say(`${node} was not drained.`);
    await markNode(client, node, false, signal);
    return this.#report("undone");
  }

  async #run(): Promise<DrainReport> {
    const { cluster: { client }, node, clock, signal } = this.#options;
    const found = await readNode(client, node, signal);
    this.#checkSpeaker(await this.#see());
    // Whoever may not see what the node announces must not begin to drain it.
    await this.#look();
    if (isDraining(found)) this.#options.say(`${node} drains already.`);
    throwIfStopped(signal);
    this.#mark = "sent";
    await markNode(client, node, true, signal);
    this.#mark = "there";
    const start = clock.now();
    const handed = await this.#handOver(start);
    const gone = await this.#judge(handed, clock.now() - start);
    if (gone.outcome === "notDrained") return gone;
    this.#options.onGivenAway(gone);
    return await this.#judge(await this.#grace(), gone.handOverMs);
  }

  #checkSpeaker({ decisions }: SeenCluster): void {
    const { node, cluster: { namespace } } = this.#options;
    const speaker = decisions.speakers.find((each) => each.node === node);
    const todo =
      `look at its speaker's Pod in the namespace "${namespace}"; a node that announces nothing needs no drain`;
    if (speaker === undefined) {
      throw new DrainError(
        `Cannot drain "${node}": no speaker has a Lease for it in the namespace "${namespace}": ${todo}`,
      );
    }
    if (speaker.alive) return;
    throw new DrainError(
      `Cannot drain "${node}": its speaker is not alive, its Lease was renewed ${
        Math.round(speaker.ageMs / 1000)
      } s ago: ${todo}`,
    );
  }

  #see(): Promise<SeenCluster> {
    const { cluster, clock, values, signal } = this.#options;
    return withRights(() => lookAt(cluster, { clock }, values, { signal }));
  }

  /** Waits until everything is given away, or the time is over. */
  async #handOver(start: number): Promise<readonly Handed[]> {
    const { clock, timeoutMs, signal } = this.#options;
    for (;;) {
      const isLast = clock.now() - start >= timeoutMs;
      const handed = await this.#lookAgain(isLast);
      if (handed !== undefined && (isLast || isGivenAway(handed))) {
        return handed;
      }
      await clock.sleep(LOOK_INTERVAL, signal);
      throwIfStopped(signal);
    }
  }

  /** Waits for the clients; the node could begin to announce again. */
  async #grace(): Promise<readonly Handed[]> {
    const { clock, graceMs, signal } = this.#options;
    const end = clock.now() + graceMs;
    for (;;) {
      const left = end - clock.now();
      await clock.sleep(Math.max(0, Math.min(left, GRACE_INTERVAL)), signal);
      throwIfStopped(signal);
      const isLast = clock.now() >= end;
      const handed = await this.#lookAgain(isLast);
      if (handed === undefined) continue;
      const isBack = handed.some(({ state }) => state === "kept");
      if (isLast || isBack) return handed;
    }
  }

  /** Looks; a server that is away for a while only costs time. */
  async #lookAgain(isLast: boolean): Promise<readonly Handed[] | undefined> {
    try {
      return await this.#look(isLast);
    } catch (error) {
      if (isLast || !isPassing(error)) throw error;
      return undefined;
    }
  }

  async #look(isLast = false): Promise<readonly Handed[]> {
    const { cluster, node, signal } = this.#options;
    const own = await announcements(cluster, signal, node);
    for (const { service, ips } of own) {
      const known = this.#announced.get(service)?.split(",") ?? [];
      const all = new Set([...known, ...ips.split(",")]);
      all.delete("");
      this.#announced.set(service, [...all].join());
    }
    // Where the others went matters when there is nothing more to wait for.
    this.#records = own.length > 0 && !isLast
      ? own
      : await announcements(cluster, signal);
    return this.#handed();
  }

  #handed(served?: Moment["served"]): readonly Handed[] {
    return handedOver({
      node: this.#options.node,
      announced: this.#announced,
      records: this.#records,
      ...served === undefined ? {} : { served },
    });
  }

  /** The verdict; what was not taken over is looked at closely. */
  async #judge(
    handed: readonly Handed[],
    handOverMs: number | null,
  ): Promise<DrainReport> {
    if (isGivenAway(handed)) {
      return this.#report("drained", handed.map(taken), handOverMs);
    }
    const { decisions, objects } = await this.#see();
    const facts = new Map(decisions.services.map((each) => [
      each.service,
      each,
    ]));
    const served = new Map(
      decisions.services.map(({ service, ips }) => [
        service,
        ips.map(formatIp),
      ]),
    );
    const draining = new Set(
      objects.nodes.filter(isDraining).map(({ metadata }) => metadata.name),
    );
    const { node } = this.#options;
    const services = this.#handed(served)
      .map((each) =>
        isGivenAway([each]) ? taken(each) : {
          ...each,
          why: whyNotTaken(
            each,
            node,
            facts.get(each.service)?.ownership,
            draining,
          ),
        }
      );
    return isGivenAway(services)
      ? this.#report("drained", services, handOverMs)
      : this.#report("notDrained", services);
  }

  #report(
    outcome: DrainReport["outcome"],
    services: DrainReport["services"] = [],
    handOverMs: number | null = null,
  ): DrainReport {
    return { node: this.#options.node, outcome, services, handOverMs };
  }
}

function taken(handed: Handed): DrainReport["services"][number] {
  return { ...handed, why: null };
}

/** Thrown when the waiting is ended. */
class Stopped extends Error {}

function throwIfStopped({ aborted }: AbortSignal): void {
  if (aborted) throw new Stopped("stopped");
}

function isAborted(error: unknown): boolean {
  return error instanceof Stopped ||
    error instanceof KubeError && error.reason === "aborted";
}
