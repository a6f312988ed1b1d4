/** What is said about members, and what becomes of it. */
import { assertEquals } from "@std/assert";
import { fromHex } from "../../tests/bytes.ts";
import {
  aliveMessage,
  changes,
  drops,
  MachineRig,
  messagesOf,
  nodeState,
  SETTINGS,
  stateBytes,
} from "../../tests/swim/machine_rig.ts";
import { type Alive, MAX_MEMBERS, type Message } from "./mod.ts";

const pure = { permissions: "none" } as const;

function accusation(
  kind: "suspect" | "dead",
  node: string,
  { incarnation = 1, from = "c" } = {},
): Message {
  return { kind, incarnation, node, from };
}

/** Steps of a story: what is heard, and what becomes of it. */
const stories: readonly {
  readonly name: string;
  readonly steps: readonly (readonly [Message, ...string[]])[];
}[] = [
  {
    name: "a new member joins once",
    steps: [[aliveMessage("b"), "joined b: new"], [aliveMessage("b")]],
  },
  {
    name: "it tells other metadata with a new incarnation only",
    steps: [
      [aliveMessage("b"), "joined b: new"],
      [aliveMessage("b", { meta: fromHex("01") })],
      [
        aliveMessage("b", { incarnation: 2, meta: fromHex("01") }),
        "updated b: newMeta",
      ],
      [aliveMessage("b", { incarnation: 3, meta: fromHex("01") })],
    ],
  },
  {
    name: "suspect beats alive of the same incarnation; a newer one beats it",
    steps: [
      [aliveMessage("b"), "joined b: new"],
      [accusation("suspect", "b"), "suspected b: accused"],
      [aliveMessage("b")],
      [accusation("suspect", "b")],
      [aliveMessage("b", { incarnation: 2 }), "recovered b: refuted"],
      [accusation("suspect", "b")],
    ],
  },
  {
    name: "dead beats suspect of the same incarnation; a newer one returns",
    steps: [
      [aliveMessage("b"), "joined b: new"],
      [accusation("suspect", "b"), "suspected b: accused"],
      [accusation("dead", "b"), "failed b: declaredDead"],
      [accusation("suspect", "b")],
      [accusation("dead", "b")],
      [aliveMessage("b")],
      [aliveMessage("b", { incarnation: 2 }), "joined b: returned"],
    ],
  },
  {
    name: "dead by its own word is goodbye",
    steps: [
      [aliveMessage("b"), "joined b: new"],
      [accusation("dead", "b", { from: "b" }), "left b: goodbye"],
      [accusation("dead", "b")],
      [aliveMessage("b", { incarnation: 2 }), "joined b: returned"],
    ],
  },
  {
    name: "an accusation of an older life, or of nobody known, is ignored",
    steps: [
      [aliveMessage("b", { incarnation: 5 }), "joined b: new"],
      [accusation("suspect", "b", { incarnation: 4 })],
      [accusation("dead", "b", { incarnation: 4 })],
      [accusation("dead", "unknown")],
      [accusation("suspect", "unknown")],
    ],
  },
  {
    name: "an accusation by nobody is ignored",
    steps: [
      [aliveMessage("b"), "joined b: new"],
      [accusation("suspect", "b", { from: "" })],
      [accusation("dead", "b", { from: "x".repeat(300) })],
    ],
  },
];

Deno.test.each(stories)("$name", pure, ({ steps }) => {
  const rig = new MachineRig();
  for (const [message, ...expected] of steps) {
    assertEquals(changes(rig.hear(message)), expected);
  }
});

const elsewhere: Partial<Alive> = {
  incarnation: 2,
  address: Uint8Array.of(192, 0, 2, 7),
};

