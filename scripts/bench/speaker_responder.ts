/**
 * The packet worker alone, owning a number of addresses: what the bench asks.
 *
 * usage: speaker_responder.ts INTERFACE FIRST-IPV4 FIRST-IPV6 ADDRESSES [stall]
 */
import { dumpLinks, openLibrary } from "../../ffi/mod.ts";
import type { DesiredAddress } from "../../mod/layer2/mod.ts";
import { decodeLinks, type Ip, parseIp } from "../../mod/net/mod.ts";
import { PacketWorker } from "../../speaker/packet/mod.ts";

/** Announcements are not what is measured: they leave at once. */
const PACING = { framesPerSecond: 1e6, burst: 1e5 };
/** How long the main thread is busy at a time when it is to stall, in ms. */
const STALL = 300;
/** Time between two stalls, in ms. */
const STALL_GAP = 20;
/** How often it looks whether they are over, in ms. */
const LOOK_INTERVAL = 50;

function following(first: Ip, count: number): DesiredAddress[] {
  return Array.from({ length: count }, (_, i) => ({
    ip: { family: first.family, value: first.value + BigInt(i) },
    interfaces: "all",
    epoch: 0,
  }));
}

async function main(
  [name = "", firstIpv4 = "", firstIpv6 = "", count = "", stall = ""]:
    readonly string[],
): Promise<void> {
  using library = openLibrary();
  await using worker = await PacketWorker.start({ library, pacing: PACING });
  const links = decodeLinks(dumpLinks(library));
  const link = links.find((one) => one.name === name);
  if (link === undefined || link.mac === null) {
    throw new Error(`Cannot answer on "${name}": no such interface with a MAC`);
  }
  const { index, mac } = link;
  const { generation } = worker.publish({
    interfaces: [{ index, name, mac, arp: true, ndp: true, epoch: 0 }],
    addresses: [
      ...following(parseIp(firstIpv4), Number(count)),
      ...following(parseIp(firstIpv6), 1),
    ],
  });
  await worker.whenApplied(generation);
  await untilQuiet(worker);
  // With --expose-gc: its trace tells which engine is the main thread's.
  (globalThis as { gc?: () => void }).gc?.();
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  if (stall !== "") stallForEver();
  for await (const _ of Deno.stdin.readable);
}

/** Keeps the main thread busy 300 ms at a time, as a large list would. */
function stallForEver(): void {
  const text = JSON.stringify(
    Array.from({ length: 20_000 }, (_, i) => ({ name: `object-${i}`, i })),
  );
  const end = performance.now() + STALL;
  while (performance.now() < end) JSON.parse(text);
  setTimeout(stallForEver, STALL_GAP);
}

async function untilQuiet(worker: PacketWorker): Promise<void> {
  // The figure is refreshed once a second: two different readings are fresh.
  const start = worker.rounds();
  while (worker.rounds() < start + 8 || worker.health().announcements > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}

await main(Deno.args);
