import { assertEquals } from "@std/assert";
import { ME } from "../../tests/claims_rig.ts";
import { type Lifecycle, Self } from "./self.ts";
import { isReady, isStall } from "./start.ts";

const LIVES: readonly {
  readonly lifecycle: Lifecycle;
  readonly isMainSilent: boolean;
  readonly ready: boolean;
}[] = [
  { lifecycle: "starting", isMainSilent: false, ready: false },
  { lifecycle: "member", isMainSilent: false, ready: true },
  { lifecycle: "member", isMainSilent: true, ready: false },
  { lifecycle: "draining", isMainSilent: false, ready: false },
  { lifecycle: "exiting", isMainSilent: false, ready: false },
];
Deno.test.each(LIVES)(
  "isReady() $lifecycle, main thread silent: $isMainSilent, is $ready",
  { permissions: "none" },
  ({ lifecycle, isMainSilent, ready }) => {
    const self = Object.assign(new Self(ME, 1), { lifecycle, isMainSilent });
    assertEquals(isReady(self), ready);
  },
);

Deno.test("isStall() when others may have counted us as lost", {
  permissions: "none",
}, () => {
  const self = new Self(ME, 1);
  assertEquals([300, 301].map((silence) => isStall(self, silence)), [
    false,
    true,
  ]);
});
