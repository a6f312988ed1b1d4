import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import { manifestFlags } from "../engine_flags.ts";
import type { Asking, PacketLab, Responder } from "./packet_lab.ts";

const MANY = 10_000;
/** Enough that everything has been compiled for the last time. */
const WARM_UP = 200_000;
/** One at a time and many at a time: both ways through the loop. */
const ASKED: readonly Asking[] = [
  { protocol: "arp", addresses: MANY, requests: 400_000, inFlight: 64 },
  { protocol: "arp", addresses: MANY, requests: 300_000 },
  { protocol: "ndp", requests: 300_000 },
];

/** One line of --trace-gc: process, engine, kind of collection. */
const COLLECTION = /^\[\d+:(0x[0-9a-f]+)\].*(Scavenge|Mark-Compact)/;

/** Collections of the packet worker's engine over a million answers. */
export const GARBAGE: Figure = {
  name: "garbage",
  title: "Garbage collections over 10⁶ answers",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    const v8Flags = [...manifestFlags(), "--trace-gc", "--expose-gc"];
    await using speaker = await lab.speaker(MANY, "manifest", { v8Flags });
    const main = mainEngine(speaker);
    for (const asking of ASKED) await speaker.warmUp(asking, WARM_UP);
    const before = collections(speaker, main);
    if (before === 0) {
      throw new Error("Cannot count collections: none is seen at start either");
    }
    let answered = 0;
    for (const asking of ASKED) {
      answered += (await speaker.ask(asking)).answered;
    }
    const value = collections(speaker, main) - before;
    const bound = { what: "collections", limit: 0, value };
    return [rowOf("packet worker", { answered, atStart: before }, bound)];
  },
};

/** The engine that was told to collect just before it got ready: the main thread's. */
function mainEngine(speaker: Responder): string {
  const start = speaker.output.slice(0, speaker.output.indexOf("ready"));
  const forced = engines(start, "Mark-Compact").at(-1);
  if (forced !== undefined) return forced;
  throw new Error(
    "Cannot tell the engines apart: no forced collection is seen",
  );
}

function collections(speaker: Responder, main: string): number {
  return engines(speaker.output).filter((engine) => engine !== main).length;
}

/** The engine of every collection in a trace, those of one kind or all. */
function engines(trace: string, kind?: string): string[] {
  return trace.split("\n").flatMap((line) => {
    const [, engine, found] = COLLECTION.exec(line) ?? [];
    const isWanted = kind === undefined || found === kind;
    return engine !== undefined && isWanted ? [engine] : [];
  });
}
