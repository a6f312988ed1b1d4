/** The speaker's metrics: MetalLB's names where they apply, `herald_` for the rest. */
import {
  Counter,
  Histogram,
  MirroredHistogram,
  type Registry,
} from "../mod/telemetry/mod.ts";
import type { Forwarding } from "../mod/forwarding/mod.ts";
import { LATENESS_BOUNDS } from "../mod/layer2/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import type { MemberFile, SecretFingerprints } from "./members/member_files.ts";
import { gauge, mirror, Mirrors } from "./mirrors.ts";
import type { AnnouncedAddress } from "./outcomes.ts";
import type { PacketWorker } from "./packet/packet_worker.ts";

/** Bounds of the buckets, in seconds. */
const RECONCILES = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const MEMBER_FILES: readonly MemberFile[] = ["secret", "settings"];

/** What the metrics are read from when Prometheus asks. */
export interface MetricSources {
  readonly node: string;
  readonly worker: Pick<
    PacketWorker,
    | "addressCounters"
    | "beatCounters"
    | "beatLateness"
    | "claimCounts"
    | "counters"
    | "health"
  >;
  /** What this node announces now. */
  readonly announced: () => readonly AnnouncedAddress[];
  /** Names of the nodes whose speakers count as alive. */
  readonly members: () => readonly string[];
  /** What the gossip did not take in, by reason; `undefined` = there is no gossip. */
  readonly gossip?: () => {
    readonly healthScore: number;
    readonly drops: ReadonlyMap<string, number>;
    readonly fingerprints: SecretFingerprints | undefined;
    readonly fileProblems: ReadonlyMap<MemberFile, string>;
  } | undefined;
  /** Whether this node forwards, and how that is known. */
  readonly forwarding: () => Forwarding;
  /** What waits to be written to the API. */
  readonly waiting: () => {
    readonly statuses: number;
    readonly events: number;
  };
  /** Whether another speaker has this node's name. */
  readonly rival: () => boolean;
  /** Whether a configuration is in force, and whether the newest one is not. */
  readonly config: () => { readonly loaded: boolean; readonly stale: boolean };
}

/** Counters that the speaker itself increments. */
export interface SpeakerMetrics {
  /** Frees what a scrape left: thousands of series that are read anew anyway. */
  readonly forget: () => void;
  /** Renewals of the own Lease, by result. */
  readonly leaseRenewals: Counter<"result">;
  /** What kube-proxy said when it was asked whether this node forwards. */
  readonly kubeProxyAnswers: Counter<"finding">;
  /** Writes of ServiceL2Status objects, by result. */
  readonly statusWrites: Counter<"result">;
  /** Events that were given up. */
  readonly eventsDropped: Counter;
  /** Objects that arrived from the API, all kinds. */
  readonly updates: Counter;
  /** Updates that left an invalid configuration. */
  readonly updateErrors: Counter;
  /** Time from changes of the API until what they decide was published, in s. */
  readonly reconciles: Histogram;
}

function registerAddresses(mirrors: Mirrors, sources: MetricSources): void {
  const { node, worker, announced } = sources;
  gauge(
    mirrors,
    "metallb_speaker_announced",
    "Services being announced from this node",
    ["service", "protocol", "node", "ip"],
    () =>
      announced().map(({ service, ip }) => [
        { service, protocol: "layer2", node, ip: formatIp(ip) },
        1,
      ]),
  );
  const perAddress = [
    ["requests_received", "requestsReceived", "Requests for owned addresses"],
    ["responses_sent", "responsesSent", "Answers for owned addresses"],
    ["gratuitous_sent", "gratuitousSent", "Gratuitous frames sent"],
  ] as const;
  for (const [suffix, field, help] of perAddress) {
    mirror(mirrors, `metallb_layer2_${suffix}`, help, ["ip"], () => {
      const ips = new Map(announced().map(({ ip }) => [formatIp(ip), ip]));
      return [...ips].map(([text, ip]) => [
        { ip: text },
        worker.addressCounters(ip)?.[field] ?? 0,
      ]);
    });
  }
}

