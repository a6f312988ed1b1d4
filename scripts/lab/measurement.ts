/** What the client loses while something happens to an address. */
import { suspects } from "./facts.ts";
import type { Lab } from "./lab.ts";
import { measureOutage, type Outage } from "./probes.ts";
import { SERVICE_ECHO_PORT, SERVICE_HTTP_PORT } from "./topology.ts";
import { until } from "./waiting.ts";

/** Answers that make the start and the end of a measurement. */
const STEADY_PROBES = 60;
/** An address that is silent for longer is lost. */
const SILENCE_LIMIT_MS = 15_000;

/** How to probe. */
export interface ProbeSettings {
  /** The address. */
  readonly ip: string;
  /** One flow of datagrams, or a new connection for each probe. */
  readonly by: "datagrams" | "connections";
  /** Time between two probes, in milliseconds. */
  readonly everyMs: number;
}

/** Probes that the client sends until they are stopped. */
export interface Measurement {
  /** Waits until so many more are answered that the address works again. */
  steady(): Promise<void>;
  /** Ends it and says what was lost. */
  stop(): Promise<Outage>;
}

async function answered(lab: Lab, count: number): Promise<void> {
  const { answered: before } = await lab.client.ask<"probeCount">({
    kind: "probeCount",
  });
  await until({
    what: "the client's probes are answered",
    timeoutMs: SILENCE_LIMIT_MS,
    suspects: suspects(lab),
    look: async () => {
      const now = await lab.client.ask<"probeCount">({ kind: "probeCount" });
      return now.answered >= before + count ||
        `${now.answered} of ${now.sent} so far`;
    },
  });
}

/**
 * Makes the client probe an address, one at a time, and waits until it is
 * answered steadily.
 *
 * @param lab The lab.
 * @param settings What to probe, and how.
 * @returns The probes under way.
 */
export async function startProbes(
  lab: Lab,
  { ip, by, everyMs }: ProbeSettings,
): Promise<Measurement> {
  const port = by === "datagrams" ? SERVICE_ECHO_PORT : SERVICE_HTTP_PORT;
  const request = { kind: "startProbes", by, host: ip, port, everyMs } as const;
  await lab.client.ask<"startProbes">(request);
  const steady = () => answered(lab, STEADY_PROBES);
  await steady();
  return {
    steady,
    stop: async () => {
      const { probes } = await lab.client.ask<"stopProbes">({
        kind: "stopProbes",
      });
      return measureOutage(probes);
    },
  };
}
