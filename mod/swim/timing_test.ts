import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Awareness } from "./awareness.ts";
import {
  LAN,
  LOCAL,
  pushPullInterval,
  retransmitLimit,
  settingsProblems,
  suspicionBounds,
  suspicionTimeout,
  WAN,
} from "./mod.ts";
import { Suspicion } from "./suspicion.ts";

const pure = { permissions: "none" } as const;

// The figures that MetalLB's users know: detection on LANs of 3, 20, 50, 100.
Deno.test.each([
  { preset: "LAN", settings: LAN, members: 3, min: 4000, confirmations: 0 },
  { preset: "LAN", settings: LAN, members: 4, min: 4000, confirmations: 2 },
  { preset: "LAN", settings: LAN, members: 10, min: 4000, confirmations: 2 },
  { preset: "LAN", settings: LAN, members: 20, min: 5204, confirmations: 2 },
  { preset: "LAN", settings: LAN, members: 50, min: 6796, confirmations: 2 },
  { preset: "LAN", settings: LAN, members: 100, min: 8000, confirmations: 2 },
  { preset: "LOCAL", settings: LOCAL, members: 3, min: 3000, confirmations: 1 },
  { preset: "WAN", settings: WAN, members: 5, min: 30_000, confirmations: 0 },
  { preset: "WAN", settings: WAN, members: 20, min: 39_031, confirmations: 4 },
])("a suspect in $preset among $members", pure, (row) => {
  const bounds = suspicionBounds(row.settings, row.members);
  assertAlmostEquals(bounds.min, row.min, 1);
  assertAlmostEquals(bounds.max, 6 * row.min, 6);
  assertEquals(bounds.confirmations, row.confirmations);
});

// The table of memberlist's own tests: 3 confirmations wanted, 2 to 30 s.
Deno.test.each([
  { confirmed: 0, ms: 30_000 },
  { confirmed: 1, ms: 16_000 },
  { confirmed: 2, ms: 7810 },
  { confirmed: 3, ms: 2000 },
  { confirmed: 4, ms: 2000 },
])("$confirmed of 3 confirmations leave $ms ms", pure, ({ confirmed, ms }) => {
  const bounds = { min: 2000, max: 30_000, confirmations: 3 };
  assertAlmostEquals(suspicionTimeout(bounds, confirmed), ms, 1);
});

Deno.test("nobody to confirm leaves the least time at once", pure, () => {
  const bounds = { min: 2000, max: 30_000, confirmations: 0 };
  assertEquals(suspicionTimeout(bounds, 0), 2000);
});

Deno.test(
  "a suspicion counts each of the others once, up to those wanted",
  pure,
  () => {
    const bounds = { min: 2000, max: 30_000, confirmations: 2 };
    const suspicion = new Suspicion("a", bounds, 500);
    assertEquals(suspicion.deadline, 30_500);
    assertEquals(suspicion.confirm("a"), false);
    assertEquals(suspicion.confirm("b"), true);
    assertEquals(suspicion.confirm("b"), false);
    assertEquals(suspicion.confirm("c"), true);
    assertEquals(suspicion.confirm("d"), false);
    assertEquals(suspicion.confirmed, 2);
    assertEquals(suspicion.deadline, 2500);
  },
);

Deno.test.each([
  { members: 1, limit: 4 },
  { members: 9, limit: 4 },
  { members: 10, limit: 8 },
  { members: 99, limit: 8 },
  { members: 100, limit: 12 },
])("a message is sent $limit times among $members", pure, (row) => {
  assertEquals(retransmitLimit(4, row.members), row.limit);
});

Deno.test.each([
  { members: 1, times: 1 },
  { members: 32, times: 1 },
  { members: 33, times: 2 },
  { members: 64, times: 2 },
  { members: 65, times: 3 },
  { members: 128, times: 3 },
])(
  "states are exchanged every $times intervals among $members",
  pure,
  (row) => {
    assertEquals(pushPullInterval(1000, row.members), 1000 * row.times);
  },
);

Deno.test("the own health stretches durations, within its bounds", pure, () => {
  const awareness = new Awareness(3);
  assertEquals(awareness.scale(100), 100);
  awareness.apply(-1);
  assertEquals(awareness.score, 0);
  awareness.apply(5);
  assertEquals(awareness.score, 2);
  assertEquals(awareness.scale(100), 300);
  awareness.apply(-1);
  assertEquals(awareness.scale(100), 200);
});

Deno.test("the presets can be used, and differ where they should", pure, () => {
  for (const preset of [LAN, WAN, LOCAL]) {
    assertEquals(settingsProblems(preset), []);
  }
  assertEquals(LOCAL.packetSize, 1400);
  assertEquals(WAN.indirectChecks, 3);
});

Deno.test.each([
  { name: "probeInterval", value: -1 },
  { name: "probeInterval", value: NaN },
  { name: "streamTimeout", value: 0 },
  { name: "suspicionMult", value: 0 },
  { name: "awarenessMaxMultiplier", value: 0 },
  { name: "packetSize", value: 100 },
  { name: "packetSize", value: 65_508 },
  { name: "protocolVersion", value: 6 },
])("$name may not be $value", pure, ({ name, value }) => {
  const problems = settingsProblems({ ...LAN, [name]: value });
  assertEquals(problems.length, 1);
  assertEquals(problems[0]?.startsWith(`${name} is ${value}: it must`), true);
});
