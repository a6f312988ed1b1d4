import { assertEquals } from "@std/assert";
import { DEFAULT_CLAIM_SETTINGS } from "../mod/claims/mod.ts";
import { parseCommand } from "../mod/cli/mod.ts";
import { DEFAULT_PACING } from "../mod/layer2/mod.ts";
import { SPEAKER, type SpeakerSettings } from "./flags.ts";
import { claimSettings, pacingOf } from "./paces.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function settings(...args: readonly string[]): SpeakerSettings {
  const parsed = parseCommand(SPEAKER, args, () => undefined);
  if (parsed.kind === "help") throw new Error("nobody asked for help");
  return parsed.values;
}

Deno.test(
  "the flags' defaults are those of their parts",
  NO_PERMISSIONS,
  () => {
    assertEquals(pacingOf(settings()), DEFAULT_PACING);
    // A new address is used at once, and announced before anybody is asked.
    const probe = 0;
    assertEquals(claimSettings(settings()), {
      ...DEFAULT_CLAIM_SETTINGS,
      probe,
    });
  },
);

Deno.test.each([
  { rate: "5", perSecond: 5, burst: 2, refreshes: { perSecond: 5, burst: 2 } },
  {
    rate: "30",
    perSecond: 30,
    burst: 3,
    refreshes: { perSecond: 20, burst: 3 },
  },
  {
    rate: "100",
    perSecond: 100,
    burst: 10,
    refreshes: { perSecond: 20, burst: 4 },
  },
])(
  "--announcement-rate $rate paces whatever is sent unasked",
  NO_PERMISSIONS,
  ({ rate, perSecond, burst, refreshes }) => {
    const claims = claimSettings(settings("--announcement-rate", rate));
    assertEquals(claims.announcements, { perSecond, burst });
    assertEquals(claims.questions, { perSecond, burst });
    assertEquals(claims.refreshes, refreshes);
  },
);

Deno.test(
  "heartbeats, fail-back and refresh follow their flags",
  NO_PERMISSIONS,
  () => {
    const { heartbeats, failbackHold, refresh } = claimSettings(settings(
      "--heartbeat-interval",
      "50",
      "--heartbeat-misses",
      "4",
      "--heartbeat-standbys",
      "3",
      "--failback-hold",
      "2.5",
      "--refresh-interval",
      "0",
    ));
    assertEquals(heartbeats, {
      ...DEFAULT_CLAIM_SETTINGS.heartbeats,
      beat: 50,
      misses: 4,
      standbys: 3,
    });
    assertEquals([failbackHold, refresh], [2500, 0]);
  },
);
