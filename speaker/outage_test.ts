/** The API server is away for an hour, and comes back; and a speaker ends without it. */
import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { DEFAULT_CLAIM_SETTINGS } from "../mod/claims/mod.ts";
import { LEASES } from "../mod/kube/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import { electionOrder } from "../mod/ownership/mod.ts";
import { SpeakerWorld } from "../tests/speaker_world.ts";

const HOUR_MINUTES = 60;
const MINUTE = 60_000;
const NODES = ["node-a", "node-b"];

/** An address of which a node comes first. */
function addressOf(node: string): string {
  for (let host = 1; host < 255; host++) {
    const ip = `192.0.2.${host}`;
    if (electionOrder(NODES, ip)[0] === node) return ip;
  }
  throw new Error(`${node} never comes first`);
}

/** Enough turns for who cannot reach anybody. */
async function fewTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Nobody answers for an hour. */
async function beAway({ cluster, clock }: SpeakerWorld): Promise<void> {
  cluster.setAway(true);
  for (let minute = 0; minute < HOUR_MINUTES; minute++) {
    await clock.advance(MINUTE, fewTurns);
  }
}

function announced({ newest }: SpeakerWorld): readonly string[] {
  return (newest?.addresses ?? []).map(({ ip }) => formatIp(ip));
}

Deno.test("an hour without the API changes nothing that the packet worker does, and neither does its return", async () => {
  const ip = addressOf("node-a");
  await using world = await SpeakerWorld.start("gossip", ip);
  const { worker, clock, cluster } = world;
  await clock.advance(10_000);
  assertEquals(worker.phases, ["member"]);
  assertEquals(announced(world), [ip]);
  assertEquals(world.ready, { ok: true, problems: [] });
  const { length } = worker.published;

  await beAway(world);
  assertEquals(worker.published.length, length);
  assertEquals(worker.phases, ["member"]);
  // Rule 9: all is given away when the main thread is silent.
  assertLess(worker.longestSilence, DEFAULT_CLAIM_SETTINGS.mainSilence / 3);
  const { ok, problems } = world.ready;
  assertEquals(ok, false);
  assertStringIncludes(problems.join("\n"), "services: not followed for 3");

  cluster.setAway(false);
  await clock.advance(MINUTE);
  assertEquals(world.ready, { ok: true, problems: [] });
  assertEquals(worker.published.length, length);
  assertEquals(worker.phases, ["member"]);
});

/** The other speaker renews its Lease, as often as it would. */
class OtherSpeaker {
  readonly #world: SpeakerWorld;
  #renewals = 0;

  constructor(world: SpeakerWorld) {
    this.#world = world;
  }

  async renew(): Promise<void> {
    const { client } = this.#world.cluster;
    const metadata = {
      name: "herald-speaker.node-b",
      namespace: "metallb-system",
    };
    const spec = {
      holderIdentity: "node-b",
      renewTime: this.#world.clock.date().toISOString().replace("Z", "000Z"),
    };
    if (this.#renewals++ > 0) {
      await client.patch(LEASES, metadata, { type: "merge", body: { spec } });
      return;
    }
    const labels = { "herald-lb.io/component": "speaker" };
    await client.create(LEASES, { metadata: { ...metadata, labels }, spec });
  }

  async live(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 2000) {
      await this.renew();
      await this.#world.clock.advance(2000);
    }
  }
}

Deno.test("an hour without the API looks like nobody's death where Leases tell who is alive, and its return neither", async () => {
  const ip = addressOf("node-b");
  await using world = await SpeakerWorld.start("leases", ip);
  const { worker, clock, cluster } = world;
  const other = new OtherSpeaker(world);
  await other.live(10_000);
  assertEquals(announced(world), []);
  const { length } = worker.published;

  await beAway(world);
  assertEquals(worker.published.length, length);

  cluster.setAway(false);
  // The other one takes as long as it may until its next renewal.
  await clock.advance(4000);
  await other.live(20_000);
  assertEquals(worker.published.length, length);

  // What is seen from then on counts.
  await clock.advance(20_000);
  assertEquals(announced(world), [ip]);
});

/** `terminationGracePeriodSeconds` of manifests/base/speaker.yaml, in ms. */
const GRACE = 5000;

Deno.test.each([
  {
    how: "refuses",
    fail: ({ cluster }: SpeakerWorld) => cluster.setAway(true),
  },
  {
    how: "hangs",
    fail: ({ cluster }: SpeakerWorld) => cluster.server.faults.pause(),
  },
])(
  "a speaker that nobody succeeds ends within its Pod's grace while the API $how",
  async ({ fail }) => {
    await using world = await SpeakerWorld.start(
      "gossip",
      addressOf("node-a"),
    );
    await world.clock.advance(10_000);
    fail(world);
    await world.clock.advance(1000);
    assertLess(await world.stop(), GRACE);
    assertEquals(world.worker.phases, ["member", "exiting"]);
  },
);
