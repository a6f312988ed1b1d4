import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import type { Group } from "./group.ts";
import { type Lifecycle, Self } from "./self.ts";
import { isReady, isStall, silentSince, takesOver } from "./start.ts";
import {
  addGroup,
  addPeer,
  makeContext,
  type PeerFields,
} from "./test_context.ts";

const LIVES: readonly {
  readonly lifecycle: Lifecycle;
  readonly isMainSilent: boolean;
  readonly ready: boolean;
  readonly takes: boolean;
}[] = [
  { lifecycle: "starting", isMainSilent: false, ready: false, takes: false },
  { lifecycle: "reserve", isMainSilent: false, ready: false, takes: true },
  { lifecycle: "reserve", isMainSilent: true, ready: false, takes: false },
  { lifecycle: "member", isMainSilent: false, ready: true, takes: true },
  { lifecycle: "member", isMainSilent: true, ready: false, takes: false },
  { lifecycle: "draining", isMainSilent: false, ready: false, takes: false },
  { lifecycle: "exiting", isMainSilent: false, ready: false, takes: false },
];
Deno.test.each(LIVES)(
  "$lifecycle, main thread silent: $isMainSilent: isReady() is $ready, takesOver() $takes",
  { permissions: "none" },
  ({ lifecycle, isMainSilent, ready, takes }) => {
    const self = Object.assign(new Self(ME, 1), { lifecycle, isMainSilent });
    assertEquals([isReady(self), takesOver(self)], [ready, takes]);
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

const NOW = 10_000;
const ASKED = NOW - 300;

const STARTS: readonly {
  readonly name: string;
  readonly anna: PeerFields;
  readonly order?: readonly number[];
  readonly change?: (group: Group) => void;
  readonly since: number;
}[] = [
  {
    name: "starts",
    anna: { state: "starting", beatAt: NOW - 50 },
    since: ASKED + 1000,
  },
  { name: "is there and said nothing yet", anna: {}, since: ASKED + 1000 },
  {
    name: "has just become ready",
    anna: { beatAt: NOW - 50, stateSince: NOW - 60 },
    since: NOW - 60,
  },
  {
    name: "has been ready for long",
    anna: { beatAt: NOW - 50, stateSince: ASKED - 1 },
    since: ASKED,
  },
  {
    name: "became ready after more than a second",
    anna: { beatAt: NOW - 50, stateSince: ASKED + 1001 },
    since: ASKED + 1000,
  },
  {
    name: "is dead by membership",
    anna: { isAlive: false },
    since: ASKED,
  },
  {
    name: "knows no claims",
    anna: { speaksClaims: false },
    since: ASKED,
  },
  {
    name: "comes after us",
    anna: {},
    order: [ME, ANNA],
    since: ASKED,
  },
  {
    name: "starts, where somebody claimed the group before",
    anna: { state: "starting", beatAt: NOW - 50 },
    change: (group) => group.seen = claimOf(BERT, 1),
    since: ASKED,
  },
];
Deno.test.each(STARTS)(
  "silentSince() where another candidate $name is $since",
  { permissions: "none" },
  ({ anna, order, change, since }) => {
    const ctx = makeContext(ME, new RecordingSink());
    addPeer(ctx, ANNA, anna);
    const group = addGroup(ctx, GROUP, order ?? [ANNA, ME]);
    group.asking.since = ASKED;
    change?.(group);
    assertEquals(silentSince(group), since);
  },
);
