import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import type { Asking, PacketLab, Responder } from "./packet_lab.ts";

const ARP: Asking = { protocol: "arp", requests: 100_000, inFlight: 64 };
const NDP: Asking = { ...ARP, protocol: "ndp" };

/** Requests lost with many in flight. */
export const IN_FLIGHT: Figure = {
  name: "in-flight",
  title: "100,000 requests, 64 in flight, one core",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    await using c = await lab.cResponder();
    await using speaker = await lab.speaker(1);
    await using raised = await lab.speaker(1, "realTime");
    const reference = await c.ask(ARP);
    return [
      rowOf("C responder", { rate: reference.rate }),
      await measure("packet worker, ARP", speaker, ARP),
      await measure("packet worker, NDP", speaker, NDP),
      await measure("… ARP with CAP_SYS_NICE", raised, ARP),
    ];
  },
};

async function measure(
  name: string,
  responder: Responder,
  asking: Asking,
): Promise<Row> {
  const { requests, answered, rate } = await responder.ask(asking);
  const bound = { what: "lost", limit: 0, value: requests - answered };
  return rowOf(name, { rate }, bound);
}
