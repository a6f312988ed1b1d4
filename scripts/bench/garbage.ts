import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import type { Asking, PacketLab, Responder } from "./packet_lab.ts";

const MANY = 10_000;
/** One at a time and many at a time: both ways through the loop. */
const ASKED: readonly Asking[] = [
  { protocol: "arp", addresses: MANY, requests: 400_000, inFlight: 64 },
  { protocol: "arp", addresses: MANY, requests: 300_000 },
  { protocol: "ndp", requests: 300_000 },
];

/** Collections of the packet worker's engine over a million answers. */
export const GARBAGE: Figure = {
  name: "garbage",
  title: "Garbage collections over 10⁶ answers",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    await using speaker = await lab.speaker(MANY, "manifest", ["--trace-gc"]);
    for (const asking of ASKED) await speaker.warmUp(asking);
    const before = collections(speaker);
    if (before === 0) {
      throw new Error("Cannot count collections: none is seen at start either");
    }
    let answered = 0;
    for (const asking of ASKED) {
      answered += (await speaker.ask(asking)).answered;
    }
    const value = collections(speaker) - before;
    const bound = { what: "collections", limit: 0, value };
    return [rowOf("packet worker", { answered, warmUp: before }, bound)];
  },
};

/** All of the process's; its main thread does nothing meanwhile. */
function collections(speaker: Responder): number {
  return speaker.output.split("\n")
    .filter((line) => /Scavenge|Mark-Compact/.test(line)).length;
}
