/** The members' key is replaced under a client that uses a Service; then their settings. */
import { MEMBER_SECRET_DIRECTORY } from "../../scripts/lab/programs.ts";
import { labTest } from "./in_lab.ts";

await labTest(
  "another key of the members loses no probe, no member and no beat",
  {
    ...{ apiserver: "embedded", proxy: "lab" },
    // For seconds some have the new key and some the old: long enough to be
    // noticed, and a busy machine is not.
    speakerFlags: [
      ...["--heartbeat-interval", "500"],
      ...["--ml-config-path", MEMBER_SECRET_DIRECTORY],
    ],
  },
  new URL("rotation_checks.ts", import.meta.url),
);
