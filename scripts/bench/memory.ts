import { scrapeOverTls } from "../../tests/roles/https_scrape.ts";
import type { RoleProcess } from "../../tests/roles/role_process.ts";
import { rowOf } from "./arp_latency.ts";
import type { Figure, Row } from "./figure.ts";
import {
  BUNDLED,
  BUNDLED_HTTPS,
  FROM_SOURCE,
  SpeakerLab,
  type Variant,
} from "./speaker_lab.ts";

const SERVICES = 1000;
const RELISTS = 3;
/** Time between lists, in ms. */
const PAUSE_MS = 1500;
/** Time between scrapes, in ms. */
const SCRAPE_MS = 10_000;
/** Time for collections after the last list, in ms: the engine begins after 8 s. */
const SETTLING_MS = 15_000;
const LIMITS: readonly (readonly [Variant, number | undefined])[] = [
  [BUNDLED, 90],
  [BUNDLED_HTTPS, undefined],
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
      rows.push(
        rowOf(
          variant.name,
          { listed: before, relisted: value },
          limit === undefined ? undefined : { value, limit, what: "MB" },
        ),
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
  await hasReported(speaker);
  await scrapesOverTls(speaker, variant);
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

async function ownsAll(speaker: RoleProcess): Promise<void> {
  const { text } = await speaker.get("/metrics");
  const owned = text.match(/^metallb_speaker_announced\{/gm)?.length ?? 0;
  if (owned === SERVICES) return;
  throw new Error(`The speaker owns ${owned} of ${SERVICES} addresses`);
}

/** Waits until a status object is written for every Service, in two calls each. */
async function hasReported(speaker: RoleProcess): Promise<void> {
  const written = `herald_speaker_status_writes_total{result="ok"} ${
    2 * SERVICES
  }`;
  for (;;) {
    const { text } = await speaker.get("/metrics");
    if (text.includes(written)) return;
    // A scrape makes thousands of series: no more of them than Prometheus.
    await pause(SCRAPE_MS);
  }
}

/** Prometheus keeps asking: the first answer does not cost everything. */
async function scrapesOverTls(
  speaker: RoleProcess,
  { metricsPort: port }: Variant,
): Promise<void> {
  if (port === undefined) return;
  await speaker.event(({ metricsPort }) => `${metricsPort}` === port);
  for (let i = 0; i < 5; i++) {
    const { status } = await scrapeOverTls({ host: "127.0.0.1", port }, "any");
    if (status !== 200) throw new Error(`The metrics port answers ${status}`);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
