/** The driver of the membership machine, on loopback addresses. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Endpoint,
  LOCAL,
  type Member,
  type MemberChange,
  type SwimSettings,
} from "../../mod/swim/mod.ts";
import { type Clock, SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import {
  Gossip,
  type GossipDrop,
  MAX_ACCEPTED_STREAMS,
} from "../../speaker/swim/mod.ts";
import { fromHex } from "../bytes.ts";
import { ManualClock } from "../manual_clock.ts";
import type { SlowPeer } from "./slow_peer.ts";

function at(ip: string, port = 7946): Endpoint {
  return { ip, port };
}

const QUICK = { ...LOCAL, gossipInterval: 20 };
/** Nobody is probed: on a busy machine an answer may be late. */
const CALM = { ...QUICK, probeInterval: 3_600_000 };

/** How a member differs from a quick one on the machine's clock. */
interface Changes {
  readonly clock?: Clock;
  readonly settings?: SwimSettings;
}

/** A member, and what it reported. */
class Watched implements AsyncDisposable {
  readonly changes: string[] = [];
  readonly drops: GossipDrop[] = [];
  readonly #waiters = new Set<() => void>();
  #gossip: Gossip | undefined;

  static async start(
    name: string,
    bind: Endpoint,
    { clock = SYSTEM_CLOCK, settings = QUICK }: Changes = {},
  ): Promise<Watched> {
    const watched = new Watched();
    watched.#gossip = await Gossip.start({
      name,
      bind,
      meta: new Uint8Array(),
      settings,
      clock,
    }, {
      onChange: (change, member) => watched.#note(change, member),
      onDrop: (reason) => {
        watched.drops.push(reason);
        watched.#wake();
      },
    });
    return watched;
  }

  get gossip(): Gossip {
    if (this.#gossip === undefined) throw new Error("It has not started");
    return this.#gossip;
  }

  #note({ kind, reason }: MemberChange, { name }: Member): void {
    this.changes.push(`${kind} ${name}: ${reason}`);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  /** Waits until something that it reports makes the condition true. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = (): void => {
      if (condition()) resolve();
    };
    this.#waiters.add(waiter);
    await promise;
    this.#waiters.delete(waiter);
  }

  /** Waits until it has reported that change. */
  async sees(change: string): Promise<void> {
    await this.until(() => this.changes.includes(change));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gossip?.close();
  }
}

Deno.test.each([
  { family: "IPv4", first: at("127.78.0.1"), second: at("127.78.0.2") },
  { family: "IPv6", first: at("::1"), second: at("::1", 7947) },
])("two members meet, update and part over $family", async (row) => {
  await using a = await Watched.start("a", row.first, { settings: CALM });
  await using b = await Watched.start("b", row.second, { settings: CALM });
  const to = row.first;
  assertEquals(await b.gossip.join([to]), [{ to, outcome: "joined" }]);
  await a.sees("joined b: new");
  await b.sees("joined a: new");
  a.gossip.updateMeta(fromHex("01"));
  await b.sees("updated a: newMeta");
  assertEquals(await a.gossip.leave(60_000), "spread");
  await b.sees("left a: goodbye");
  assertEquals(
    b.gossip.members.map(({ name, state }) => `${name} ${state}`).sort(),
    ["a left", "b alive"],
  );
  assertEquals(a.gossip.healthScore, 0);
});

Deno.test("a taken address is told at once, and leaves nothing open", async () => {
  await using _first = await Watched.start("a", at("127.78.1.1"));
  await assertRejects(
    async () => await Watched.start("b", at("127.78.1.1")),
    Error,
  );
  await assertRejects(
    async () => await Watched.start("c", at("192.0.2.1")),
    Error,
  );
  // UDP is free there, TCP is not.
  using listener = Deno.listen({ hostname: "127.78.1.2", port: 7946 });
  await assertRejects(
    async () => await Watched.start("d", at("127.78.1.2")),
    Error,
  );
  listener.close();
  await using _second = await Watched.start("d", at("127.78.1.2"));
});

/** Somebody who accepts streams and answers nothing, or that. */
async function stranger(
  ip: string,
  answer: (connection: Deno.TcpConn) => Promise<void>,
): Promise<AsyncDisposable & { readonly to: Endpoint }> {
  const listener = Deno.listen({ hostname: ip, port: 7946 });
  const serving = (async () => {
    for await (const connection of listener) {
      await answer(connection).catch(() => {});
      connection.close();
    }
  })();
  return await Promise.resolve({
    to: at(ip),
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await serving;
    },
  });
}

async function untilClosed(connection: Deno.TcpConn): Promise<void> {
  while (await connection.read(new Uint8Array(1000)) !== null);
}

