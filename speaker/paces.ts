/** What the flags say about how often this node sends what. */
import {
  type ClaimSettings,
  DEFAULT_CLAIM_SETTINGS,
} from "../mod/claims/mod.ts";
import { DEFAULT_PACING, type Pacing } from "../mod/layer2/mod.ts";
import type { SpeakerSettings } from "./flags.ts";

/** How fast this node announces. A slow rate is asked for because of a limit, which a burst would break. */
export function pacingOf(
  { "announcement-rate": framesPerSecond }: Pick<
    SpeakerSettings,
    "announcement-rate"
  >,
): Pacing {
  const burst = Math.max(
    2,
    Math.min(DEFAULT_PACING.burst, framesPerSecond / 10),
  );
  return { framesPerSecond, burst };
}

/**
 * How this node deals with the other members. Questions and refreshes are ARP
 * and NDP frames as well: neither is faster than announcements may be.
 */
export function claimSettings(settings: SpeakerSettings): ClaimSettings {
  const { framesPerSecond, burst } = pacingOf(settings);
  const { heartbeats, refreshes } = DEFAULT_CLAIM_SETTINGS;
  return {
    ...DEFAULT_CLAIM_SETTINGS,
    heartbeats: {
      ...heartbeats,
      beat: settings["heartbeat-interval"],
      misses: settings["heartbeat-misses"],
      standbys: settings["heartbeat-standbys"],
    },
    announcements: { perSecond: framesPerSecond, burst },
    questions: { perSecond: framesPerSecond, burst },
    refresh: settings["refresh-interval"] * 1000,
    refreshes: {
      perSecond: Math.min(refreshes.perSecond, framesPerSecond),
      burst: Math.min(refreshes.burst, burst),
    },
    failbackHold: settings["failback-hold"] * 1000,
    probe: settings["address-probe"],
  };
}
