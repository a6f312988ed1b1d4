import { assert, assertEquals } from "@std/assert";
import { GAUGE } from "../../mod/layer2/mod.ts";
import { parseIp } from "../../mod/net/mod.ts";
import { readClaimEvents } from "../../speaker/packet/claim_events.ts";
import { privilegedTests } from "../privileges.ts";
import { HeartbeatPair } from "./heartbeat_pair.ts";

const GROUP = [parseIp("192.0.2.100"), parseIp("2001:db8::100")];

/** Milliseconds of the nodes' clocks between two rounds. */
const STEP = 10;

/** Two members with a group, whose clocks go on together; near was there first. */
class Duel extends HeartbeatPair {
  readonly told: string[] = [];

  constructor() {
    super();
    this.near.publish({ group: GROUP });
    this.far.publish({ group: GROUP });
    this.near.enter("member");
    this.pass(1000);
    this.far.enter("member");
    this.pass(1000);
  }

  /** Lets so many ms pass for nodes that run. */
  pass(ms: number, running = [this.near, this.far]): void {
    for (let left = ms; left > 0; left -= STEP) {
      for (const node of running) this.told.push(...node.run(STEP));
    }
  }

  get owners(): string {
    return [this.near.owns ? "near" : "", this.far.owns ? "far" : ""].join("");
  }
}

privilegedTests(import.meta.url, (test) => {
  test("of two members the first candidate takes a group", () => {
    using duel = new Duel();
    assertEquals(duel.owners, "near");
  });

  test("the standby takes over from a dead owner within 400 ms", () => {
    using duel = new Duel();
    assertEquals(duel.owners, "near");
    // Its last beat may be an interval old by now.
    duel.pass(180, [duel.far]);
    assertEquals(duel.far.owns, false);
    duel.pass(220, [duel.far]);
    assert(duel.far.owns);
  });

  test("both show after how long a silent one is lost", () => {
    using duel = new Duel();
    for (const { rounds: { memory: { gauges } } } of [duel.near, duel.far]) {
      assertEquals(gauges[GAUGE.detectionTime], 300);
      assertEquals(gauges[GAUGE.beatInterval], 100);
      assertEquals(gauges[GAUGE.partners], 1);
    }
  });

  test("an owner that stood still falls silent at once, and the other stays", () => {
    using duel = new Duel();
    duel.pass(1000, [duel.far]);
    assertEquals(duel.owners, "nearfar");
    duel.near.run(1000);
    assertEquals(duel.owners, "far");
    duel.pass(1000);
    assertEquals(duel.owners, "far");
  });

  test("nobody is lost whose beats may wait behind others", () => {
    using duel = new Duel();
    const { near, far } = duel;
    const { sent } = far.counters;
    while (far.counters.sent === sent) duel.pass(STEP);
    // More than a round takes; of an incarnation that is over.
    for (let i = 0; i < 4 * 64; i++) near.send({ incarnation: 1 });
    duel.pass(290, [near]);
    far.run(290);
    duel.pass(1000);
    const counts = readClaimEvents(far.rounds.memory.claimEvents);
    const events = counts.map(({ event }) => event);
    assertEquals(events.includes("lostPeerLives"), false);
    assertEquals(duel.owners, "near");
  });

  test("a flood of old beats keeps nobody from taking over", () => {
    using duel = new Duel();
    const { near, far } = duel;
    assertEquals(duel.owners, "near");
    for (let left = 500; left > 0; left -= STEP) {
      for (let i = 0; i < 70; i++) near.send({ incarnation: 1 });
      duel.pass(STEP, [far]);
    }
    assert(far.owns);
  });

  test("an owner whose carrier comes back asks before it announces", () => {
    using duel = new Duel();
    duel.pass(6000);
    const { announced } = duel.near;
    assert(announced > 0);
    duel.near.publish({ group: GROUP, epoch: 1 });
    duel.pass(240);
    assertEquals(duel.near.announced, announced);
    duel.pass(20);
    assert(duel.near.announced > announced);
  });

  test("a refresh is one frame, and the first announcements are two each", () => {
    using duel = new Duel();
    const { near } = duel;
    duel.pass(6000);
    assertEquals(near.announced, 5 * 2);
    // The first comes after 45 to 75 s, the second at least 45 s later.
    for (let seconds = 0; seconds < 78; seconds++) {
      for (const node of [near, duel.far]) node.showLife();
      duel.pass(1000);
    }
    assertEquals(near.announced, 5 * 2 + 1);
  });

  test("an owner that ends hands over, and is never missed", () => {
    using duel = new Duel();
    duel.near.enter("exiting");
    for (let i = 0; i < 100 && duel.owners !== "far"; i++) {
      duel.pass(STEP);
      assert(duel.owners !== "", "nobody answers");
    }
    assertEquals(duel.owners, "far");
  });
});
