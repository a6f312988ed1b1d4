/**
 * Who may read the metrics over HTTPS: whoever has a token of which the API
 * server says that its user may. Answers are remembered for a short time, and
 * strangers cannot make Herald ask more often than a fixed rate.
 */
import { tryParseIp } from "../net/mod.ts";
import { Meter, type Rate } from "./rate.ts";

/** What the API server said about a token. */
export type Verdict =
  /** Its user may read the metrics. */
  | { readonly kind: "allowed" }
  /** It is nobody's, or has expired. */
  | { readonly kind: "unauthenticated" }
  /** It is somebody's who may not. */
  | { readonly kind: "forbidden"; readonly user: string }
  /** There was no answer. */
  | { readonly kind: "failed" };

/** Why a request for metrics was refused. */
export type ScrapeRefusal =
  /** It has no bearer token. */
  | "noToken"
  /** Its token is nobody's, or has expired. */
  | "unauthenticated"
  /** Its user may not. */
  | "forbidden"
  /** Strangers have been asking too often. */
  | "tooManyReviews"
  /** The API server gave no answer. */
  | "reviewFailed"
  /** It came without TLS from another machine. */
  | "notLoopback";

/** A request that gets no metrics. */
export interface Refused {
  /** Discriminates. */
  readonly kind: "refuse";
  /** Status of the answer. */
  readonly status: 401 | 403 | 429 | 500;
  /** Why, in one word. */
  readonly reason: ScrapeRefusal;
  /** Why, in a sentence, and what to do. */
  readonly message: string;
}

/** How a request is answered. */
export type ScrapeAnswer =
  /** It gets the metrics. */
  | { readonly kind: "allow" }
  | Refused;

/** What is to be done with a request. */
export type ScrapeDecision =
  | ScrapeAnswer
  /** Ask the API server about the token, and tell the verdict. */
  | { readonly kind: "review" };

/** A request with a token, as far as it matters. */
export interface Scrape {
  /** What stands for its token. */
  readonly key: string;
  /** Address that it came from. */
  readonly peer: string;
}

/** How long an allowed token is believed without asking again, in ms. */
export const ALLOWED_MS = 60_000;
/** How long a refused one is refused without asking again, in ms. */
export const REFUSED_MS = 10_000;
/** After a review without an answer its token is not reviewed again, in ms. */
export const FAILED_MS = 1000;
/** Reviews of tokens that were never allowed, for all strangers together. */
export const STRANGERS: Rate = { perSecond: 10, burst: 20 };
/** … and for those of one address (IPv6: of one /64). */
export const STRANGER: Rate = { perSecond: 1, burst: 5 };
/** Allowed tokens, refused tokens and addresses that are remembered. */
const MAX_ALLOWED = 64;
const MAX_REFUSED = 256;
const MAX_PEERS = 256;

/** An allowed token, and until when that is believed. */
interface Allowed {
  readonly until: number;
}

/** A refused token, and until when. */
interface RefusedUntil {
  readonly until: number;
  readonly refusal: Refused;
}

/** The decisions, and the memory that they need. It reads no clock. */
export class ScrapeGate {
  readonly #allowed = new Map<string, Allowed>();
  readonly #refused = new Map<string, RefusedUntil>();
  readonly #strangers = new Meter(STRANGERS);
  readonly #peers = new Map<string, Meter>();

  /** Tokens and addresses that are remembered: bounded, whoever asks. */
  get remembered(): number {
    return this.#allowed.size + this.#refused.size + this.#peers.size;
  }

  /**
   * Decides over a request with a token.
   *
   * @param now ms of a clock that never goes back.
   */
  decide({ key, peer }: Scrape, now: number): ScrapeDecision {
    const known = this.#allowed.get(key);
    if (known !== undefined && now < known.until) return { kind: "allow" };
    const refused = this.#refused.get(key);
    if (refused !== undefined && now < refused.until) return refused.refusal;
    // Who was allowed before is no stranger: strangers cannot keep it out.
    if (known === undefined && !this.#admit(peer, now)) return TOO_MANY;
    return { kind: "review" };
  }

  /**
   * Takes the verdict of a review.
   *
   * @returns The answer to the requests that waited for it.
   */
  learn(key: string, verdict: Verdict, now: number): ScrapeAnswer {
    // Who was allowed before a review failed is still no stranger after it.
    if (verdict.kind !== "failed") this.#allowed.delete(key);
    this.#refused.delete(key);
    if (verdict.kind === "allowed") {
      remember(this.#allowed, key, { until: now + ALLOWED_MS }, MAX_ALLOWED);
      return { kind: "allow" };
    }
    const refusal = refusalOf(verdict);
    const until = now +
      (verdict.kind === "failed" ? FAILED_MS : REFUSED_MS);
    remember(this.#refused, key, { until, refusal }, MAX_REFUSED);
    return refusal;
  }

  #admit(peer: string, now: number): boolean {
    const from = networkOf(peer);
    const meter = this.#peers.get(from) ?? new Meter(STRANGER);
    if (!meter.allows(now) || !this.#strangers.allows(now)) return false;
    meter.count(now);
    this.#strangers.count(now);
    this.#peers.delete(from);
    remember(this.#peers, from, meter, MAX_PEERS);
    return true;
  }
}

/** Remembers, and forgets what was remembered the longest ago. */
function remember<T>(
  memory: Map<string, T>,
  key: string,
  value: T,
  limit: number,
): void {
  memory.set(key, value);
  const [oldest] = memory.keys();
  if (memory.size > limit && oldest !== undefined) memory.delete(oldest);
}

/** One machine may have all addresses of a /64. */
function networkOf(peer: string): string {
  const ip = tryParseIp(peer);
  return ip?.family === "IPv6" ? `${ip.value >> 64n}/64` : peer;
}

/** The answer to a request without a token. */
export const NO_TOKEN: Refused = {
  kind: "refuse",
  status: 401,
  reason: "noToken",
  message: "A bearer token is missing: send that of a ServiceAccount " +
    "which may get the non-resource URL /metrics",
};

const TOO_MANY: Refused = {
  kind: "refuse",
  status: 429,
  reason: "tooManyReviews",
  message: "Too many tokens were to be checked at a time: try again",
};

function refusalOf(
  verdict: Exclude<Verdict, { readonly kind: "allowed" }>,
): Refused {
  switch (verdict.kind) {
    case "failed":
      return {
        kind: "refuse",
        status: 500,
        reason: "reviewFailed",
        message: "Cannot ask the API server about this token now: " +
          "the log of this role says why",
      };
    case "unauthenticated":
      return {
        kind: "refuse",
        status: 401,
        reason: "unauthenticated",
        message: "The API server does not accept this token: " +
          "it is no token of this cluster, or has expired",
      };
    case "forbidden":
      return {
        kind: "refuse",
        status: 403,
        reason: "forbidden",
        message: `"${verdict.user}" may not get the non-resource URL ` +
          "/metrics: bind it to a ClusterRole with that right",
      };
  }
}
