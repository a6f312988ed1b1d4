/** What speakers cost while nothing happens. */
import { learnStations } from "../../lab/network_driver.ts";
import { run } from "../../lab/process.ts";
import { pause } from "../../lab/waiting.ts";
import type { World } from "./world.ts";

/** After a start: announcements, statuses, hand-backs, and machine code for what is called 2,000 times, ten times a second and less. In ms. */
const SETTLING_MS = 300_000;
/** How long is measured, in ms: ticks of 10 ms are a few per cent of it. */
const MEASURED_MS = 60_000;
/** Ticks of the kernel's accounting in a second, on every machine of today. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far. */
interface Usage {
  /** Processor time, in ms. */
  readonly cpuMs: number;
  readonly residentMb: number;
}

async function usageOf(pid: number): Promise<Usage> {
  const stat = await run(["cat", `/proc/${pid}/stat`]);
  // The name, in brackets, may hold anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = await run(["grep", "VmRSS", `/proc/${pid}/status`]);
  return {
    cpuMs: ticks * 1000 / TICKS_PER_SECOND,
    residentMb: Number(/\d+/.exec(status)?.[0]) / 1024,
  };
}

/** Processor time and memory of the speakers, of which each owns a third of the addresses. */
export async function idle(
  { lab }: World,
): Promise<Readonly<Record<string, number>>> {
  // What others are sent is not this node's work, but here its sender pays for it.
  await learnStations();
  await pause(SETTLING_MS);
  const pids = lab.nodes.flatMap(({ speaker }) => speaker?.pid ?? []);
  const before = await Promise.all(pids.map(usageOf));
  const begun = performance.now();
  await pause(MEASURED_MS);
  const after = await Promise.all(pids.map(usageOf));
  const elapsed = performance.now() - begun;
  const shares = after.map(({ cpuMs }, i) =>
    (cpuMs - (before[i]?.cpuMs ?? NaN)) * 100 / elapsed
  );
  return {
    cpuPercent: Math.max(...shares),
    residentMb: Math.max(...after.map(({ residentMb }) => residentMb)),
  };
}