Deno.test.each<{
  name: string;
  before: readonly Message[];
  wait?: number;
  reclaim?: number;
  expected: readonly string[];
}>([
  {
    name: "of a living member is taken",
    before: [],
    expected: ["addressConflict"],
  },
  {
    name: "of a suspect is taken",
    before: [accusation("suspect", "b")],
    expected: ["addressConflict"],
  },
  {
    name: "of a dead member is taken",
    before: [accusation("dead", "b")],
    wait: 100_000,
    expected: ["addressConflict"],
  },
  {
    name: "of a member that left is free",
    before: [accusation("dead", "b", { from: "b" })],
    expected: ["joined b: returned"],
  },
  {
    name: "of a member that died recently is taken",
    before: [accusation("dead", "b")],
    wait: 1000,
    reclaim: 1000,
    expected: ["addressConflict"],
  },
  {
    name: "of a member that died long enough ago is free",
    before: [accusation("dead", "b")],
    wait: 1001,
    reclaim: 1000,
    expected: ["joined b: returned"],
  },
])("the name $name for another address", pure, (row) => {
  const settings = { ...SETTINGS, deadNodeReclaim: row.reclaim ?? 0 };
  const rig = new MachineRig({ settings });
  rig.hear(aliveMessage("b"), ...row.before);
  rig.now += row.wait ?? 0;
  const effects = rig.hear(aliveMessage("b", elsewhere));
  assertEquals([...drops(effects), ...changes(effects)], row.expected);
});

Deno.test("the same address in 16 bytes is no other address", pure, () => {
  const rig = new MachineRig();
  rig.hear(aliveMessage("b"));
  const address = fromHex("00000000000000000000ffff c0000202");
  const effects = rig.hear(aliveMessage("b", { incarnation: 2, address }));
  assertEquals(drops(effects), []);
});

Deno.test.each<{ name: string; facts: Partial<Alive>; drop: string }>([
  { name: "no name", facts: { node: "" }, drop: "badName" },
  {
    name: "a name of 256 bytes",
    facts: { node: "é".repeat(128) },
    drop: "badName",
  },
  { name: "no address", facts: { address: null }, drop: "badAddress" },
  {
    name: "an address of 5 bytes",
    facts: { address: new Uint8Array(5) },
    drop: "badAddress",
  },
  {
    name: "the unspecified address",
    facts: { address: new Uint8Array(4) },
    drop: "badAddress",
  },
  {
    name: "a multicast address",
    facts: { address: Uint8Array.of(224, 0, 0, 1) },
    drop: "badAddress",
  },
  { name: "no versions", facts: { versions: null }, drop: "badVersions" },
  {
    name: "513 bytes of metadata",
    facts: { meta: new Uint8Array(513) },
    drop: "metaTooLong",
  },
])("a member with $name is not taken", pure, ({ facts, drop }) => {
  const rig = new MachineRig();
  const effects = rig.hear(aliveMessage("b", facts));
  assertEquals([drops(effects), changes(effects)], [[drop], []]);
  assertEquals(rig.machine.members.length, 1);
});

Deno.test("a member without a port has ours", pure, () => {
  const rig = new MachineRig();
  rig.hear(aliveMessage("b", { port: 0 }));
  assertEquals(
    rig.machine.members.find(({ name }) => name === "b")?.endpoint,
    { ip: "192.0.2.2", port: 7946 },
  );
});

Deno.test("the number of members is limited, not their changes", pure, () => {
  const rig = new MachineRig();
  for (let number = 1; number < MAX_MEMBERS; number++) {
    rig.hear(aliveMessage(`m${number}`));
  }
  assertEquals(drops(rig.hear(aliveMessage("more"))), ["tooManyMembers"]);
  const newer = aliveMessage("m7", { incarnation: 2, meta: fromHex("01") });
  assertEquals(changes(rig.hear(newer)), ["updated m7: newMeta"]);
});

/** What `self` says about itself in answer to a ping. */
function objection(rig: MachineRig): Alive | undefined {
  return messagesOf(
    rig.hear({
      kind: "ping",
      sequence: 1,
      node: "self",
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: "",
    }),
    "alive",
  ).find(({ node }) => node === "self");
}

Deno.test.each<{ name: string; message: Message; incarnation: number }>([
  {
    name: "a suspicion",
    message: accusation("suspect", "self"),
    incarnation: 2,
  },
  { name: "a death", message: accusation("dead", "self"), incarnation: 2 },
  {
    name: "a death of a later life",
    message: accusation("dead", "self", { incarnation: 9 }),
    incarnation: 10,
  },
  {
    name: "a later life with the same metadata",
    message: aliveMessage("self", {
      incarnation: 4,
      address: Uint8Array.of(192, 0, 2, 1),
    }),
    incarnation: 5,
  },
  {
    name: "this life with other metadata",
    message: aliveMessage("self", {
      address: Uint8Array.of(192, 0, 2, 1),
      meta: fromHex("01"),
    }),
    incarnation: 2,
  },
  {
    name: "the last possible life",
    message: accusation("dead", "self", { incarnation: 0xffffffff }),
    incarnation: 0xffffffff,
  },
])("it objects to $name of its own", pure, ({ message, incarnation }) => {
  const rig = new MachineRig();
  assertEquals(changes(rig.hear(message)), []);
  assertEquals(rig.state("self"), "alive");
  assertEquals(objection(rig)?.incarnation, incarnation);
  assertEquals(rig.machine.healthScore, 1);
});

