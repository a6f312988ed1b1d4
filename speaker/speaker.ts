/** The speaker at work: the API on one side, the packet worker on the other. */
import { getLogger, type Logger } from "@logtape/logtape";
import { isDraining } from "../mod/config/mod.ts";
import type { Change, Lease } from "../mod/kube/mod.ts";
import {
  DEFAULT_EXCLUDED_INTERFACES,
  type DesiredInterface,
  formatInterfaceMacs,
  type InterfaceSurvey,
} from "../mod/layer2/mod.ts";
import type { RunningRole } from "../mod/role/mod.ts";
import { describeError } from "../mod/telemetry/mod.ts";
import { Deadline } from "../mod/time/mod.ts";
import { Caches } from "./caches.ts";
import { obstacleTo } from "./candidacy.ts";
import { ConfigKeeper } from "./config_keeper.ts";
import { type DecisionInputs, Decisions, type Dirty } from "./decisions.ts";
import { ForwardingWatch } from "./forwarding_watch.ts";
import { Inspection } from "./inspection.ts";
import { ClaimsKeeper } from "./members/claims_keeper.ts";
import type { NodePlace } from "./members/peers.ts";
import { registerMetrics, type SpeakerMetrics } from "./metrics.ts";
import { announcedAddresses } from "./outcomes.ts";
import { Presence } from "./leases/presence.ts";
import { Publishing } from "./publishing.ts";
import { liveness } from "./readiness.ts";
import { Reporter } from "./report/mod.ts";
import type {
  ScannedInterfaces,
  SpeakerDeps,
  SpeakerOptions,
} from "./speaker_options.ts";
import { problemLines } from "./status.ts";

/** How long a speaker that stops goes on answering after it gave up its Lease, in ms. */
const HAND_OVER_MS = 250;
/** Giving it up may take so long, in ms. */
const RELEASE_LIMIT_MS = 1000;

