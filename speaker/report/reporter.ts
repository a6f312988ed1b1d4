/** What this speaker tells through the API: statuses, Events, its verdict on the configuration. */
import { getLogger, type Logger } from "@logtape/logtape";
import type { KubeClient, Service } from "../../mod/kube/mod.ts";
import {
  ConfigStateWriter,
  type ConfigVerdict,
  EventRecorder,
  type L2Announcement,
} from "../../mod/report/mod.ts";
import { nodeId } from "../../mod/ownership/mod.ts";
import { describeError } from "../../mod/telemetry/mod.ts";
import { Alarm, type Clock } from "../../mod/time/mod.ts";
import { RateLimiter } from "../../mod/work/mod.ts";
import type { ServiceDecision } from "../decisions.ts";
import {
  answerObstacle,
  expected,
  type Outcome,
  type UsableInterface,
} from "../outcomes.ts";
import { announcementOf, Announcements } from "./announcements.ts";
import { Complaints, type ComplaintWord } from "./complaints.ts";
import { L2StatusWriter } from "./l2_status_writer.ts";
import { assignedReport, complaintReport, failedReport } from "./messages.ts";
import { PodReference } from "./pod_reference.ts";

/** What is counted. */
export interface ReportMetrics {
  /** A write of a status object ended. */
  readonly countWrite: (result: "ok" | "failed") => void;
  /** An Event was given up. */
  readonly countDropped: () => void;
}

/** What a {@linkcode Reporter} needs. */
export interface ReporterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  /** Namespace of the objects. */
  readonly namespace: string;
  /** Name of the own node. */
  readonly node: string;
  /** Name and UID of the own Pod, as far as they are known. */
  readonly pod: {
    readonly name: string | undefined;
    readonly uid: string | undefined;
  };
  /** Time in which this node's Lease must have come, in ms. */
  readonly joinMs: number;
  /** What was decided about every Service. */
  readonly outcomes: () => ReadonlyMap<string, Outcome>;
  /** The interfaces that can be used. */
  readonly usable: () => readonly UsableInterface[];
  /** Nodes whose speakers are alive. */
  readonly members: () => readonly string[];
  /** A Service by its key. */
  readonly service: (key: string) => Service | undefined;
  /** The whole decision about a Service. */
  readonly explain: (key: string) => ServiceDecision | undefined;
  readonly metrics: ReportMetrics;
}

/** Changes that come together are looked at once; spread, so that nodes differ. In ms. */
const SETTLING = 250;
/** Calls of this speaker at most: a failover of all Services is no storm. */
const PACE = { perSecond: 200, burst: 40 } as const;
/** Time between looks at whether the ConfigurationState is still there, in ms. */
const CHECK_INTERVAL = 60_000;
/** What is under way at the end may take so long, in ms. */
const STOP_GRACE = 200;

