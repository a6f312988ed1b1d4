/** Formats whose part of Herald is not there yet: rows are counted as skipped. */
import { type Format, isJsonObject, type Verdict } from "./runner.ts";

function skipped(reason: string): () => Verdict {
  return () => ({ kind: "skipped", reason });
}

/** Rows of `bgp.jsonl`. */
export const BGP: Format = {
  name: "bgp",
  recognises: ({ node, services, peers }) =>
    typeof node === "string" && Array.isArray(services) &&
    Array.isArray(peers),
  run: skipped("BGP announcements are not decided yet"),
};

const BGP_WIRE_CATEGORIES = [
  "open",
  "router-id",
  "update",
  "withdraw-keepalive",
  "received-open",
  "session",
];

/** Rows of `bgp-wire.jsonl`. */
export const BGP_WIRE: Format = {
  name: "bgp-wire",
  recognises: ({ category, input, expect }) =>
    typeof category === "string" && BGP_WIRE_CATEGORIES.includes(category) &&
    isJsonObject(input) && expect !== undefined,
  run: skipped("the BGP codec and session are not there yet"),
};