/** A running speaker. */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #deps: SpeakerDeps;
  readonly #log: Logger = getLogger(["herald", "speaker"]);
  readonly #metrics: SpeakerMetrics;
  readonly #config = new ConfigKeeper();
  readonly #decisions = new Decisions();
  readonly #caches: Caches;
  readonly #presence: Presence;
  readonly #scanner: ScannedInterfaces;
  readonly #claims: ClaimsKeeper | undefined;
  readonly #forwarding: ForwardingWatch;
  readonly #publishing: Publishing;
  readonly #reporter: Reporter;
  readonly #inspection: Inspection;
  readonly #stop = new AbortController();
  /** Resolves when this node can do what its Lease promises. */
  readonly #able = Promise.withResolvers<void>();
  /** Aborted when nothing is answered any more. */
  readonly #ended = new AbortController();
  #tasks: Promise<unknown> = Promise.resolve();
  #showLife: Promise<void> | undefined;
  /** What is to be looked at in the next turn; undefined when nothing is. */
  #dirty: Dirty | undefined;
  #isConfigDue = true;

  /** Composes a speaker and makes the first scan of the interfaces. */
  constructor(options: SpeakerOptions, deps: SpeakerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#metrics = this.#registerMetrics();
    this.#presence = this.#makePresence();
    this.#caches = this.#makeCaches();
    this.#claims = this.#keepClaims();
    this.#forwarding = this.#watchForwarding();
    this.#publishing = new Publishing({
      clock: deps.clock,
      worker: deps.worker,
      signal: this.#stop.signal,
      onLate: () => this.#takePart(),
      decisions: this.#decisions,
      claims: this.#claims,
      survey: () => this.#scanner.survey,
    });
    this.#reporter = this.#makeReporter();
    this.#scanner = this.#scan();
    this.#inspection = this.#makeInspection();
  }

  #registerMetrics(): SpeakerMetrics {
    const { registry, worker } = this.#deps;
    return registerMetrics(registry, {
      node: this.#options.node,
      worker,
      announced: () => announcedAddresses(this.#decisions.all, this.#usable()),
      members: () => this.#members,
      rival: () => this.#presence.rival !== undefined,
      waiting: () => this.#reporter.waiting,
      gossip: () => this.#deps.members,
      forwarding: () => this.#forwarding.state,
      config: () => ({
        loaded: this.#config.isLoaded,
        stale: this.#config.isStale,
      }),
    });
  }

  #makePresence(): Presence {
    const { client, clock, worker } = this.#deps;
    const { node, namespace, podName, leaseRenewMs, leaseDurationMs } =
      this.#options;
    return new Presence({
      client,
      clock,
      node,
      namespace,
      instance: instanceName(podName),
      renewMs: leaseRenewMs,
      durationMs: leaseDurationMs,
      obstacle: () =>
        obstacleTo(worker.health(), this.#scanner.survey?.decisions ?? []),
      macs: () => formatInterfaceMacs(this.#scanner.survey?.desired ?? []),
      onMembers: () => this.#mark("all"),
      onRenewal: ({ kind }) =>
        this.#metrics.leaseRenewals.inc({ result: kind }),
    });
  }

  #makeCaches(): Caches {
    const { client, clock, random } = this.#deps;
    return new Caches({
      client,
      clock,
      random,
      namespace: this.#options.namespace,
      onConfig: () => this.#markConfig(),
      onDirty: (dirty) => this.#mark(dirty),
      onLeases: (changes) => this.#leasesChanged(changes),
      onUpdates: (count) => this.#metrics.updates.inc(count),
    });
  }

  #watchForwarding(): ForwardingWatch {
    const { askKubeProxy, clock } = this.#deps;
    return new ForwardingWatch({
      // Without claims there is nobody to leave anything to.
      ask: this.#claims === undefined ? undefined : askKubeProxy,
      clock,
      onFinding: (finding) => this.#metrics.kubeProxyAnswers.inc({ finding }),
      onForwards: () => this.#claims?.forwardingBegan(),
    });
  }

  #scan(): ScannedInterfaces {
    const { excludeInterfaces: patterns = DEFAULT_EXCLUDED_INTERFACES } =
      this.#options;
    return this.#deps.scan({
      exclude: patterns.map((pattern) => new RegExp(pattern)),
      onSurvey: (survey) => this.#surveyed(survey),
      onError: (error) =>
        this.#log.error("Cannot scan the interfaces: {error}", {
          error: error.message,
        }),
    });
  }

  #makeInspection(): Inspection {
    const { clock, worker, members } = this.#deps;
    return new Inspection({
      node: this.#options.node,
      clock,
      worker,
      members,
      caches: this.#caches,
      config: this.#config,
      decisions: this.#decisions,
      presence: this.#presence,
      publishing: this.#publishing,
      forwarding: this.#forwarding,
      claims: this.#claims,
      scanner: this.#scanner,
      inputs: () => this.#inputs(),
    });
  }

  /** Starts following the API, and renewing the Lease once it has caught up. */
  start(): RunningRole {
    const { signal } = this.#stop;
    this.#reporter.start();
    this.#tasks = Promise.all([
      this.#caches.run(signal),
      this.#keepLease(signal),
      this.#deps.members?.run(signal),
      this.#forwarding.run(signal),
    ]);
    this.#showLife = this.#claims?.run(this.#ended.signal);
    return {
      failed: this.#failed(),
      probes: {
        live: () => liveness(this.#deps.worker.health()),
        ready: () => this.#inspection.ready(),
        metrics: async () => {
          const { registry } = this.#deps;
          const text = await registry.metrics();
          this.#metrics.forget();
          return { text, contentType: registry.contentType };
        },
        status: () => this.#inspection.status(),
      },
      stop: () => this.#shutDown(),
    };
  }

  /** Others cede to who has a Lease, so there is none before it can be served. */
  async #keepLease(signal: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
    await Promise.race([this.#able.promise, aborted]);
    await this.#presence.run(signal);
  }

  /** Resolves with the reason when this process cannot do its work any more. */
  #failed(): Promise<string> {
    return new Promise((resolve) => {
      this.#tasks.catch((error) => resolve(describeError(error)));
      this.#deps.worker.ended.then(() => resolve("the packet worker ended"));
    });
  }

  /**
   * Gives up the Lease, so that the successors announce, answers a little
   * longer, and ends.
   */
  async #shutDown(): Promise<void> {
    const { clock, worker } = this.#deps;
    this.#stop.abort();
    this.#presence.close();
    this.#scanner.close();
    const reported = this.#reporter.stop();
    await Promise.allSettled([this.#tasks]);
    await this.#claims?.leave();
    try {
      using deadline = new Deadline(clock, RELEASE_LIMIT_MS);
      await this.#presence.release(deadline.signal);
      if (this.#claims === undefined) await clock.sleep(HAND_OVER_MS);
    } catch (error) {
      this.#log.warn("Cannot give up the Lease, it will expire: {error}", {
        error: describeError(error),
      });
    }
    this.#ended.abort();
    await Promise.all([reported, this.#showLife, worker.stop()]);
  }

  #markConfig(): void {
    this.#isConfigDue = true;
    this.#deps.members?.nodesChanged();
    this.#mark("all");
  }

  /** Changes that come together are looked at together, in the next turn. */
  #mark(dirty: Dirty): void {
    const isScheduled = this.#dirty !== undefined;
    if (dirty === "all" || this.#dirty === "all") this.#dirty = "all";
    else this.#dirty = new Set([...this.#dirty ?? [], ...dirty]);
    if (!isScheduled) queueMicrotask(() => this.#decide());
  }

  #decide(): void {
    const dirty = this.#isConfigDue ? "all" : this.#dirty;
    this.#dirty = undefined;
    // A half-filled cache would look like Services without Pods or nodes.
    const canDecide = this.#caches.areSynced && !this.#stop.signal.aborted;
    if (!canDecide || dirty === undefined) return;
    const begun = this.#deps.clock.now();
    if (this.#isConfigDue) this.#configure();
    this.#decisions.update(this.#inputs(), dirty);
    this.#publishing.publish();
    const ms = this.#deps.clock.now() - begun;
    this.#metrics.reconciles.observe(ms / 1000);
    this.#followDrain();
    this.#takePart();
    this.#reporter.look();
  }

  /** What is published before the configuration was valid is nobody's. */
  #takePart(): void {
    if (!this.#config.isLoaded || this.#publishing.isWaiting) return;
    const nodes = this.#caches.nodes.map(({ metadata }) => metadata.name);
    this.#claims?.takePart(this.#publishing.generation, nodes);
  }

  #inputs(): DecisionInputs {
    const { node, classes, ignoreExcludeLB } = this.#options;
    return {
      node,
      config: this.#config.config,
      services: this.#caches.services,
      slicesOf: (service) => this.#caches.slicesOf(service),
      nodes: this.#caches.nodes,
      members: this.#members,
      ...this.#claims === undefined ? {} : { claims: this.#claims.view },
      classes,
      ignoreExcludeLB,
    };
  }

  #configure(): void {
    this.#isConfigDue = false;
    const { pools, l2Advertisements, nodes, namespaces } = this.#caches;
    const { valid, newProblems } = this.#config.update({
      pools,
      l2Advertisements,
      nodes,
      namespaces,
    });
    if (!valid) this.#metrics.updateErrors.inc();
    if (this.#config.isLoaded) this.#able.resolve();
    const problems = problemLines(this.#config.problems);
    this.#reporter.configured({ isValid: valid, problems });
    for (const { severity, path, message, class: reason } of newProblems) {
      const text = "Configuration: {path}: {message}";
      if (severity === "error") {
        this.#log.error(text, { path, message, reason });
      } else this.#log.warn(text, { path, message, reason });
    }
    if (!valid && newProblems.length > 0) {
      this.#log.error("The configuration is invalid; the last valid one stays");
    }
  }

  /** Nodes whose speakers are alive. */
  get #members(): readonly string[] {
    return this.#deps.members?.alive ?? this.#presence.members;
  }

  #keepClaims(): ClaimsKeeper | undefined {
    const { members, worker, clock } = this.#deps;
    if (members === undefined) return undefined;
    const { node, membership } = this.#options;
    return new ClaimsKeeper({
      node,
      members,
      worker,
      clock,
      ...membership,
      forwards: () => this.#forwarding.state.kind === "forwards",
      onOwnership: (services) => this.#owns(services),
    });
  }

  /** Who owns what changes nothing of what was decided. */
  #owns(services: ReadonlySet<string>): void {
    const view = this.#claims?.view;
    if (view === undefined || this.#stop.signal.aborted) return;
    this.#decisions.reown(services, view.owns);
    this.#reporter.look();
  }

  /** Takes in that a member came, went, or tells something else of itself. */
  membersChanged(): void {
    this.#mark("all");
  }

  /** The nodes of the cluster, with their addresses. */
  nodePlaces(): readonly NodePlace[] {
    return this.#caches.nodes.map(({ metadata, status }) => ({
      name: metadata.name,
      addresses: (status?.addresses ?? []).map(({ address }) => address),
    }));
  }

  /** Follows what the own Node says about draining. */
  #followDrain(): void {
    const { node } = this.#options;
    const own = this.#caches.nodes.find(({ metadata }) =>
      metadata.name === node
    );
    this.#claims?.drain(own !== undefined && isDraining(own));
  }

  #usable(): readonly DesiredInterface[] {
    return this.#scanner.survey?.desired ?? [];
  }

  #makeReporter(): Reporter {
    const { client, clock, random } = this.#deps;
    const { namespace, node, podName, podUid, leaseDurationMs } = this.#options;
    return new Reporter({
      client,
      clock,
      random,
      namespace,
      node,
      pod: { name: podName, uid: podUid },
      joinMs: leaseDurationMs,
      outcomes: () => this.#decisions.all,
      usable: () => this.#usable(),
      members: () => this.#members,
      service: (key) => this.#caches.services.get(key),
      explain: (key) => this.#decisions.explain(this.#inputs(), key),
      metrics: {
        countWrite: (result) => this.#metrics.statusWrites.inc({ result }),
        countDropped: () => this.#metrics.eventsDropped.inc(),
      },
    });
  }

  #surveyed(survey: InterfaceSurvey): void {
    for (const { kind, ...change } of survey.changes) {
      this.#log.info("Interface {name}: {kind}", { kind, ...change });
    }
    this.#presence.interfacesChanged();
    this.#deps.members?.tellInterfaces(survey.desired);
    this.#mark(new Set());
  }

  #leasesChanged(changes: readonly Change<Lease>[]): void {
    this.#presence.leasesChanged(changes);
    // Nothing but the members depends on Leases, except that these may be the
    // last cache that was waited for.
    if (this.#isConfigDue) this.#mark("all");
  }
}

function instanceName(podName: string | undefined): string {
  const id = crypto.randomUUID();
  return podName === undefined ? id : `${podName} ${id}`;
}