/** Nothing here is waited for by who announces. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #log: Logger = getLogger(["herald", "speaker", "report"]);
  readonly #announcements = new Announcements();
  readonly #complaints = new Complaints();
  readonly #events: EventRecorder;
  readonly #statuses: L2StatusWriter;
  readonly #configState: ConfigStateWriter;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #settling: Promise<void> | undefined;
  readonly #reminder: Alarm;
  /** Whether what this node announces is known. */
  #hasDecided = false;
  /** Whether the own objects are known. */
  #isSynced = false;
  /** From when on a node that has not joined counts as one that will not. */
  #givesUpAt: number | undefined;
  #isOpen = false;
  #failure: string | undefined;

  /** Makes a reporter that has nothing to tell yet. */
  constructor(options: ReporterOptions) {
    this.#options = options;
    const { client, clock, random, namespace, node, metrics } = options;
    this.#reminder = new Alarm(clock, () => this.#schedule());
    const limiter = new RateLimiter(PACE, clock);
    const turn = (signal: AbortSignal) => limiter.take(signal);
    const pod = this.#podReference();
    this.#events = new EventRecorder({
      client,
      clock,
      component: "metallb-speaker",
      success: "nodeAssigned",
      mayWrite: () => true,
      concurrency: 1,
      turn,
      onDropped: (error) => {
        metrics.countDropped();
        this.#failed("record an Event", error);
      },
    });
    this.#statuses = new L2StatusWriter({
      client,
      clock,
      random,
      namespace,
      node,
      owner: () => pod.get(),
      announcements: this.#announcements,
      members: options.members,
      turn,
      onAssigned: (service) => this.#assigned(service),
      onWrite: (result) => {
        metrics.countWrite(result);
        if (result === "ok") this.#failure = undefined;
      },
      onFailure: (error) =>
        this.#failed("keep the ServiceL2Status objects", error),
    });
    this.#configState = new ConfigStateWriter({
      client,
      clock,
      namespace,
      name: `speaker-${node}`,
      labels: {
        "metallb.io/component-type": "speaker",
        "metallb.io/node-name": node,
      },
      condition: "configReconcilerValid",
      owner: () => pod.get(),
      mayWrite: () => true,
      onFailure: (error) => this.#failed("write the ConfigurationState", error),
    });
  }

  /** Services and Events that wait to be written. */
  get waiting(): { readonly statuses: number; readonly events: number } {
    return { statuses: this.#statuses.waiting, events: this.#events.waiting };
  }

  /** Follows the own objects; writes once it is known what should be there. */
  start(): void {
    this.#statuses.synced.then(() => {
      this.#isSynced = true;
      this.#schedule();
    });
    this.#running = Promise.all([this.#statuses.run(), this.#check()]);
  }

  /** To be called after every decision. */
  look(): void {
    this.#hasDecided = true;
    this.#schedule();
  }

  #schedule(): void {
    const { clock, random } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted || !this.#hasDecided) return;
    this.#settling ??= clock.sleep(SETTLING * (1 + random()), signal)
      .then(() => {
        this.#settling = undefined;
        if (!signal.aborted) this.#lookNow();
      });
  }

  /** Takes in the verdict on the configuration. */
  configured(verdict: ConfigVerdict): void {
    this.#configState.changed(verdict);
  }

  /** Ends. What is written stays: the successors and the Pod's end remove it. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#reminder.close();
    await Promise.all([
      this.#statuses.stop(STOP_GRACE),
      this.#events.stop(),
      this.#configState.stop(),
      this.#settling,
      this.#running,
    ]);
  }

  #lookNow(): void {
    const { clock, outcomes, node } = this.#options;
    const usable = this.#options.usable();
    const present = new Map<string, L2Announcement>();
    const wrong = new Map<string, ComplaintWord>();
    const self = nodeId(node);
    for (const [service, outcome] of outcomes()) {
      const { announced, complaint } = outcome;
      const announcement = announcementOf(announced, usable);
      if (announcement !== undefined) present.set(service, announcement);
      const isPartial = expected(outcome, self, usable).some((
        { ips, interfaces },
      ) =>
        ips.some((ip) => answerObstacle(ip, interfaces, usable) !== undefined)
      );
      const word = isPartial ? "announceFailed" : complaint;
      if (word !== undefined) wrong.set(service, word);
    }
    const now = clock.date().toISOString().replace(/\.\d+Z$/, "Z");
    const changed = this.#announcements.update(present, now);
    if (this.#isOpen) {
      for (const service of changed) this.#statuses.changed(service);
    } else this.#open();
    this.#follow(wrong);
    this.#remind();
  }

  #follow(wrong: ReadonlyMap<string, ComplaintWord>): void {
    const { clock, service } = this.#options;
    const { due, ended } = this.#complaints.update(wrong, clock.now());
    for (const each of due) this.#complain(...each);
    for (const key of ended) {
      if (service(key) === undefined) this.#events.forget(key);
    }
  }

  /**
   * Nothing is written before this node has been asked to announce: what it
   * wrote before a restart would look like objects of Services that it does not
   * announce.
   */
  #open(): void {
    const { clock, node, members, joinMs } = this.#options;
    this.#givesUpAt ??= clock.now() + joinMs;
    const hasJoined = members().includes(node) ||
      clock.now() >= this.#givesUpAt;
    if (!this.#isSynced || !hasJoined) return;
    this.#isOpen = true;
    this.#statuses.open();
  }

  /** Looks again when something will be due, without anything having changed. */
  #remind(): void {
    const mayOpenAt = this.#isOpen || !this.#isSynced
      ? undefined
      : this.#givesUpAt;
    this.#reminder.set(
      Math.min(this.#complaints.nextAt ?? Infinity, mayOpenAt ?? Infinity),
    );
  }

  #assigned(key: string): void {
    const service = this.#options.service(key);
    if (service === undefined) return;
    this.#events.record(service, assignedReport(this.#options.node));
  }

  #complain(key: string, word: ComplaintWord): void {
    const { node, service, outcomes, usable, explain } = this.#options;
    const object = service(key);
    const outcome = outcomes().get(key);
    if (object === undefined || outcome === undefined) return;
    const report = word === "announceFailed"
      ? failedReport(node, outcome, usable())
      : complaintReport(word, explain(key));
    if (report === undefined) return;
    this.#log.warn("{service}: {message}", {
      service: key,
      reason: report.reason,
      message: report.message,
    });
    this.#events.record(object, report);
  }

  async #check(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(CHECK_INTERVAL * (1 + random()), signal);
      if (!signal.aborted) this.#configState.check();
    }
  }

  #podReference(): PodReference {
    const { client, namespace, pod } = this.#options;
    return new PodReference({
      client,
      namespace,
      ...pod,
      onFailure: (error) =>
        this.#log.warn(
          "Cannot find the own Pod, so that what is written stays when it goes: {error}",
          { error: error.message },
        ),
    });
  }

  /** An outage meets every Service: said once. */
  #failed(what: string, error: unknown): void {
    const failure = `${what}: ${describeError(error)}`;
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#log.warn("Cannot {failure}", { failure });
  }
}