Deno.test("a join that fails says why", async () => {
  const clock = new ManualClock();
  await using a = await Watched.start("a", at("127.78.2.1"), { clock });
  await using silent = await stranger("127.78.2.2", untilClosed);
  await using hasty = await stranger("127.78.2.3", async (connection) => {
    await connection.read(new Uint8Array(1000));
  });
  await using odd = await stranger("127.78.2.4", async (connection) => {
    await connection.write(new TextEncoder().encode("HTTP/1.1 400"));
    await untilClosed(connection);
  });
  const nobody = { to: at("127.78.2.9") };
  const join = async (...members: readonly { readonly to: Endpoint }[]) => {
    const results = await a.gossip.join(members.map(({ to }) => to));
    return results.map((result) =>
      result.outcome === "failed" ? result.reason : result.outcome
    );
  };
  assertEquals(
    await join(nobody, hasty, odd),
    ["unreachable", "closed", "unknownType"],
  );
  const joining = join(silent);
  await clock.advance(QUICK.streamTimeout);
  assertEquals(await joining, ["timedOut"]);
});

Deno.test("closing ends what is under way", async () => {
  const a = await Watched.start("a", at("127.78.3.1"));
  await using silent = await stranger("127.78.3.2", untilClosed);
  const joining = a.gossip.join([silent.to]);
  await a.gossip.close();
  await a.gossip.close();
  const [result] = await joining;
  assert(result?.outcome === "failed");
  assertEquals(result.reason, "closed");
  assertEquals(await a.gossip.leave(1000), "closed");
});

Deno.test("streams that say nothing are few, and end with their time", async () => {
  const clock = new ManualClock();
  await using a = await Watched.start("a", at("127.78.4.1"), { clock });
  const hostname = "127.78.4.1";
  const connections: Deno.TcpConn[] = [];
  for (let count = 0; count <= MAX_ACCEPTED_STREAMS; count++) {
    connections.push(await Deno.connect({ hostname, port: 7946 }));
  }
  await a.until(() => a.drops.length > 0);
  assertEquals(a.drops, ["tooManyStreams"]);
  await clock.advance(QUICK.streamTimeout);
  await a.until(() => a.drops.length > MAX_ACCEPTED_STREAMS);
  assertEquals(
    a.drops.slice(1),
    Array<GossipDrop>(MAX_ACCEPTED_STREAMS).fill("timedOut"),
  );
  for (const connection of connections) connection.close();
  await using b = await Watched.start("b", at("127.78.4.2"), { clock });
  const [result] = await b.gossip.join([at(hostname)]);
  assertEquals(result?.outcome, "joined");
});

Deno.test("what comes is counted by its reason", async () => {
  const clock = new ManualClock();
  await using a = await Watched.start("a", at("127.78.5.1"), { clock });
  const hostname = "127.78.5.1";
  using connection = await Deno.connect({ hostname, port: 7946 });
  await connection.write(Uint8Array.of(0x47, 0x45, 0x54));
  await a.until(() => a.drops.includes("unknownType"));
  const { createSocket } = await import("node:dgram");
  const socket = createSocket("udp4");
  socket.send(Uint8Array.of(99), 7946, hostname);
  await a.until(() => a.drops.length > 1);
  assertEquals(a.drops, ["unknownType", "unknownType"]);
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.close(() => resolve());
  await promise;
  assert(a.changes.length === 0);
});

/** Time enough for a peer that gets no processor for a second or two. */
const PATIENT = { ...QUICK, probeInterval: 3000 };

/** Keeps this thread from doing anything, and until the peer has answered: that may get no processor for long. */
function standStill(ms: number, answered: Int32Array): void {
  const end = performance.now() + ms;
  while (performance.now() < end || Atomics.load(answered, 0) === 0);
}

Deno.test("an answer that came while it stood still counts", async () => {
  await using a = await Watched.start("a", at("127.78.6.1"), {
    settings: PATIENT,
  });
  const worker = new Worker(new URL("slow_peer.ts", import.meta.url), {
    type: "module",
  });
  const { promise: stood, resolve } = Promise.withResolvers<void>();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  worker.onmessage = ({ data }): void => {
    if (data !== "asked") return;
    worker.onmessage = null;
    // In a timer's turn, so that the next timers may come before the packets.
    // The answer comes in the middle, the deadline of the probe passes.
    setTimeout(() => {
      standStill(1.2 * PATIENT.probeInterval, answered);
      resolve();
    }, 0);
  };
  const peer: SlowPeer = {
    ip: "127.78.6.2",
    address: [127, 78, 6, 2],
    asker: "127.78.6.1",
    delay: PATIENT.probeTimeout / 2,
    answered,
  };
  worker.postMessage(peer);
  await stood;
  // The probe that was under way is over when the next one is asked.
  const { promise: again, resolve: done } = Promise.withResolvers<void>();
  worker.onmessage = ({ data }): void => {
    if (data === "asked") done();
  };
  await again;
  worker.terminate();
  assertEquals(a.changes, ["joined slow: new"]);
});
