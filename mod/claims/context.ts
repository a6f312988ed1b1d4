import type { ClaimLog } from "./claim_log.ts";
import type { Rules } from "./rules.ts";
import type { Segment } from "./segment.ts";
import type { Self } from "./self.ts";
import type { ClaimSettings } from "./settings.ts";
import type { ClaimSink } from "./sink.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** How fast this node may send what it sends to all; shared by its segments. */
export interface Paces {
  /** Announcements that change something. */
  readonly announcements: TokenBucket;
  /** Announcements that repeat what is known. */
  readonly refreshes: TokenBucket;
  /** Questions. */
  readonly questions: TokenBucket;
}

/** What every rule and every step may look at: one segment of one node. */
export interface Context {
  /** The rules in force. */
  readonly rules: Rules;
  /** This node. */
  readonly self: Self;
  /** What is set. */
  readonly settings: ClaimSettings;
  /** What is known of the segment. */
  readonly segment: Segment;
  /** Changes of our claims on it. */
  readonly log: ClaimLog;
  /** How fast we may send. */
  readonly paces: Paces;
  /** Performs what is decided. */
  readonly sink: ClaimSink;
  /** A number from 0 to 1, 1 excluded. */
  readonly random: () => number;
}
