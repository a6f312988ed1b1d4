/** Who may read the metrics without TLS: this machine only. */
import { isLoopbackIp, tryParseIp } from "../net/mod.ts";
import type { ScrapeAnswer } from "./gate.ts";

/**
 * Decides over a request without TLS.
 *
 * @param peer Address that it came from.
 * @param httpsPort Where metrics are served over HTTPS; 0 = nowhere.
 */
export function decidePlainScrape(
  peer: string,
  httpsPort: number,
): ScrapeAnswer {
  const ip = tryParseIp(peer);
  if (ip !== undefined && isLoopbackIp(ip)) return { kind: "allow" };
  const elsewhere = httpsPort === 0
    ? "--metrics-port serves them over HTTPS, and is 0"
    : `ask port ${httpsPort} over HTTPS, with a bearer token`;
  return {
    kind: "refuse",
    status: 403,
    reason: "notLoopback",
    message: `Metrics are served here to this machine only: ${elsewhere}`,
  };
}