function registerFrames(mirrors: Mirrors, { worker }: MetricSources): void {
  mirror(
    mirrors,
    "herald_layer2_frames_total",
    "ARP and NDP frames by outcome: answered, or the reason for which not",
    ["interface", "protocol", "outcome"],
    () =>
      worker.counters().frames.flatMap((
        { name, protocol, answered, dropped },
      ) =>
        Object.entries({ answered, ...dropped }).map(([outcome, count]) =>
          [{ interface: name, protocol, outcome }, count] as const
        )
      ),
  );
  mirror(
    mirrors,
    "herald_capture_frames_total",
    "Frames by what the capture did with them",
    ["interface", "outcome"],
    () =>
      worker.counters().captures.flatMap((capture) => [
        [{ interface: capture.name, outcome: "received" }, capture.received],
        [
          { interface: capture.name, outcome: "droppedByKernel" },
          capture.droppedByKernel,
        ],
        [
          { interface: capture.name, outcome: "droppedByInterface" },
          capture.droppedByInterface,
        ],
      ]),
  );
}

function registerWorker(mirrors: Mirrors, { worker }: MetricSources): void {
  const plain = [
    ["lateness_milliseconds", "Longest that the loop was late", "lateness"],
    ["silent_milliseconds", "Time since the last round began", "silentFor"],
    ["groups", "Solicited-node groups joined", "groups"],
    ["announcements", "Bursts of announcements under way", "announcements"],
    ["lost_events", "Events that nobody took in time", "lostEvents"],
    ["owned_groups", "Groups owned, counted on each interface", "owned"],
    [
      "heartbeat_partners",
      "Peers that get heartbeats, counted on each interface",
      "partners",
    ],
    [
      "beat_interval_milliseconds",
      "Time between heartbeats at present: longer than what is set when there are too many partners",
      "beatInterval",
    ],
    [
      "detection_milliseconds",
      "Silence after which a peer is lost at present",
      "detectionTime",
    ],
    [
      "patience_milliseconds",
      "Silence after which the others take this node for lost at present: longer while its packet worker is late again and again",
      "patience",
    ],
  ] as const;
  for (const [suffix, help, field] of plain) {
    gauge(
      mirrors,
      `herald_packet_worker_${suffix}`,
      help,
      [],
      () => [[{}, worker.health()[field]]],
    );
  }
  gauge(
    mirrors,
    "herald_packet_worker_info",
    "Scheduling class and state of the packet worker",
    ["scheduling", "state"],
    () => {
      const { schedulingClass, state } = worker.health();
      return [[{ scheduling: schedulingClass, state }, 1]];
    },
  );
}

function registerMembers(mirrors: Mirrors, sources: MetricSources): void {
  const { worker, gossip } = sources;
  mirror(
    mirrors,
    "herald_heartbeats_total",
    "Heartbeats by what became of them",
    ["interface", "outcome"],
    () =>
      [...worker.beatCounters()].flatMap(([name, counters]) =>
        Object.entries(counters).map(([outcome, count]) =>
          [{ interface: name, outcome }, count] as const
        )
      ),
  );
  new MirroredHistogram(
    mirrors.registry,
    {
      name: "herald_heartbeat_lateness_seconds",
      help:
        "How much later than one interval after the last the heartbeats of others came",
      labelNames: ["interface"],
      buckets: LATENESS_BOUNDS.map((ms) => ms / 1000),
    },
    () =>
      [...worker.beatLateness()].map(([name, { upTo, sum }]) => ({
        labels: { interface: name },
        upTo,
        sum: sum / 1000,
      })),
  );
  mirror(
    mirrors,
    "herald_claims_total",
    "What became of claims, and why",
    ["event", "reason"],
    () =>
      worker.claimCounts().map(({ event, reason, count }) =>
        [{ event, reason }, count] as const
      ),
  );
  mirror(
    mirrors,
    "herald_gossip_drops_total",
    "Messages of other members that were not taken in, by reason",
    ["reason"],
    () =>
      [...gossip?.()?.drops ?? []].map(([reason, count]) =>
        [{ reason }, count] as const
      ),
  );
  gauge(
    mirrors,
    "herald_gossip_health_score",
    "0 while this member can rely on itself",
    [],
    () => {
      const state = gossip?.();
      return state === undefined ? [] : [[{}, state.healthScore]];
    },
  );
  registerMemberFiles(mirrors, sources);
}

