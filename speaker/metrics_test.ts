import { assertEquals } from "@std/assert";
import { parseIp } from "../mod/net/mod.ts";
import { Registry } from "../mod/telemetry/mod.ts";
import type { AnnouncedAddress } from "./outcomes.ts";
import {
  type MetricSources,
  registerMetrics,
  type SpeakerMetrics,
} from "./metrics.ts";

const IP = parseIp("192.0.2.1");
const WEB: AnnouncedAddress = { service: "default/web", ip: IP };
const API: AnnouncedAddress = { service: "default/api", ip: IP };

/** Metrics over sources that a test may change. */
class World {
  readonly registry = new Registry();
  readonly metrics: SpeakerMetrics;
  announced: readonly AnnouncedAddress[] = [WEB, API];
  members = ["node-a", "node-b"];
  requests = 7;
  config = { loaded: true, stale: false };

  constructor() {
    const worker: MetricSources["worker"] = {
      addressCounters: () => ({
        requestsReceived: this.requests,
        responsesSent: 6,
        gratuitousSent: 5,
      }),
      counters: () => ({
        frames: [{
          name: "eth0",
          protocol: "arp",
          answered: 3,
          dropped: { vlan: 2 },
        }],
        captures: [{
          name: "eth0",
          received: 9,
          droppedByKernel: 1,
          droppedByInterface: 0,
        }],
      }),
      beatCounters: () => new Map([["eth0", { received: 4, badSeal: 1 }]]),
      beatLateness: () =>
        new Map([["eth0", { upTo: [1, 2, 3, 4, 5, 6, 7], sum: 1500 }]]),
      claimCounts: () => [
        { event: "lostPeerLives", reason: "", count: 3 },
        { event: "takeOver", reason: "ownerSilent", count: 2 },
      ],
      health: () => ({
        state: "running",
        rounds: 10,
        silentFor: 100,
        lateness: 4,
        schedulingClass: "nice",
        groups: 2,
        announcements: 1,
        lostEvents: 0,
        detectionTime: 900,
        patience: 1800,
        beatInterval: 300,
        partners: 60,
        owned: 0,
      }),
    };
    this.metrics = registerMetrics(this.registry, {
      node: "node-a",
      worker,
      announced: () => this.announced,
      members: () => this.members,
      rival: () => false,
      forwarding: () => ({ kind: "waits", reason: "noRules" }),
      waiting: () => ({ statuses: 0, events: 0 }),
      config: () => this.config,
      gossip: () => ({
        healthScore: 2,
        drops: new Map([["undecryptable", 3]]),
        fingerprints: { primary: "0a0b0c0d", accepted: ["01020304"] },
        fileProblems: new Map([["settings", "is no JSON"]]),
      }),
    });
  }

  /** The samples of one metric. */
  async scrape(name: string): Promise<string[]> {
    const text = await this.registry.metrics();
    this.metrics.forget();
    return text.split("\n").filter((line) =>
      line.startsWith(`${name}{`) || line.startsWith(`${name} `)
    );
  }
}

