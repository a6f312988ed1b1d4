import type { Figure, Row } from "./figure.ts";
import { interleave } from "./interleave.ts";
import type { Asking, PacketLab } from "./packet_lab.ts";

const REQUESTS = 30_000;
const MANY = 10_000;
const BOUND_TO_C = 1.25;
const BOUND_TO_ONE = 1.1;

const ONE: Asking = { protocol: "arp", requests: REQUESTS };
const OF_MANY: Asking = { ...ONE, addresses: MANY };

/** ARP request to reply, both ends on one core, against C and the kernel. */
export const ARP_LATENCY: Figure = {
  name: "arp",
  title: "ARP request → reply, one core, µs",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    await using c = await lab.cResponder();
    await using one = await lab.speaker(1);
    await using many = await lab.speaker(MANY);
    await using raised = await lab.speaker(1, "realTime");
    const kernel = lab.kernel();
    for (const speaker of [one, many, raised]) {
      await speaker.warmUp({ protocol: "arp" });
    }
    const contenders = [
      { name: "kernel", responder: kernel, asking: ONE },
      { name: "C responder", responder: c, asking: ONE },
      { name: "packet worker", responder: one, asking: ONE },
      { name: `… owning ${MANY}`, responder: many, asking: OF_MANY },
      { name: "… with CAP_SYS_NICE", responder: raised, asking: ONE },
    ];
    const medians = await interleave(contenders);
    const p50 = (index: number): number => medians[index]?.["p50"] ?? NaN;
    const toC = { limit: BOUND_TO_C, what: "p50 / C" };
    const bounds: Row["bound"][] = [
      undefined,
      undefined,
      { ...toC, value: p50(2) / p50(1) },
      { limit: BOUND_TO_ONE, what: "p50 / one", value: p50(3) / p50(2) },
      { ...toC, value: p50(4) / p50(1) },
    ];
    return contenders.map(({ name }, i) => rowOf(name, medians[i], bounds[i]));
  },
};

/** A row with or without a bound. */
export function rowOf(
  name: string,
  values: Readonly<Record<string, number>> | undefined,
  bound?: Row["bound"],
): Row {
  const known = values ?? {};
  return bound === undefined
    ? { name, values: known }
    : { name, values: known, bound };
}
