import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import { interleave } from "./interleave.ts";
import type { PacketLab } from "./packet_lab.ts";

const REQUESTS = 30_000;
const BOUND = 1.5;

/** Neighbor Solicitation to Advertisement, both ends on one core, against our own ARP. */
export const NDP_LATENCY: Figure = {
  name: "ndp",
  title: "NS → NA, one core, µs",
  async run(lab: PacketLab): Promise<readonly Row[]> {
    await using speaker = await lab.speaker(1);
    await speaker.warmUp({ protocol: "arp" });
    await speaker.warmUp({ protocol: "ndp" });
    const [arp, ndp] = await interleave([
      {
        name: "ARP",
        responder: speaker,
        asking: { protocol: "arp", requests: REQUESTS },
      },
      {
        name: "NDP",
        responder: speaker,
        asking: { protocol: "ndp", requests: REQUESTS },
      },
    ]);
    const value = (ndp?.["p50"] ?? NaN) / (arp?.["p50"] ?? NaN);
    const bound = { limit: BOUND, what: "p50 / ARP", value };
    return [rowOf("ARP", arp), rowOf("NDP", ndp, bound)];
  },
};
