/** The API server is away while a node dies and comes back. */
import { labTest } from "./in_lab.ts";

await labTest(
  "while the API server is away nothing moves without cause, and failover goes on",
  {
    ...{ apiserver: "embedded", proxy: "lab" },
    // The test is about what moves: a busy machine is not to look like a death.
    speakerFlags: ["--heartbeat-interval", "300"],
  },
  new URL("outage_checks.ts", import.meta.url),
);
