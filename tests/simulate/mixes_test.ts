import { runBatch } from "./batch.ts";
import { MIXES } from "./mixes.ts";
import { tellFailure } from "./story.ts";

/** Runs of each mix; a thousand times as many are a matter of `deno task simulate`. */
const RUNS = 40;

Deno.test.each(
  Object.entries(MIXES).map(([mix, { about }]) => ({ mix, about })),
)(
  "ClaimEngine keeps every property in mix $mix: $about",
  { permissions: "none" },
  ({ mix }) => {
    const { failures } = runBatch({
      mix,
      seed: 0,
      runs: RUNS,
      stopsEarly: true,
    });
    const [first] = failures;
    if (first !== undefined) throw new Error(tellFailure(first));
  },
);
