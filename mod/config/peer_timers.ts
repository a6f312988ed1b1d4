/** Times of a BGP session: hold, keepalive and connect time. */
import {
  type BgpPeerSpec,
  parseDuration,
  SECOND,
  toSeconds,
} from "../crd/mod.ts";
import type { PeerTimers } from "./bgp_config.ts";
import type { Note, ProblemClass } from "./problem.ts";

/** RFC 4271, 4.2: less than that, and not 0, is not acceptable. */
const LEAST_HOLD_TIME = 3n * SECOND;

/** The field of the OPEN message has 16 bits. */
const MAX_SECONDS = 65_535n * SECOND;

/** Keepalives per hold time when only one of the two is given. */
const RATIO = 3n;

/** Resolves hold and keepalive time; either follows from the other. */
export function resolveTimers(spec: BgpPeerSpec, note: Note): PeerTimers {
  const hold = read(spec, "holdTime", "holdTimeInvalid", note);
  const keepalive = read(spec, "keepaliveTime", "keepaliveTimeInvalid", note);
  if (hold === undefined && keepalive === undefined) return { kind: "default" };
  const holdTime = hold ?? (keepalive ?? 0n) * RATIO;
  const keepaliveTime = keepalive ?? holdTime / RATIO;
  const tooShort = holdTime !== 0n && holdTime < LEAST_HOLD_TIME;
  if (tooShort || holdTime > MAX_SECONDS) {
    const derived = hold === undefined
      ? ` (three times the keepaliveTime ${spec.keepaliveTime})`
      : "";
    note({
      class: "holdTimeInvalid",
      field: hold === undefined ? "spec.keepaliveTime" : "spec.holdTime",
      message: `Cannot use a hold time of ${
        toSeconds(holdTime)
      }s${derived}: it has to be 0, or from 3s to 65535s`,
    });
  } else if (keepaliveTime > holdTime || keepaliveTime < 0n) {
    note({
      class: "keepaliveTimeInvalid",
      field: "spec.keepaliveTime",
      message:
        `Cannot use a keepalive time of ${spec.keepaliveTime}: it has to be from 0s to the hold time, ${
          toSeconds(holdTime)
        }s`,
    });
  }
  return {
    kind: "set",
    holdTime: toSeconds(holdTime),
    keepaliveTime: toSeconds(keepaliveTime),
  };
}

/** Resolves the connect time, in seconds. */
export function resolveConnectTime(
  spec: BgpPeerSpec,
  note: Note,
): number | undefined {
  const time = read(spec, "connectTime", "connectTimeInvalid", note);
  if (time === undefined) return undefined;
  if (time < SECOND || time > MAX_SECONDS || time % SECOND !== 0n) {
    note({
      class: "connectTimeInvalid",
      field: "spec.connectTime",
      message:
        `Cannot use a connect time of ${spec.connectTime}: it has to be whole seconds, from 1s to 65535s`,
    });
  }
  return toSeconds(time);
}

function read(
  spec: BgpPeerSpec,
  field: "holdTime" | "keepaliveTime" | "connectTime",
  invalid: ProblemClass,
  note: Note,
): bigint | undefined {
  const text = spec[field];
  if (text === undefined) return undefined;
  const time = parseDuration(text);
  if (time === undefined) {
    note({
      class: invalid,
      field: `spec.${field}`,
      message: `Cannot read "${text}" as a duration: write 90s or 1m30s`,
    });
  }
  return time;
}