Deno.test("it does not object to what it says itself", pure, () => {
  const rig = new MachineRig();
  rig.hear(
    aliveMessage("self", { address: Uint8Array.of(192, 0, 2, 1) }),
    accusation("suspect", "self", { incarnation: 0 }),
  );
  assertEquals(rig.machine.healthScore, 0);
});

Deno.test("somebody else with our name is a conflict, not us", pure, () => {
  const rig = new MachineRig();
  const effects = rig.hear(aliveMessage("self", { incarnation: 7 }));
  assertEquals(drops(effects), ["addressConflict"]);
  assertEquals(objection(rig)?.incarnation, 1);
});

Deno.test(
  "a suspect that keeps silent is dead when its time is over",
  pure,
  () => {
    const rig = new MachineRig({ settings: { ...SETTINGS, probeInterval: 0 } });
    rig.hear(aliveMessage("b"), accusation("suspect", "b"));
    const settings = { ...SETTINGS, probeInterval: 1000 };
    const slow = new MachineRig({ settings });
    slow.hear(aliveMessage("b"), accusation("suspect", "b"));
    const effects = slow.waitFor("member");
    assertEquals(changes(effects), ["failed b: silent"]);
    assertEquals(slow.now, 4000);
    // Without probes there is no time to give.
    assertEquals(changes(rig.wait()), ["failed b: silent"]);
  },
);

Deno.test("a suspect that objected is not declared dead later", pure, () => {
  const settings = { ...SETTINGS, pushPullInterval: 0 };
  const rig = new MachineRig({ settings });
  rig.hear(aliveMessage("b"), accusation("suspect", "b"));
  rig.hear(aliveMessage("b", { incarnation: 2 }));
  while (rig.now < 60_000) {
    const effects = rig.wait();
    assertEquals(changes(effects), []);
    for (const { sequence } of messagesOf(effects, "ping")) {
      rig.hear({ kind: "ack", sequence, payload: null });
    }
  }
});

Deno.test("confirmations of others shorten a suspect's time", pure, () => {
  const times = [0, 1, 2].map((confirmations) => {
    const rig = new MachineRig();
    const names = ["b", "c", "d", "e"];
    rig.hear(
      ...names.map((name, index) =>
        aliveMessage(name, { address: Uint8Array.of(192, 0, 2, 10 + index) })
      ),
    );
    // Our own probes confirm as well, unless the suspicion is ours.
    rig.hear(accusation("suspect", "b", { from: "self" }));
    const confirming = ["d", "e"].slice(0, confirmations);
    for (const from of confirming) {
      rig.hear(accusation("suspect", "b", { from }));
    }
    let effects = rig.wait();
    while (!changes(effects).includes("failed b: silent")) effects = rig.wait();
    return Math.round(rig.now);
  });
  assertEquals(times, [24_000, 11_381, 4000]);
});

Deno.test(
  "what another holds for dead or suspect is only suspected",
  pure,
  () => {
    const rig = new MachineRig();
    rig.hear(
      aliveMessage("b"),
      aliveMessage("c", { address: Uint8Array.of(192, 0, 2, 3) }),
      aliveMessage("d", { address: Uint8Array.of(192, 0, 2, 4) }),
    );
    const effects = rig.give({
      kind: "request",
      stream: 1,
      from: { ip: "192.0.2.9", port: 40_000 },
      bytes: stateBytes(
        nodeState("b", 2),
        nodeState("c", 1),
        nodeState("d", 3),
        nodeState("e", 0, { address: Uint8Array.of(192, 0, 2, 5) }),
        nodeState("f", 2),
        nodeState("g", 7),
      ),
    });
    assertEquals(changes(effects), [
      "suspected b: heldDead",
      "suspected c: accused",
      "left d: goodbye",
      "joined e: new",
    ]);
    assertEquals(drops(effects), ["malformed"]);
  },
);
