import { DEFAULT_HEARTBEATS, type HeartbeatSettings } from "./timing.ts";
import type { Rate } from "./token_bucket.ts";

/** What can be set; the same on all nodes. */
export interface ClaimSettings {
  /** How often members beat, and when a silent one is lost. */
  readonly heartbeats: HeartbeatSettings;
  /**
   * Announcement frames of this node. The default suits a thousand addresses in
   * a second; switches that inspect ARP and shut a port above a rate (often 15 a
   * second) need less.
   */
  readonly announcements: Rate;
  /** Questions of this node, witnesses not counted. */
  readonly questions: Rate;
  /** Milliseconds between two announcements of an unchanged owner, give or take a quarter; 0 = never. Default 60000. */
  readonly refresh: number;
  /** Frames of such announcements a second. Default 20. */
  readonly refreshes: Rate;
  /** How long contact with a returned node has to hold before it gets groups back, in ms. Default 10000. */
  readonly failbackHold: number;
  /** How long a new address is asked for before it is used, in ms. Default 500. */
  readonly probe: number;
  /** Silence of the main thread after which all is given away, in ms. Default 30000. */
  readonly mainSilence: number;
}

/** The defaults. */
export const DEFAULT_CLAIM_SETTINGS: ClaimSettings = {
  heartbeats: DEFAULT_HEARTBEATS,
  announcements: { perSecond: 2000, burst: 64 },
  questions: { perSecond: 2000, burst: 64 },
  refresh: 60_000,
  refreshes: { perSecond: 20, burst: 4 },
  failbackHold: 10_000,
  probe: 500,
  mainSilence: 30_000,
};
