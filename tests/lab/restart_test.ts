/** The owner's speaker is restarted under an unchanged world, by SIGTERM and by SIGKILL. */
import { labTest } from "./in_lab.ts";

await labTest(
  "a restart or an excluded node costs a client nothing, and a crash no more than a take-over",
  { apiserver: "embedded", proxy: "lab" },
  new URL("restart_checks.ts", import.meta.url),
);