const samples: readonly [string, readonly string[]][] = [
  ["metallb_speaker_announced", [
    '{service="default/web",protocol="layer2",node="node-a",ip="192.0.2.1"} 1',
    '{service="default/api",protocol="layer2",node="node-a",ip="192.0.2.1"} 1',
  ]],
  ["metallb_layer2_requests_received", ['{ip="192.0.2.1"} 7']],
  ["metallb_layer2_responses_sent", ['{ip="192.0.2.1"} 6']],
  ["metallb_layer2_gratuitous_sent", ['{ip="192.0.2.1"} 5']],
  ["metallb_k8s_client_updates_total", [" 0"]],
  ["metallb_k8s_client_update_errors_total", [" 0"]],
  ["metallb_k8s_client_config_loaded_bool", [" 1"]],
  ["metallb_k8s_client_config_stale_bool", [" 0"]],
  ["herald_speaker_forwarding_info", ['{state="waits",reason="noRules"} 1']],
  ["herald_speaker_members", ['{node="node-a"} 1', '{node="node-b"} 1']],
  ["herald_layer2_frames_total", [
    '{interface="eth0",protocol="arp",outcome="answered"} 3',
    '{interface="eth0",protocol="arp",outcome="vlan"} 2',
  ]],
  ["herald_capture_frames_total", [
    '{interface="eth0",outcome="received"} 9',
    '{interface="eth0",outcome="droppedByKernel"} 1',
    '{interface="eth0",outcome="droppedByInterface"} 0',
  ]],
  ["herald_packet_worker_lateness_milliseconds", [" 4"]],
  ["herald_packet_worker_beat_interval_milliseconds", [" 300"]],
  ["herald_packet_worker_detection_milliseconds", [" 900"]],
  ["herald_packet_worker_patience_milliseconds", [" 1800"]],
  ["herald_packet_worker_heartbeat_partners", [" 60"]],
  ["herald_heartbeats_total", [
    '{interface="eth0",outcome="received"} 4',
    '{interface="eth0",outcome="badSeal"} 1',
  ]],
  ["herald_heartbeat_lateness_seconds_bucket", [
    '{interface="eth0",le="0.005"} 1',
    '{interface="eth0",le="0.01"} 2',
    '{interface="eth0",le="0.025"} 3',
    '{interface="eth0",le="0.05"} 4',
    '{interface="eth0",le="0.1"} 5',
    '{interface="eth0",le="0.2"} 6',
    '{interface="eth0",le="+Inf"} 7',
  ]],
  ["herald_heartbeat_lateness_seconds_sum", ['{interface="eth0"} 1.5']],
  ["herald_heartbeat_lateness_seconds_count", ['{interface="eth0"} 7']],
  ["herald_claims_total", [
    '{event="lostPeerLives",reason=""} 3',
    '{event="takeOver",reason="ownerSilent"} 2',
  ]],
  ["herald_gossip_drops_total", ['{reason="undecryptable"} 3']],
  ["herald_gossip_health_score", [" 2"]],
  ["herald_member_keys", [
    '{fingerprint="0a0b0c0d",use="sends"} 1',
    '{fingerprint="01020304",use="accepts"} 1',
  ]],
  ["herald_member_files_stale_bool", [
    '{file="secret"} 0',
    '{file="settings"} 1',
  ]],
  ["herald_packet_worker_info", ['{scheduling="nice",state="running"} 1']],
];

for (const [name, expected] of samples) {
  Deno.test(`registerMetrics() offers ${name}`, async () => {
    const lines = await new World().scrape(name);
    assertEquals(lines, expected.map((line) => name + line));
  });
}

Deno.test("registerMetrics() shows the same at every scrape, though it forgets", async () => {
  const world = new World();
  const name = "metallb_layer2_requests_received";
  const first = await world.scrape(name);
  assertEquals(await world.scrape(name), first);
  world.requests = 8;
  assertEquals(await world.scrape(name), [`${name}{ip="192.0.2.1"} 8`]);
});

Deno.test("registerMetrics() answers scrapes that overlap in full", async () => {
  const world = new World();
  const name = "metallb_speaker_announced";
  const all = await Promise.all([1, 2, 3].map(() => world.scrape(name)));
  assertEquals(all.map((lines) => lines.length), [2, 2, 2]);
});

Deno.test("registerMetrics() drops the series of what is no longer announced", async () => {
  const world = new World();
  await world.scrape("metallb_speaker_announced");
  world.announced = [];
  world.members = ["node-a"];
  assertEquals(await world.scrape("metallb_speaker_announced"), []);
  assertEquals(await world.scrape("metallb_layer2_requests_received"), []);
  assertEquals((await world.scrape("herald_speaker_members")).length, 1);
});

Deno.test("registerMetrics() keeps the speaker's own counters over scrapes", async () => {
  const world = new World();
  const name = "herald_speaker_lease_renewals_total";
  world.metrics.leaseRenewals.inc({ result: "ok" });
  world.metrics.updates.inc(3);
  await world.scrape(name);
  world.metrics.leaseRenewals.inc({ result: "ok" });
  assertEquals(await world.scrape(name), [`${name}{result="ok"} 2`]);
  assertEquals(await world.scrape("metallb_k8s_client_updates_total"), [
    "metallb_k8s_client_updates_total 3",
  ]);
});

Deno.test("the lateness of heartbeats is one histogram", {
  permissions: "none",
}, async () => {
  const text = await new World().registry.metrics();
  const lines = text.split("\n").filter((line) => line.includes("lateness_s"));
  assertEquals(lines.slice(0, 2), [
    "# HELP herald_heartbeat_lateness_seconds How much later than one interval after the last the heartbeats of others came",
    "# TYPE herald_heartbeat_lateness_seconds histogram",
  ]);
});
