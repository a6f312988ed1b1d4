import { rowOf } from "./arp_latency.ts";
import { type Figure, median, type Row } from "./figure.ts";
import type { Asking, PacketLab, Privileges } from "./packet_lab.ts";

const ROUNDS = 9;
const ASKING: Asking = { protocol: "arp", requests: 10_000 };
/** p50 may not change; shared machines are never quite the same twice. */
const P50_LIMIT = 1.25;
/** µs, with SCHED_RR. */
const P999_LIMIT = 1000;

/** ARP while the main thread stalls 300 ms at a time and both cores are busy. */
export const STALL: Figure = {
  name: "stall",
  title:
    "ARP with the main thread stalled and both cores busy, requester at SCHED_RR, µs",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const privileges of ["realTime", "manifest"] as const) {
      rows.push(...await compare(lab, privileges));
    }
    return rows;
  },
};

async function compare(
  lab: PacketLab,
  privileges: Privileges,
): Promise<readonly Row[]> {
  await using calm = await lab.speaker(1, privileges);
  await using stalled = await lab.speaker(1, privileges, { stalls: true });
  for (const one of [calm, stalled]) await one.warmUp({ protocol: "arp" });
  const asking = { ...ASKING, isRealTime: true };
  const measured: Record<
    "calm" | "stalled",
    { p50: number[]; p999: number[] }
  > = {
    calm: { p50: [], p999: [] },
    stalled: { p50: [], p999: [] },
  };
  for (let round = 0; round < ROUNDS; round++) {
    const quiet = await calm.ask(asking);
    using _busy = lab.busyCores();
    const answers = await stalled.ask(asking);
    measured.calm.p50.push(quiet.p50 ?? NaN);
    measured.calm.p999.push(quiet.p999 ?? NaN);
    measured.stalled.p50.push(answers.p50 ?? NaN);
    measured.stalled.p999.push(answers.p999 ?? NaN);
  }
  const of = (who: "calm" | "stalled"): Record<string, number> => ({
    p50: median(measured[who].p50),
    p999: median(measured[who].p999),
  });
  const name = privileges === "realTime" ? "with CAP_SYS_NICE" : "manifest";
  const [quiet, busy] = [of("calm"), of("stalled")];
  const ratio = (busy["p50"] ?? NaN) / (quiet["p50"] ?? NaN);
  const rows = [rowOf(`${name}, calm`, quiet)];
  if (privileges === "manifest") {
    return [...rows, rowOf(`${name}, stalled and busy`, { ...busy, ratio })];
  }
  return [
    ...rows,
    rowOf(`${name}, stalled and busy`, busy, {
      value: ratio,
      limit: P50_LIMIT,
      what: "p50 / calm",
    }),
    rowOf(`${name}, stalled and busy`, busy, {
      value: busy["p999"] ?? NaN,
      limit: P999_LIMIT,
      what: "p99.9",
    }),
  ];
}
