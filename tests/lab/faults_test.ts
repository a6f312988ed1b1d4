/** What clients see of faults: `deno task lab:faults`, each kind once. */
import { labTest } from "./in_lab.ts";

await labTest(
  "after every kind of fault one node alone answers, and soon",
  { apiserver: "embedded", proxy: "lab", services: 2, speakers: "realTime" },
  new URL("faults_checks.ts", import.meta.url),
);
