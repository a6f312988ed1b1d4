import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../mod/cli/mod.ts";
import { leaseTimes } from "./lease_times.ts";

const options = { permissions: "none" } as const;

const CASES = [
  { hasGossip: false, set: {}, times: { renew: 2, duration: 6 } },
  { hasGossip: true, set: {}, times: { renew: 10, duration: 30 } },
  { hasGossip: true, set: { renew: 1 }, times: { renew: 1, duration: 30 } },
  {
    hasGossip: true,
    set: { duration: 60 },
    times: { renew: 10, duration: 60 },
  },
  {
    hasGossip: false,
    set: { renew: 0.3, duration: 1 },
    times: { renew: 0.3, duration: 1 },
  },
];
for (const { hasGossip, set, times } of CASES) {
  const beside = hasGossip ? "beside" : "without";
  Deno.test(
    `leaseTimes() of ${JSON.stringify(set)} ${beside} gossip`,
    options,
    () => {
      const none = { renew: undefined, duration: undefined };
      assertEquals(leaseTimes({ ...none, ...set }, hasGossip), times);
    },
  );
}

Deno.test(
  "leaseTimes() refuses a duration that one renewal uses up",
  options,
  () => {
    assertThrows(
      () => leaseTimes({ renew: undefined, duration: 20 }, true),
      UsageError,
      "--lease-duration 20 is too short for --lease-renew 10",
    );
  },
);
