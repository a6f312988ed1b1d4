/** A speaker under a clock that a test moves: no packets, no gossip, an API in memory. */
import { IP_ADDRESS_POOLS, L2_ADVERTISEMENTS } from "../mod/config/mod.ts";
import { membershipKeys } from "../mod/crypto/mod.ts";
import {
  ENDPOINT_SLICES,
  NAMESPACES,
  NODES,
  SERVICES,
} from "../mod/kube/mod.ts";
import {
  type DesiredState,
  type InterfaceSurvey,
  InterfaceTracker,
  type Publication,
} from "../mod/layer2/mod.ts";
import { parseMac } from "../mod/net/mod.ts";
import { nodeId } from "../mod/ownership/mod.ts";
import type { RunningRole } from "../mod/role/mod.ts";
import { Registry } from "../mod/telemetry/mod.ts";
import { Speaker } from "../speaker/speaker.ts";
import type {
  ScannedInterfaces,
  SpeakerDeps,
  SpeakerMembers,
  SpeakerWorker,
} from "../speaker/speaker_options.ts";
import { EmbeddedCluster } from "./embedded_cluster.ts";
import { sliceOf } from "./endpoint_slices.ts";
import { ManualClock } from "./manual_clock.ts";
import { wholePublication } from "./publications.ts";
import { WELL_WORKER } from "./worker_health.ts";

const NAMESPACE = "metallb-system";
/** Where the speaker runs. */
const NODE = "node-a";
/** The other node. */
const OTHER = "node-b";

/** Takes what is published for done, and owns every group. */
export class RecordingWorker implements SpeakerWorker {
  /** All that was published. */
  readonly published: DesiredState[] = [];
  /** What the node was to be for the others. */
  readonly phases: string[] = [];
  readonly ended: Promise<void>;
  onClaims: () => void = () => {};
  readonly #clock: ManualClock;
  readonly #end = Promise.withResolvers<void>();
  #aliveAt: number;
  #longestSilence = 0;

  /** It lives from now on. */
  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.#aliveAt = clock.now();
    this.ended = this.#end.promise;
  }

  /** The longest time without a sign of life, in ms. */
  get longestSilence(): number {
    return Math.max(this.#longestSilence, this.#clock.now() - this.#aliveAt);
  }

  get applied(): number {
    return this.published.length;
  }

  publish(desired: DesiredState): Publication {
    this.published.push(desired);
    return wholePublication(this.published.length);
  }

  whenApplied(): Promise<void> {
    return Promise.resolve();
  }

  enter(phase: string): void {
    this.phases.push(phase);
    this.onClaims();
  }

  showLife(): void {
    this.#longestSilence = this.longestSilence;
    this.#aliveAt = this.#clock.now();
  }

  holding(): ReturnType<SpeakerWorker["holding"]> {
    if (!this.phases.includes("member")) return undefined;
    return { lowMask: 1, highMask: 0, owner: nodeId(NODE), term: 1 };
  }

  health(): ReturnType<SpeakerWorker["health"]> {
    return WELL_WORKER;
  }

  addressCounters(): undefined {}

  beatCounters(): ReturnType<SpeakerWorker["beatCounters"]> {
    return new Map();
  }

  beatLateness(): ReturnType<SpeakerWorker["beatLateness"]> {
    return new Map();
  }

  claimCounts(): ReturnType<SpeakerWorker["claimCounts"]> {
    return [];
  }

  counters(): ReturnType<SpeakerWorker["counters"]> {
    return { frames: [], captures: [] };
  }

  stop(): Promise<void> {
    this.#end.resolve();
    return Promise.resolve();
  }
}

