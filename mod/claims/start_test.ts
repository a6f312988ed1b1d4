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
import { isReady, silentSince, standstill, takesOver } from "./start.ts";
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

const STANDSTILLS = [
  { slack: 1, silence: 300, is: "none" },
  { slack: 1, silence: 301, is: "replaced" },
  { slack: 2, silence: 300, is: "none" },
  { slack: 2, silence: 600, is: "deaf" },
  { slack: 2, silence: 601, is: "replaced" },
] as const;
Deno.test.each(STANDSTILLS)(
  "standstill() of $silence ms, where others wait $slack times as long, is $is",
  { permissions: "none" },
  ({ slack, silence, is }) => {
    const self = Object.assign(new Self(ME, 1), { slack });
    assertEquals(standstill(self, silence), is);
  },
);

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
    name: "is ready, and may hear of the group later",
    anna: { beatAt: NOW - 50 },
    since: ASKED + 1000,
  },
  {
    name: "drains",
    anna: { state: "draining", beatAt: NOW - 50 },
    since: ASKED,
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
