import { createHmac } from "node:crypto";
import { HmacSha256 } from "../../mod/crypto/mod.ts";
import { rowOf } from "./arp_latency.ts";
import { type Figure, median, type Row } from "./figure.ts";

const ROUNDS = 9;
const SEALS = 5_000;
const KEY = new Uint8Array(32);
const TAG_BYTES = 16;

/** What is sealed: a frame's claim, a beat in an unchanged world, the longest beat. */
const MESSAGES = [
  { name: "claim, 46 bytes", bytes: 46, limit: 0.5 },
  { name: "beat, 100 bytes", bytes: 100, limit: 0.75 },
  { name: "longest beat, 1222 bytes", bytes: 1222, limit: 2 },
];

/** Our HMAC-SHA-256 against node:crypto's, which allocates. */
export const SEALING: Figure = {
  name: "seal",
  title: "HMAC-SHA-256 of a message, µs",
  run(): Promise<readonly Row[]> {
    const message = new Uint8Array(2048);
    const hmac = new HmacSha256(KEY);
    return Promise.resolve(MESSAGES.map(({ name, bytes, limit }) => {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        ours.push(timeOf(() => {
          hmac.sign(message, 0, bytes, message, bytes, TAG_BYTES);
        }));
        theirs.push(timeOf(() => {
          const part = message.subarray(0, bytes);
          const tag = createHmac("sha256", KEY).update(part).digest();
          message.set(tag.subarray(0, TAG_BYTES), bytes);
        }));
      }
      const values = {
        // The first round compiles.
        ours: median(ours.slice(1)),
        "node:crypto": median(theirs.slice(1)),
      };
      const value = values.ours / values["node:crypto"];
      return rowOf(name, values, { what: "ours / node:crypto", limit, value });
    }));
  },
};

/** Microseconds that something takes. */
function timeOf(run: () => void): number {
  const start = performance.now();
  for (let i = 0; i < SEALS; i++) run();
  return (performance.now() - start) * 1000 / SEALS;
}
