import { assertEquals, assertStringIncludes } from "@std/assert";
import { ManualClock } from "../tests/manual_clock.ts";
import { link } from "../tests/desired_states.ts";
import type { DesiredState, InterfaceSurvey } from "../mod/layer2/mod.ts";
import { formatIp, parseIp } from "../mod/net/mod.ts";
import { startLogging, stopLogging } from "../mod/telemetry/mod.ts";
import { wholePublication } from "../tests/publications.ts";
import type { Outcome } from "./outcomes.ts";
import { Publishing, type PublishingOptions } from "./publishing.ts";

const SURROUNDINGS = {
  interfaces: [],
  addresses: [],
  membership: {
    self: 1,
    ownMacs: [],
    keys: [],
    port: 7473,
    peers: [],
    bystanders: [],
    groups: [],
  },
} as const;

/** Counts what is published. */
class Rig {
  readonly published: DesiredState[] = [];
  readonly decisions = { all: new Map<string, Outcome>(), version: 0 };
  survey: InterfaceSurvey = { decisions: [], desired: [], changes: [] };
  port = 7473;
  readonly clock = new ManualClock();
  /** How long a publication takes, in ms. */
  takes = 0;
  late = 0;
  /** Members for which the packet worker has no room. */
  refusedPeers: readonly number[] = [];
  readonly publishing: Publishing;

  constructor({ hasClaims }: { readonly hasClaims: boolean }) {
    const claims: PublishingOptions["claims"] = {
      surroundings: (interfaces) => ({
        ...SURROUNDINGS,
        interfaces,
        membership: { ...SURROUNDINGS.membership, port: this.port },
      }),
      desired: (_outcomes, surroundings) => surroundings,
    };
    this.publishing = new Publishing({
      clock: {
        now: () => this.clock.now() + this.takes * this.published.length,
        sleep: (ms, signal) => this.clock.sleep(ms, signal),
      },
      signal: new AbortController().signal,
      onLate: () => this.late++,
      worker: {
        publish: (desired) => {
          this.published.push(desired);
          const { refusedPeers } = this;
          return { ...wholePublication(this.published.length), refusedPeers };
        },
      },
      decisions: this.decisions,
      claims: hasClaims ? claims : undefined,
      survey: () => this.survey,
    });
  }

  /** How often it was published, after this change. */
  after(change: () => void): number {
    change();
    this.publishing.publish();
    return this.published.length;
  }
}

Deno.test("Publishing tells what is another state, once", {
  permissions: "none",
}, () => {
  const rig = new Rig({ hasClaims: true });
  assertEquals(rig.after(() => {}), 1);
  assertEquals(rig.after(() => {}), 1, "nothing changed");
  assertEquals(rig.after(() => rig.decisions.version++), 2, "a Service");
  assertEquals(rig.after(() => rig.port = 7474), 3, "the membership");
  const survey = { ...rig.survey, desired: [link(2)] };
  assertEquals(rig.after(() => rig.survey = survey), 4, "an interface");
  assertEquals(rig.after(() => rig.survey = { ...survey }), 4);
  assertEquals(rig.publishing.generation, 4);
});

Deno.test(
  "Publishing tells the addresses that are owned, where nobody claims",
  {
    permissions: "none",
  },
  () => {
    const rig = new Rig({ hasClaims: false });
    const ips = [parseIp("192.168.1.240")];
    rig.decisions.all.set("default/web", {
      announced: [{ ips, interfaces: "all" }],
      complaint: undefined,
      watched: [],
    });
    assertEquals(rig.after(() => {}), 1);
    const [state] = rig.published;
    assertEquals(state?.addresses.map(({ ip }) => formatIp(ip)), [
      "192.168.1.240",
    ]);
    assertEquals(state?.membership, undefined);
  },
);

Deno.test("Publishing spends a quarter of the time at most", {
  permissions: "none",
}, async () => {
  const rig = new Rig({ hasClaims: true });
  rig.takes = 20;
  assertEquals(rig.after(() => {}), 1, "the first goes at once");
  const change = (): number => rig.after(() => rig.decisions.version++);
  assertEquals([change(), change()], [1, 1], "it took 20 ms: 60 ms of rest");
  assertEquals(rig.publishing.isWaiting, true);
  await rig.clock.advance(59);
  assertEquals([rig.published.length, rig.late], [1, 0]);
  await rig.clock.advance(1);
  assertEquals([rig.published.length, rig.late], [2, 1], "both in one");
  assertEquals(rig.publishing.isWaiting, false);
  await rig.clock.advance(60);
  assertEquals(change(), 3);
});

Deno.test("Publishing says for how many members there is no room", async () => {
  let log = "";
  await startLogging("info", (line) => log += line);
  try {
    const rig = new Rig({ hasClaims: true });
    rig.refusedPeers = [7, 8];
    rig.after(() => {});
  } finally {
    await stopLogging();
  }
  assertStringIncludes(JSON.parse(log).message, "No room for 2 members");
});
