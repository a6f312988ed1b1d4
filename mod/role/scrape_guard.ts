/** Asks the API server who may read the metrics, as `mod/scrape` decides. */
import { getLogger } from "@logtape/logtape";
import {
  KubeError,
  type ReviewClient,
  SELF_SUBJECT_ACCESS_REVIEWS,
  SUBJECT_ACCESS_REVIEWS,
  TOKEN_REVIEWS,
} from "../kube/mod.ts";
import {
  bearerToken,
  NO_TOKEN,
  type ScrapeAnswer,
  ScrapeGate,
  tokenKey,
  type Verdict,
} from "../scrape/mod.ts";
import type { Clock } from "../time/mod.ts";
import type { Peer } from "./host.ts";

/** Prometheus gives up after 10 s; the answer has to be there before, in ms. */
const REVIEW_LIMIT_MS = 5000;

/** Rights without which every request would be refused. */
const NEEDED = [
  { group: "authentication.k8s.io", resource: "tokenreviews" },
  { group: "authorization.k8s.io", resource: "subjectaccessreviews" },
];

/**
 * The kinds of reviews that this role may not create, so that nobody could be
 * admitted.
 *
 * @throws {KubeError} When the API server does not say.
 */
export async function missingReviewRights(
  reviews: ReviewClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const kind of NEEDED) {
    const spec = { resourceAttributes: { ...kind, verb: "create" } };
    if (!await mayDo(reviews, spec, signal)) missing.push(kind.resource);
  }
  return missing;
}

async function mayDo(
  reviews: ReviewClient,
  spec: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await reviews.review(SELF_SUBJECT_ACCESS_REVIEWS, spec, { signal });
  } catch (error) {
    // A server that has no such reviews has none of tokens either.
    if (error instanceof KubeError && error.code === 404) return false;
    throw error;
  }
}

/** Admits requests for metrics. */
export class ScrapeGuard {
  readonly #reviews: ReviewClient;
  readonly #clock: Clock;
  readonly #gate = new ScrapeGate();
  /** Requests with the same token share one review. */
  readonly #underway = new Map<string, Promise<ScrapeAnswer>>();
  /** Why the last review had no answer. */
  #failure: string | undefined;

  /** Makes a guard that knows nobody yet. */
  constructor(reviews: ReviewClient, clock: Clock) {
    this.#reviews = reviews;
    this.#clock = clock;
  }

  /** Whether a request gets the metrics; never throws. */
  async admit({ headers }: Request, { address }: Peer): Promise<ScrapeAnswer> {
    const token = bearerToken(headers.get("authorization"));
    if (token === undefined) return NO_TOKEN;
    const key = tokenKey(token);
    const underway = this.#underway.get(key);
    if (underway !== undefined) return await underway;
    const scrape = { key, peer: address };
    const decision = this.#gate.decide(scrape, this.#clock.now());
    if (decision.kind !== "review") return decision;
    const answer = this.#review(token, key);
    this.#underway.set(key, answer);
    return await answer;
  }

  async #review(token: string, key: string): Promise<ScrapeAnswer> {
    const verdict = await this.#ask(token);
    this.#underway.delete(key);
    return this.#gate.learn(key, verdict, this.#clock.now());
  }

  async #ask(token: string): Promise<Verdict> {
    const log = getLogger(["herald", "metrics"]);
    try {
      const verdict = await this.#verdict(token);
      if (this.#failure !== undefined) {
        log.info("The API server checks tokens again");
      }
      this.#failure = undefined;
      return verdict;
    } catch (error) {
      // Its causes may quote an answer, and that the token.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== this.#failure) {
        log.warn("Cannot check who asks for metrics: {error}", {
          error: message,
        });
      }
      this.#failure = message;
      return { kind: "failed" };
    }
  }

  async #verdict(token: string): Promise<Verdict> {
    const options = { signal: AbortSignal.timeout(REVIEW_LIMIT_MS) };
    const user = await this.#reviews.review(TOKEN_REVIEWS, { token }, options);
    if (user === undefined) return { kind: "unauthenticated" };
    const { username, ...rest } = user;
    const mayGet = await this.#reviews.review(SUBJECT_ACCESS_REVIEWS, {
      user: username,
      ...rest,
      nonResourceAttributes: { path: "/metrics", verb: "get" },
    }, options);
    return mayGet ? { kind: "allowed" } : { kind: "forbidden", user: username };
  }
}
