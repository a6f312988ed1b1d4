/** How a speaker finds the other members, on loopback addresses. */
import { assert, assertEquals } from "@std/assert";
import { LAN } from "../../mod/swim/mod.ts";
import { GossipMembers } from "../../speaker/members/gossip_members.ts";
import { MemberFiles } from "../../speaker/members/member_files.ts";
import type { NodePlace } from "../../speaker/members/peers.ts";
import { ManualClock } from "../manual_clock.ts";

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
