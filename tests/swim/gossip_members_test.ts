/** How a speaker finds the other members, on loopback addresses. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  encodeMessage,
  LAN,
  NO_LABEL,
  openStream,
  sealStream,
} from "../../mod/swim/mod.ts";
import { startLogging, stopLogging } from "../../mod/telemetry/mod.ts";
import { GossipMembers } from "../../speaker/members/gossip_members.ts";
import { MemberFiles } from "../../speaker/members/member_files.ts";
import type { NodePlace } from "../../speaker/members/peers.ts";
import { ManualClock, settle } from "../manual_clock.ts";

const PORT = 7946;
const HERE = "127.88.0.1";
const THERE = "127.88.0.2";
/** Takes connections and is silent, as a dead node is. */
const NOWHERE = "127.88.0.3";
const NODES: readonly NodePlace[] = [
  { name: "node-a", addresses: [HERE, "node-a"] },
  { name: "node-b", addresses: [THERE, "node-b"] },
  { name: "node-c", addresses: [NOWHERE, "node-c"] },
];

/** A speaker's members; time stands still unless it is moved. */
class Finder implements AsyncDisposable {
  readonly clock = new ManualClock();
  nodes: readonly NodePlace[] = NODES;
  readonly #end = new AbortController();
  readonly #waiters = new Set<() => void>();
  #members: GossipMembers | undefined;
  #running: Promise<void> | undefined;

  static async start(node: string, ip: string): Promise<Finder> {
    const finder = new Finder();
    const { clock } = finder;
    const files = await MemberFiles.open({
      secretFolder: undefined,
      settingsFolder: undefined,
      preset: LAN,
      readTextFile: () => Promise.reject(new Error("There are no files")),
      clock,
    });
    finder.#members = await GossipMembers.start({
      node,
      bind: { ip, port: PORT },
      files,
      derivation: "sha256",
      clock,
      nodes: () => finder.nodes,
      dumpNeighbours: () => new Uint8Array(),
      onChange: () => {
        for (const wake of finder.#waiters) wake();
      },
    });
    return finder;
  }

  get members(): GossipMembers {
    assert(this.#members !== undefined);
    return this.#members;
  }

  look(): void {
    this.#running = this.members.run(this.#end.signal);
  }

  async hasLooked(): Promise<void> {
    while (!this.members.hasLooked) {
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** Moves the clock, but not while an answer is waited for: it comes in its own time. */
  async advanceUntil(isReached: () => boolean): Promise<void> {
    await settle();
    const { clock } = this;
    const atRest = clock.sleeping;
    while (!isReached()) {
      await clock.advance(50);
      while (clock.sleeping > atRest) await settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.members.close();
    await this.#running;
  }
}

/** A listener that accepts and never answers. */
function silence(): Deno.TcpListener {
  return Deno.listen({ hostname: NOWHERE, port: PORT });
}

Deno.test("a speaker that has met another need not wait for a dead one", async () => {
  using _ = silence();
  await using other = await Finder.start("node-b", THERE);
  await using finder = await Finder.start("node-a", HERE);
  finder.look();
  await finder.hasLooked();
  assertEquals(finder.members.alive, ["node-a", "node-b"]);
  assertEquals(finder.clock.now(), 0);
  assertEquals(other.members.alive, ["node-a", "node-b"]);
});

Deno.test("a speaker whose others are dead waits for three seconds", async () => {
  using _ = silence();
  await using finder = await Finder.start("node-a", HERE);
  finder.look();
  await finder.clock.advance(2999);
  assertEquals(finder.members.hasLooked, false);
  await finder.clock.advance(1);
  assertEquals(finder.members.hasLooked, true);
});

Deno.test("a speaker has looked for nobody before it knows the nodes", async () => {
  using _ = silence();
  await using finder = await Finder.start("node-a", HERE);
  finder.nodes = [];
  finder.look();
  await finder.clock.advance(100);
  assertEquals(finder.members.hasLooked, false);
  finder.nodes = NODES;
  finder.members.nodesChanged();
  await finder.clock.advance(2999);
  assertEquals(finder.members.hasLooked, false, "the dead are not waited for");
  await finder.clock.advance(1);
  assertEquals(finder.members.hasLooked, true);
});

/** Answers pings over TCP, and takes no packets. */
async function answerStreams(listener: Deno.TcpListener): Promise<void> {
  const security = {
    label: NO_LABEL,
    encryptionVersion: 1,
    verifyIncoming: true,
    verifyOutgoing: true,
    fillRandom: () => {},
  } as const;
  for await (const connection of listener) {
    const chunk = new Uint8Array(4096);
    const count = await connection.read(chunk) ?? 0;
    const opened = openStream(chunk.slice(0, count), security, "request");
    if (opened.kind === "message" && opened.message.kind === "ping") {
      const { sequence } = opened.message;
      const ack = encodeMessage({ kind: "ack", sequence, payload: null });
      const options = { side: "reply", compression: true } as const;
      await connection.write(sealStream(ack, security, options));
    }
    connection.close();
  }
}

Deno.test("a member whose packets are lost is named, once", async () => {
  let log = "";
  await startLogging("warn", (line) => log += line);
  try {
    await using finder = await Finder.start("node-a", HERE);
    await using other = await Finder.start("node-b", THERE);
    finder.nodes = NODES.slice(0, 2);
    finder.look();
    await finder.hasLooked();
    await other.members.close();
    const listener = Deno.listen({ hostname: THERE, port: PORT });
    const answering = answerStreams(listener);
    const lost = () => finder.members.drops.get("packetsLost") ?? 0;
    await finder.advanceUntil(() => lost() >= 3);
    listener.close();
    await answering;
    assertEquals(finder.members.alive, ["node-a", "node-b"]);
  } finally {
    await stopLogging();
  }
  const lines = log.split("\n").filter((line) => line.includes("over UDP"));
  assertEquals(lines.length, 1, log);
  assertStringIncludes(lines[0] ?? "", "node-b");
});
