import { assertEquals } from "@std/assert";
import { LeaseRival } from "./lease_rival.ts";

/** Renewals by time and instance, then who the rival is at which time. */
const cases: readonly {
  readonly when: string;
  readonly renewals: readonly (readonly [number, string | undefined])[];
  readonly at: number;
  readonly rival: string | undefined;
}[] = [
  { when: "nobody renewed", renewals: [], at: 0, rival: undefined },
  {
    when: "the one before the restart is still seen",
    renewals: [[0, "before"], [10, "me"], [20, "me"]],
    at: 30,
    rival: undefined,
  },
  {
    when: "another renews in turn",
    renewals: [[0, "me"], [10, "other"], [20, "me"]],
    at: 30,
    rival: "other",
  },
  {
    when: "it has not renewed for long",
    renewals: [[0, "me"], [10, "other"], [20, "me"]],
    at: 6010,
    rival: undefined,
  },
  {
    when: "a renewal does not say who",
    renewals: [[0, "me"], [10, undefined]],
    at: 20,
    rival: undefined,
  },
];

Deno.test.each(cases)(
  "LeaseRival when $when",
  { permissions: "none" },
  ({ renewals, at, rival }) => {
    const watch = new LeaseRival("me", 6000);
    for (const [now, instance] of renewals) watch.observe(instance, now);
    assertEquals(watch.at(at), rival);
  },
);
