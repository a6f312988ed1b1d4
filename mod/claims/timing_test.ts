import { assertEquals } from "@std/assert";
import { beatInterval, DEFAULT_HEARTBEATS, timingFor } from "./mod.ts";

const TIMINGS = [
  {
    beat: 50,
    misses: 3,
    timing: {
      beat: 50,
      detect: 150,
      doubt: 100,
      askPeriod: 25,
      rankStep: 50,
      verify: 100,
      proof: 100,
    },
  },
  {
    beat: 100,
    misses: 2,
    timing: {
      beat: 100,
      detect: 200,
      doubt: 150,
      askPeriod: 50,
      rankStep: 100,
      verify: 200,
      proof: 200,
    },
  },
  {
    beat: 100,
    misses: 3,
    timing: {
      beat: 100,
      detect: 300,
      doubt: 200,
      askPeriod: 50,
      rankStep: 100,
      verify: 200,
      proof: 200,
    },
  },
  {
    beat: 1000,
    misses: 3,
    timing: {
      beat: 1000,
      detect: 3000,
      doubt: 2000,
      askPeriod: 50,
      rankStep: 100,
      verify: 200,
      proof: 2000,
    },
  },
];
Deno.test.each(TIMINGS)(
  "timingFor() beats every $beat ms, of which $misses missed ones are a loss",
  { permissions: "none" },
  ({ beat, misses, timing }) => assertEquals(timingFor(beat, misses), timing),
);

const INTERVALS = [
  { partners: 0, interval: 100 },
  { partners: 18, interval: 100 },
  { partners: 19, interval: 106 },
  { partners: 90, interval: 500 },
  { partners: 400, interval: 2223 },
];
Deno.test.each(INTERVALS)(
  "beatInterval() for $partners partners is $interval ms: 180 of 200 beats a second",
  { permissions: "none" },
  ({ partners, interval }) =>
    assertEquals(beatInterval(DEFAULT_HEARTBEATS, partners), interval),
);
