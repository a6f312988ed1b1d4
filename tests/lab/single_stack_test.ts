/** Clusters without IPv4, and without IPv6. */
import { kubernetesAvailability } from "../kubernetes/mod.ts";
import { labTest } from "./in_lab.ts";

// The stand-in does where there is no real API server.
const { kind } = await kubernetesAvailability();
const ofChoice = kind === "available" ? "real" : "embedded";

for (
  const [families, apiserver] of [
    // Of an API server that is reached over IPv4 the other tests know enough.
    ["ipv6", ofChoice],
    ["ipv4", "embedded"],
  ] as const
) {
  await labTest(
    `a cluster of ${families} alone finds its members, and fails over`,
    { apiserver, proxy: "lab", families },
    new URL("single_stack_checks.ts", import.meta.url),
  );
}