function registerMemberFiles(
  mirrors: Mirrors,
  { gossip }: MetricSources,
): void {
  gauge(
    mirrors,
    "herald_member_keys",
    "1 for each secret of the members that is in force",
    ["fingerprint", "use"],
    () => {
      const keys = gossip?.()?.fingerprints;
      if (keys === undefined) return [];
      return [
        [{ fingerprint: keys.primary, use: "sends" }, 1] as const,
        ...keys.accepted.map((fingerprint) =>
          [{ fingerprint, use: "accepts" }, 1] as const
        ),
      ];
    },
  );
  gauge(
    mirrors,
    "herald_member_files_stale_bool",
    "1 when the newest secret or settings of the members cannot be used and older ones are in force",
    ["file"],
    () => {
      const problems = gossip?.()?.fileProblems;
      if (problems === undefined) return [];
      return MEMBER_FILES.map((file) =>
        [{ file }, problems.has(file) ? 1 : 0] as const
      );
    },
  );
}

/**
 * Registers all metrics of the speaker.
 *
 * @param registry Where they are registered.
 * @param sources What they are read from.
 * @returns The counters that the speaker increments itself.
 */
export function registerMetrics(
  registry: Registry,
  sources: MetricSources,
): SpeakerMetrics {
  const mirrors = new Mirrors(registry);
  registerAddresses(mirrors, sources);
  registerFrames(mirrors, sources);
  registerWorker(mirrors, sources);
  registerMembers(mirrors, sources);
  gauge(
    mirrors,
    "herald_speaker_forwarding_info",
    "Whether this node forwards, or waits for kube-proxy, and how that is known",
    ["state", "reason"],
    () => {
      const { kind, reason } = sources.forwarding();
      return [[{ state: kind, reason }, 1]];
    },
  );
  gauge(
    mirrors,
    "herald_speaker_members",
    "Speakers that count as alive",
    ["node"],
    () => sources.members().map((node) => [{ node }, 1]),
  );
  gauge(
    mirrors,
    "herald_speaker_reports_waiting",
    "Statuses and Events that wait to be written",
    ["kind"],
    () => {
      const { statuses, events } = sources.waiting();
      return [[{ kind: "status" }, statuses], [{ kind: "event" }, events]];
    },
  );
  gauge(
    mirrors,
    "herald_speaker_node_name_taken",
    "1 when another speaker has this node's name",
    [],
    () => [[{}, sources.rival() ? 1 : 0]],
  );
  gauge(
    mirrors,
    "metallb_k8s_client_config_loaded_bool",
    "1 when a configuration is in force",
    [],
    () => [[{}, sources.config().loaded ? 1 : 0]],
  );
  gauge(
    mirrors,
    "metallb_k8s_client_config_stale_bool",
    "1 when the newest configuration is invalid and an older one in force",
    [],
    () => [[{}, sources.config().stale ? 1 : 0]],
  );
  return {
    forget: () => mirrors.reset(),
    leaseRenewals: new Counter({
      name: "herald_speaker_lease_renewals_total",
      help: "Renewals of this speaker's Lease",
      labelNames: ["result"],
      registers: [registry],
    }),
    kubeProxyAnswers: new Counter({
      name: "herald_speaker_kube_proxy_answers_total",
      help: "What kube-proxy said when it was asked whether this node forwards",
      labelNames: ["finding"],
      registers: [registry],
    }),
    statusWrites: new Counter({
      name: "herald_speaker_status_writes_total",
      help: "Writes of ServiceL2Status objects",
      labelNames: ["result"],
      registers: [registry],
    }),
    eventsDropped: new Counter({
      name: "herald_speaker_events_dropped_total",
      help: "Events that were given up",
      registers: [registry],
    }),
    updates: new Counter({
      name: "metallb_k8s_client_updates_total",
      help: "Objects that arrived from the API",
      registers: [registry],
    }),
    updateErrors: new Counter({
      name: "metallb_k8s_client_update_errors_total",
      help: "Updates that left an invalid configuration",
      registers: [registry],
    }),
    reconciles: new Histogram({
      name: "herald_speaker_reconcile_duration_seconds",
      help: "Time to decide over what changed and to publish it",
      buckets: RECONCILES,
      registers: [registry],
    }),
  };
}
