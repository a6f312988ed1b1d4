import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import {
  BUNDLED,
  FROM_SOURCE,
  SpeakerLab,
  type Variant,
} from "./speaker_lab.ts";

const SERVICES = 1000;
const RELISTS = 3;
/** Time between lists, in ms. */
const PAUSE_MS = 1500;
/** Time for collections after the last list, in ms. */
const SETTLING_MS = 6000;
const LIMITS: readonly (readonly [Variant, number])[] = [
  [BUNDLED, 90],
  [FROM_SOURCE, 150],
];

/** Resident memory of a speaker that owns many addresses, after relists. */
export const MEMORY: Figure = {
  name: "memory",
  title: `RSS of a speaker with ${SERVICES} Services after a relist, MB`,
  async run(): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const [variant, limit] of LIMITS) {
      const { before, value } = await measure(variant);
      const bound = { value, limit, what: "MB" };
      rows.push(
        rowOf(variant.name, { listed: before, relisted: value }, bound),
      );
    }
    return rows;
  },
};

async function measure(
  variant: Variant,
): Promise<{ readonly before: number; readonly value: number }> {
  await using lab = await SpeakerLab.make();
  for (let i = 0; i < SERVICES; i++) {
    const ip = `198.18.${i >> 8}.${i & 0xff}`;
    await lab.cluster.applyServed(`service-${i}`, ip, "node-a");
  }
  await using speaker = lab.speaker(variant);
  await speaker.until("/readyz", ({ status }) => status === 200);
  // Prometheus has been there too.
  await ownsAll(speaker);
  await pause(PAUSE_MS);
  const before = await speaker.residentMegabytes();
  for (let i = 0; i < RELISTS; i++) {
    lab.cluster.expireWatches();
    await pause(PAUSE_MS);
  }
  await pause(SETTLING_MS);
  const value = await speaker.residentMegabytes();
  await ownsAll(speaker);
  return { before, value };
}

async function ownsAll(
  speaker: { get(path: string): Promise<{ readonly text: string }> },
): Promise<void> {
  const { text } = await speaker.get("/metrics");
  const owned = text.match(/^metallb_speaker_announced\{/gm)?.length ?? 0;
  if (owned === SERVICES) return;
  throw new Error(`The speaker owns ${owned} of ${SERVICES} addresses`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
