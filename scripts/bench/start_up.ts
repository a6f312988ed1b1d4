import { rowOf } from "./arp_latency.ts";
import { type Figure, median, type Row } from "./figure.ts";

import {
  BUNDLED,
  FROM_SOURCE,
  SpeakerLab,
  type Variant,
} from "./speaker_lab.ts";

const ROUNDS = 9;
const LIMIT_MS = 600;
const ADDRESS = "192.0.2.1";

/** From the start of the process to the first answer for an address it owns. */
export const START_UP: Figure = {
  name: "start",
  title: "Speaker start → first answer, ms",
  async run(): Promise<readonly Row[]> {
    const times = new Map<Variant, number[]>([[BUNDLED, []], [
      FROM_SOURCE,
      [],
    ]]);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [variant, measured] of times) {
        measured.push(await startOnce(variant));
      }
    }
    return [...times].map(([{ name }, measured]) => {
      const value = median(measured);
      return rowOf(name, { p50: value, max: Math.max(...measured) }, {
        value,
        limit: LIMIT_MS,
        what: "ms",
      });
    });
  },
};

async function startOnce(variant: Variant): Promise<number> {
  await using lab = await SpeakerLab.make();
  await lab.cluster.applyServed("web", ADDRESS, "node-a");
  const begun = performance.now();
  await using _speaker = lab.speaker(variant);
  return await lab.untilAnswered(ADDRESS) - begun;
}