/** Two members, who stay. */
const MEMBERS: SpeakerMembers = {
  alive: [NODE, OTHER],
  known: [NODE, OTHER],
  hasLooked: true,
  keys: [membershipKeys(new Uint8Array())],
  peers: [
    {
      node: nodeId(OTHER),
      isAlive: true,
      hasLeft: false,
      speaksClaims: true,
      stations: [],
    },
  ],
  bystanders: [],
  drops: new Map(),
  fileProblems: new Map(),
  fingerprints: undefined,
  healthScore: 0,
  nodesChanged: () => {},
  tellInterfaces: () => {},
  run: () => Promise.resolve(),
  hasLegacy: false,
  sayGoodbye: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** One interface that can be used, and does not change. */
function scanOne({ exclude, onSurvey }: {
  readonly exclude: readonly RegExp[];
  readonly onSurvey: (survey: InterfaceSurvey) => void;
}): ScannedInterfaces {
  const link = {
    ...{ index: 2, name: "eth0", mac: parseMac("02:00:00:00:00:0a") },
    ...{ up: true, running: true, lowerUp: true, broadcast: true },
    ...{ loopback: false, noArp: false },
  };
  const survey = new InterfaceTracker(exclude).update([link], []);
  onSurvey(survey);
  return { survey, close: () => {} };
}

/** The speaker of node-a, beside node-b, with a Service that has an address. */
export class SpeakerWorld implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly cluster = new EmbeddedCluster();
  readonly worker = new RecordingWorker(this.clock);
  readonly #role: RunningRole;
  #isStopped = false;

  private constructor(
    by: "gossip" | "leases",
    more: Pick<SpeakerDeps, "askKubeProxy">,
  ) {
    const { clock, worker, cluster: { client } } = this;
    const speaker = new Speaker({
      node: NODE,
      namespace: NAMESPACE,
      leaseRenewMs: 2000,
      leaseDurationMs: 6000,
      classes: { loadBalancerClass: "", alsoWithoutClass: false },
      ignoreExcludeLB: false,
      membership: { heartbeatPort: 7473, failbackDelay: 0 },
      excludeInterfaces: undefined,
    }, {
      client,
      clock,
      worker,
      random: () => 0.5,
      scan: scanOne,
      registry: new Registry(),
      ...by === "gossip" ? { members: MEMBERS } : {},
      ...more,
    });
    this.#role = speaker.start();
  }

  /**
   * Starts it.
   *
   * @param by What tells who is alive.
   * @param ip The Service's address.
   * @param more What else it works with.
   */
  static async start(
    by: "gossip" | "leases",
    ip: string,
    more: Pick<SpeakerDeps, "askKubeProxy"> = {},
  ): Promise<SpeakerWorld> {
    const world = new SpeakerWorld(by, more);
    await world.#furnish(ip);
    return world;
  }

  async #furnish(ip: string): Promise<void> {
    const { client } = this.cluster;
    await client.create(NAMESPACES, { metadata: { name: NAMESPACE } });
    for (const name of [NODE, OTHER]) {
      await client.create(NODES, { metadata: { name } });
    }
    await client.create(IP_ADDRESS_POOLS, {
      metadata: { name: "p", namespace: NAMESPACE },
      spec: { addresses: ["192.0.2.0/24"] },
    });
    await client.create(L2_ADVERTISEMENTS, {
      metadata: { name: "all", namespace: NAMESPACE },
      spec: {},
    });
    const metadata = { name: "web", namespace: "default" };
    await client.create(ENDPOINT_SLICES, sliceOf(metadata.name, NODE));
    await client.create(SERVICES, {
      metadata,
      spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
    });
    const status = { loadBalancer: { ingress: [{ ip }] } };
    await client.patch(
      SERVICES,
      metadata,
      { type: "merge", body: { status } },
      {
        subresource: "status",
      },
    );
  }

  /** The newest state that it published. */
  get newest(): DesiredState | undefined {
    return this.worker.published.at(-1);
  }

  /** Whether it is ready, and what it says. */
  get ready(): ReturnType<RunningRole["probes"]["ready"]> {
    return this.#role.probes.ready();
  }

  /** Ends it, as SIGTERM does; gives how long that took, in ms. */
  async stop(): Promise<number> {
    this.#isStopped = true;
    const begun = this.clock.now();
    let isOver = false;
    const stopping = this.#role.stop().then(() => {
      isOver = true;
    });
    while (!isOver) await this.clock.advance(100);
    await stopping;
    return this.clock.now() - begun;
  }

  /** Ends it, unless it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isStopped) await this.stop();
    this.cluster.server.faults.resume();
    this.cluster[Symbol.dispose]();
  }
}
