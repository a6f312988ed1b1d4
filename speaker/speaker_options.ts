/** How the speaker runs, and what it works with. */
import type { ClassFilter } from "../mod/config/mod.ts";
import type { KubeClient } from "../mod/kube/mod.ts";
import type { Registry } from "../mod/telemetry/mod.ts";
import type { Clock } from "../mod/time/mod.ts";
import type { Ask } from "./forwarding_watch.ts";
import type { InterfaceScanner, ScanOptions } from "./interfaces.ts";
import type {
  ClaimingMembers,
  ClaimingWorker,
} from "./members/claims_keeper.ts";
import type { GossipMembers } from "./members/gossip_members.ts";
import type { PacketWorker } from "./packet/packet_worker.ts";

/** How the speaker runs. */
export interface SpeakerOptions {
  readonly node: string;
  readonly namespace: string;
  /** Name of the own Pod; undefined when it is not known. */
  readonly podName?: string | undefined;
  /** Its UID; undefined = the API is asked. */
  readonly podUid?: string | undefined;
  /** Time between renewals of the own Lease, in ms. */
  readonly leaseRenewMs: number;
  /** A Lease unchanged for this long is dead, in ms. */
  readonly leaseDurationMs: number;
  /** Which `spec.loadBalancerClass` is ours. */
  readonly classes: ClassFilter;
  readonly ignoreExcludeLB: boolean;
  readonly membership: MemberOptions;
  /** Regular expressions of interfaces that are never used. */
  readonly excludeInterfaces: readonly string[] | undefined;
}

/** How this node deals with the other members. */
export interface MemberOptions {
  /** UDP port of heartbeats. */
  readonly heartbeatPort: number;
  /** Milliseconds until a returned node gets its addresses back; `Infinity` = never. */
  readonly failbackDelay: number;
}

/** What the speaker works with. */
export interface SpeakerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  /** Makes the first scan of the interfaces, and follows them. */
  readonly scan: (options: ScanOptions) => ScannedInterfaces;
  readonly worker: SpeakerWorker;
  /** Where the metrics are registered. */
  readonly registry: Registry;
  /** The other members; `undefined` = Leases alone tell who is alive. */
  readonly members?: SpeakerMembers;
  /** Asks kube-proxy whether this node forwards; `undefined` = it is taken to. */
  readonly askKubeProxy?: Ask;
}

/** What the speaker takes of the interfaces. */
export type ScannedInterfaces = Pick<InterfaceScanner, "close" | "survey">;

/** What the speaker takes of the packet worker. */
export type SpeakerWorker =
  & ClaimingWorker
  & Pick<
    PacketWorker,
    | "addressCounters"
    | "applied"
    | "beatCounters"
    | "beatLateness"
    | "claimCounts"
    | "counters"
    | "ended"
    | "health"
    | "publish"
    | "stop"
  >;

/** What the speaker takes of the other members. */
export type SpeakerMembers =
  & ClaimingMembers
  & Pick<
    GossipMembers,
    | "drops"
    | "fileProblems"
    | "fingerprints"
    | "healthScore"
    | "nodesChanged"
    | "run"
    | "tellInterfaces"
  >;
