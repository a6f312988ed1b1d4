/** A node is drained and takes part again, under traffic. */
import { labTest } from "./in_lab.ts";

await labTest(
  "a drained owner loses no probe, and takes its addresses back",
  { apiserver: "embedded", proxy: "lab" },
  new URL("drain_checks.ts", import.meta.url),
);
