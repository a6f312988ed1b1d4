/**
 * Who may read the metrics. Pure: moments and the API server's verdicts come in
 * as arguments.
 *
 * @module
 */
export {
  ALLOWED_MS,
  FAILED_MS,
  NO_TOKEN,
  type Refused,
  REFUSED_MS,
  type Scrape,
  type ScrapeAnswer,
  type ScrapeDecision,
  ScrapeGate,
  type ScrapeRefusal,
  STRANGER,
  STRANGERS,
  type Verdict,
} from "./gate.ts";
export { decidePlainScrape } from "./plain.ts";
export type { Rate } from "./rate.ts";
export { bearerToken, tokenKey } from "./token.ts";
