/** One member: its answers, its probes, its streams, its end. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  aliveMessage,
  changes,
  drops,
  MachineRig,
  messagesOf,
  nodeState,
  packets,
  replyOf,
  sentState,
  SETTINGS,
  stateBytes,
} from "../../tests/swim/machine_rig.ts";
import { MAX_RELAYS } from "./relays.ts";
import {
  encodeMessage,
  LAN,
  makeKeyring,
  type Message,
  MessageType,
  type SwimEffect,
  type SwimOptions,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const peer = { ip: "192.0.2.2", port: 7946 };
const noSource = { sourceAddress: null, sourcePort: 0, sourceNode: "" };

function ping(changes: Partial<Message & { kind: "ping" }> = {}): Message {
  return { kind: "ping", sequence: 7, node: "self", ...noSource, ...changes };
}

/** The member `bN` at 192.0.2.N. */
function neighbour(number: number): Message {
  const address = Uint8Array.of(192, 0, 2, number);
  return aliveMessage(`b${number}`, { address });
}

Deno.test("a cluster of one waits for its first probe", pure, () => {
  const rig = new MachineRig();
  assertEquals(rig.state("self"), "alive");
  const deadline = rig.machine.nextDeadline();
  assert(deadline >= 0 && deadline <= LAN.probeInterval);
  assertEquals(rig.wait(), []);
  assert(rig.machine.nextDeadline() >= deadline + LAN.probeInterval);
});

Deno.test.each<{ name: string; options: Partial<SwimOptions>; says: string }>([
  { name: "no name", options: { name: "" }, says: "as a member's name" },
  {
    name: "no real address",
    options: { endpoint: { ip: "0.0.0.0", port: 7946 } },
    says: "Cannot be reached at 0.0.0.0",
  },
  {
    name: "no port",
    options: { endpoint: { ip: "192.0.2.1", port: 0 } },
    says: "port 0",
  },
  {
    name: "513 bytes of metadata",
    options: { meta: new Uint8Array(513) },
    says: "513 bytes",
  },
  {
    name: "settings that cannot be used",
    options: { settings: { ...SETTINGS, retransmitMult: 0 } },
    says: "retransmitMult is 0",
  },
])("nobody can have $name", pure, ({ options, says }) => {
  assertThrows(() => new MachineRig(options), RangeError, says);
});

Deno.test.each([
  { name: "its sender", message: ping(), to: "192.0.2.9:7946" },
  {
    name: "its sender, when it names nobody",
    message: ping({ node: "" }),
    to: "192.0.2.9:7946",
  },
  {
    name: "where it says",
    message: ping({
      sourceAddress: Uint8Array.of(192, 0, 2, 5),
      sourcePort: 5000,
    }),
    to: "192.0.2.5:5000",
  },
])("a ping is answered to $name", pure, ({ message, to }) => {
  const [answer] = packets(new MachineRig().hear(message));
  assertEquals(answer?.to, to);
  assertEquals(answer?.messages[0], {
    kind: "ack",
    sequence: 7,
    payload: null,
  });
});

Deno.test.each<{ name: string; message: Message; drop: string }>([
  {
    name: "a ping for another",
    message: ping({ node: "other" }),
    drop: "notForUs",
  },
  {
    name: "a ping that wants its answer multicast",
    message: ping({
      sourceAddress: Uint8Array.of(224, 0, 0, 1),
      sourcePort: 5000,
    }),
    drop: "badAddress",
  },
  {
    name: "an answer to no question",
    message: { kind: "ack", sequence: 99, payload: null },
    drop: "unexpectedAck",
  },
  {
    name: "an indirect ping to nowhere",
    message: {
      kind: "indirectPing",
      sequence: 1,
      target: null,
      port: 7946,
      node: "b",
      nack: true,
      ...noSource,
    },
    drop: "badAddress",
  },
  {
    name: "an error in a packet",
    message: { kind: "error", error: "?" },
    drop: "unexpectedMessage",
  },
])("$name is dropped", pure, ({ message, drop }) => {
  const effects = new MachineRig().hear(message);
  assertEquals(effects.map(({ kind }) => kind), ["dropped"]);
  assertEquals(drops(effects), [drop]);
});

function indirectPing(sequence: number, nack = true): Message {
  return {
    kind: "indirectPing",
    sequence,
    target: Uint8Array.of(192, 0, 2, 2),
    port: 7946,
    node: "b2",
    nack,
    ...noSource,
  };
}

Deno.test("it asks for another and passes the answer on", pure, () => {
  const rig = new MachineRig();
  const [question] = packets(rig.hear(indirectPing(300)));
  assertEquals(question?.to, "192.0.2.2:7946");
  const [asked] = question?.messages ?? [];
  assert(asked?.kind === "ping" && asked.node === "b2");
  assertEquals(asked.sourcePort, 7946);
  const ack = { kind: "ack", sequence: asked.sequence, payload: null } as const;
  const [answer] = packets(rig.hear(ack));
  assertEquals(answer?.to, "192.0.2.9:7946");
  assertEquals(answer?.messages[0], { ...ack, sequence: 300 });
  assertEquals(drops(rig.hear(ack)), ["unexpectedAck"]);
});

Deno.test(
  "it says when another did not answer, if it is asked to",
  pure,
  () => {
    const settings = { ...SETTINGS, probeInterval: 0 };
    for (const nack of [true, false]) {
      const rig = new MachineRig({ settings });
      rig.hear(indirectPing(300, nack));
      const effects = rig.wait();
      assertEquals(rig.now, LAN.probeTimeout);
      assertEquals(messagesOf(effects, "nack").length, nack ? 1 : 0);
    }
  },
);

Deno.test("it asks for a limited number of others at once", pure, () => {
  const rig = new MachineRig();
  for (let number = 0; number < MAX_RELAYS; number++) {
    assertEquals(drops(rig.hear(indirectPing(number))), []);
  }
  assertEquals(drops(rig.hear(indirectPing(1))), ["tooManyRelays"]);
});

/** A rig with neighbours 2 and on, at the first probe: its target and sequence. */
function probing(neighbours: number) {
  const rig = new MachineRig();
  for (let number = 2; number < 2 + neighbours; number++) {
    rig.hear(neighbour(number));
  }
  const effects = rig.waitFor("send");
  const [question] = messagesOf(effects, "ping");
  assert(question !== undefined);
  return { rig, question, target: packets(effects)[0]?.to };
}

Deno.test(
  "who answers directly is asked again in the next interval",
  pure,
  () => {
    const { rig, question } = probing(1);
    const asked = rig.now;
    rig.now += 10;
    const { sequence } = question;
    assertEquals(drops(rig.hear({ kind: "ack", sequence, payload: null })), []);
    const [next] = messagesOf(rig.waitFor("send"), "ping");
    assertEquals(rig.now, asked + LAN.probeInterval);
    assertEquals(next?.node, "b2");
    assert(next?.sequence !== sequence);
  },
);

Deno.test(
  "who does not is asked through others and over a stream, then suspected",
  pure,
  () => {
    const { rig, question, target } = probing(5);
    const asked = rig.now;
    const effects = rig.wait();
    assertEquals(rig.now, asked + LAN.probeTimeout);
    const indirect = messagesOf(effects, "indirectPing");
    assertEquals(indirect.length, LAN.indirectChecks);
    assertEquals(new Set(packets(effects).map(({ to }) => to)).size, 3);
    assert(packets(effects).every(({ to }) => to !== target));
    for (const request of indirect) {
      assertEquals(request.node, question.node);
      assertEquals(request.sequence, question.sequence);
      assertEquals(request.nack, true);
    }
    const stream = effects.find(({ kind }) => kind === "openStream");
    assert(stream?.kind === "openStream");
    assertEquals(stream.deadline, asked + LAN.probeInterval);
    const later = rig.waitFor("member");
    assertEquals(rig.now, asked + LAN.probeInterval);
    assertEquals(changes(later), [`suspected ${question.node}: unanswered`]);
    const [told] = messagesOf(rig.waitFor("send"), "suspect");
    assertEquals(told?.from, "self");
  },
);

Deno.test("an answer through another counts", pure, () => {
  const { rig, question } = probing(3);
  rig.wait();
  const { sequence } = question;
  rig.hear({ kind: "ack", sequence, payload: null });
  assertEquals(rig.machine.healthScore, 0);
  assertEquals(changes(rig.wait()), []);
});

Deno.test(
  "an answer over the stream counts at the end, and tells of lost packets",
  pure,
  () => {
    const { rig, question } = probing(1);
    const opened = rig.wait().find(({ kind }) => kind === "openStream");
    assert(opened?.kind === "openStream");
    const { sequence } = question;
    const bytes = encodeMessage({ kind: "ack", sequence, payload: null });
    assertEquals(rig.give({ kind: "reply", stream: opened.stream, bytes }), []);
    const effects = rig.wait();
    assertEquals(
      effects.flatMap((effect) =>
        effect.kind === "packetsLost" ? [effect.member.name] : []
      ),
      ["b2"],
    );
    assertEquals(changes(effects), []);
  },
);

Deno.test.each([
  { name: "nobody to ask", neighbours: 1, nacks: 0, score: 1 },
  {
    name: "three to ask, none of whom answers",
    neighbours: 4,
    nacks: 0,
    score: 3,
  },
  {
    name: "three to ask, one of whom answers",
    neighbours: 4,
    nacks: 1,
    score: 2,
  },
  { name: "three to ask, who all answer", neighbours: 4, nacks: 3, score: 0 },
])("the own health after a failed probe: $name", pure, (row) => {
  const { rig, question } = probing(row.neighbours);
  rig.wait();
  const { sequence } = question;
  for (let nacks = 0; nacks < row.nacks; nacks++) {
    rig.hear({ kind: "nack", sequence });
  }
  rig.wait();
  assertEquals(rig.machine.healthScore, row.score);
});

/** When two probes leave that are answered, one after the other. */
function probeTimes(rig: MachineRig): readonly [number, number] {
  const next = (): number => {
    const [question] = messagesOf(rig.waitFor("send"), "ping");
    const { sequence } = question ?? { sequence: NaN };
    rig.hear({ kind: "ack", sequence, payload: null });
    return rig.now;
  };
  return [next(), next()];
}

Deno.test.each<{
  name: string;
  told: readonly boolean[];
  heard?: readonly Message[];
  interval?: number;
  seconds: number;
}>([
  { name: "nothing else tells who lives", told: [], seconds: 1 },
  { name: "something else tells that all live", told: [true], seconds: 5 },
  { name: "it does not any more", told: [true, false], seconds: 1 },
  {
    name: "it probes more rarely in any case",
    told: [true],
    interval: 7000,
    seconds: 7,
  },
  {
    name: "somebody is suspected all the same",
    told: [true],
    heard: [{ kind: "suspect", incarnation: 1, node: "b3", from: "b2" }],
    seconds: 1,
  },
  {
    name: "its own health is in doubt",
    told: [true],
    heard: [1, 2].map((incarnation) => (
      { kind: "suspect", incarnation, node: "self", from: "b2" }
    )),
    seconds: 1,
  },
])("where $name it probes every $seconds s", pure, (row) => {
  const { told, heard = [], interval = 1000, seconds } = row;
  const settings = { ...SETTINGS, probeInterval: interval };
  const rig = new MachineRig({ settings });
  rig.hear(neighbour(2), neighbour(3), ...heard);
  for (const all of told) rig.give({ kind: "heard", all });
  const [first, second] = probeTimes(rig);
  assertEquals(second - first, seconds * 1000);
});

Deno.test("it probes within an interval once not all are heard", pure, () => {
  const rig = new MachineRig();
  rig.hear(neighbour(2), neighbour(3));
  rig.give({ kind: "heard", all: true });
  const [, last] = probeTimes(rig);
  rig.now = last + 100;
  rig.give({ kind: "heard", all: false });
  const [next] = probeTimes(rig);
  assert(next <= last + 100 + LAN.probeInterval, `after ${next - last} ms`);
});

Deno.test("bad health gives a probe more time", pure, () => {
  const rig = new MachineRig();
  rig.hear(neighbour(2));
  rig.hear({ kind: "suspect", incarnation: 1, node: "self", from: "b2" });
  rig.waitFor("send");
  const asked = rig.now;
  rig.waitFor("member");
  assertEquals(rig.now, asked + 2 * LAN.probeInterval);
});

Deno.test(
  "a suspect is told with the ping, so that it can object at once",
  pure,
  () => {
    const rig = new MachineRig();
    rig.hear(neighbour(2), {
      kind: "suspect",
      incarnation: 1,
      node: "b2",
      from: "b3",
    });
    const [{ messages } = { messages: [] }] = packets(rig.waitFor("send"));
    assertEquals(messages.map(({ kind }) => kind).slice(0, 2), [
      "ping",
      "suspect",
    ]);
  },
);

Deno.test(
  "without stream pings, or for members that lack them, no stream is opened",
  pure,
  () => {
    const settings = { ...SETTINGS, streamPings: false };
    const versions = Uint8Array.of(1, 2, 2, 0, 0, 0);
    const rigs = [
      { rig: new MachineRig({ settings }), member: neighbour(2) },
      {
        rig: new MachineRig(),
        member: aliveMessage("b2", { versions }),
      },
    ];
    for (const { rig, member } of rigs) {
      rig.hear(member);
      rig.waitFor("send");
      assertEquals(rig.wait(), []);
    }
  },
);

Deno.test("a long stall is not made up for by many probes", pure, () => {
  const { rig } = probing(1);
  rig.now += 100_000;
  assertEquals(rig.give({ kind: "timer" }), []);
  const effects = [1, 2, 3, 4].flatMap(() => rig.wait());
  assertEquals(messagesOf(effects, "ping").length, 1);
  assert(rig.machine.nextDeadline() > rig.now);
});

Deno.test.each([
  { name: "nobody else speaks", heard: [] },
  { name: "others are heard first", heard: [neighbour(2), neighbour(9)] },
])("an answer that waited during a stall counts when $name", pure, (row) => {
  const { rig, question: { sequence } } = probing(3);
  rig.now += 5000;
  rig.hear(...row.heard);
  assertEquals(rig.give({ kind: "timer" }), []);
  rig.now += 10;
  assertEquals(drops(rig.hear({ kind: "ack", sequence, payload: null })), []);
  assertEquals(changes(rig.waitFor("send")), []);
  assertEquals(rig.machine.healthScore, 0);
});

Deno.test("who did not answer during a stall is suspected then", pure, () => {
  const { rig, question: { node } } = probing(3);
  rig.now += 5000;
  assertEquals(rig.give({ kind: "timer" }), []);
  const effects = rig.waitFor("member");
  assertEquals(changes(effects), [`suspected ${node}: unanswered`]);
  // Nobody is asked a question whose time is up.
  assert(effects.every(({ kind }) => kind !== "openStream"));
  assertEquals(messagesOf(effects, "indirectPing"), []);
});

/** The stream that a rig opens to join, and the rig. */
function joining(): { rig: MachineRig; stream: number; effect: SwimEffect } {
  const rig = new MachineRig();
  const [effect] = rig.give({ kind: "join", to: [peer] });
  assert(effect?.kind === "openStream");
  return { rig, stream: effect.stream, effect };
}

Deno.test("joining gives the own state for the other's", pure, () => {
  const { rig, stream, effect } = joining();
  assert(effect.kind === "openStream");
  assertEquals(effect.to, peer);
  assertEquals(effect.deadline, LAN.streamTimeout);
  assertEquals(sentState([effect]).map(({ node }) => node), ["self"]);
  const bytes = stateBytes(nodeState("b", 0));
  const effects = rig.give({ kind: "reply", stream, bytes });
  assertEquals(changes(effects), ["joined b: new"]);
  assertEquals(effects.at(-1), {
    kind: "joinEnded",
    to: peer,
    outcome: "joined",
  });
});

Deno.test.each<
  { name: string; bytes: Uint8Array; reason: string; detail: string }
>([
  {
    name: "an error",
    bytes: encodeMessage({ kind: "error", error: "wrong key" }),
    reason: "remoteError",
    detail: "wrong key",
  },
  {
    name: "something else",
    bytes: encodeMessage({ kind: "ack", sequence: 1, payload: null }),
    reason: "unexpectedMessage",
    detail: "ack",
  },
  {
    name: "nonsense",
    bytes: Uint8Array.of(6),
    reason: "malformed",
    detail: "",
  },
  {
    name: "members of another version",
    bytes: stateBytes(
      nodeState("b", 0, { versions: Uint8Array.of(3, 5, 3, 0, 0, 0) }),
    ),
    reason: "incompatibleVersions",
    detail: "self speaks protocol version 2, others understand 3 to 5",
  },
])("joining fails when the answer is $name", pure, (row) => {
  const { rig, stream } = joining();
  const effects = rig.give({ kind: "reply", stream, bytes: row.bytes });
  assertEquals<unknown>(effects.at(-1), {
    kind: "joinEnded",
    to: peer,
    outcome: "failed",
    reason: row.reason,
    detail: row.detail,
  });
  assertEquals(rig.machine.members.length, 1);
});

Deno.test("joining fails when there is no answer, and once only", pure, () => {
  const { rig, stream } = joining();
  const failed = {
    kind: "streamFailed",
    stream,
    reason: "unreachable",
  } as const;
  const [effect] = rig.give(failed);
  assert(effect?.kind === "joinEnded" && effect.outcome === "failed");
  assertEquals(effect.reason, "unreachable");
  assertEquals(rig.give(failed), []);
});

function request(rig: MachineRig, bytes: Uint8Array): readonly SwimEffect[] {
  return rig.give({ kind: "request", stream: 5, from: peer, bytes });
}

Deno.test(
  "a state is answered with the own one, as it was before",
  pure,
  () => {
    const rig = new MachineRig();
    const effects = request(rig, stateBytes(nodeState("b", 0)));
    const answer = replyOf(effects);
    assert(answer?.kind === "pushPull");
    assertEquals(answer.nodes.map(({ node }) => node), ["self"]);
    assertEquals(changes(effects), ["joined b: new"]);
  },
);

Deno.test.each<{
  name: string;
  bytes: Uint8Array;
  reply?: string;
  delivered?: number;
  drop?: string;
}>([
  {
    name: "a ping",
    bytes: encodeMessage(ping()),
    reply: "ack",
  },
  {
    name: "a ping for another",
    bytes: encodeMessage(ping({ node: "other" })),
    drop: "notForUs",
  },
  {
    name: "a message of the application",
    bytes: Uint8Array.of(
      8,
      ...[0x81, 0xaa],
      ...new TextEncoder().encode("UserMsgLen"),
      ...[2, 0xbe, 0xef],
    ),
    delivered: 2,
  },
  {
    name: "an answer",
    bytes: encodeMessage({ kind: "ack", sequence: 1, payload: null }),
    drop: "unexpectedMessage",
  },
  {
    name: "nonsense",
    bytes: Uint8Array.of(6),
    reply: "error",
    drop: "malformed",
  },
  {
    name: "a stream of another cluster",
    bytes: Uint8Array.of(0xf4, 1, 0x78, 6),
    drop: "foreignLabel",
  },
  {
    name: "an incompatible state",
    bytes: stateBytes(
      nodeState("b", 0, { versions: Uint8Array.of(3, 5, 3, 0, 0, 0) }),
    ),
    reply: "pushPull",
    drop: "incompatibleVersions",
  },
])("a stream with $name", pure, (row) => {
  const effects = request(new MachineRig(), row.bytes);
  assertEquals(replyOf(effects)?.kind, row.reply);
  assertEquals(drops(effects), row.drop === undefined ? [] : [row.drop]);
  assertEquals(changes(effects), []);
  const payload = effects.flatMap((effect) =>
    effect.kind === "deliver" ? [effect.payload.length] : []
  );
  assertEquals(payload, row.delivered === undefined ? [] : [row.delivered]);
  // A stream is answered or closed, never both.
  const ends = effects.filter(({ kind }) =>
    kind === "reply" || kind === "closeStream"
  );
  assertEquals(ends.length, 1);
});

Deno.test(
  "the dead get gossip for a while, those who left do not",
  pure,
  () => {
    const gossipInterval = 200;
    const settings = { ...SETTINGS, gossipInterval, probeInterval: 0 };
    const rig = new MachineRig({ settings });
    rig.hear(
      neighbour(2),
      neighbour(3),
      { kind: "dead", incarnation: 1, node: "b2", from: "b9" },
      { kind: "dead", incarnation: 1, node: "b3", from: "b3" },
    );
    const targets = (): Set<string> => {
      rig.give({ kind: "broadcast", payload: Uint8Array.of(1) });
      rig.now = Math.max(rig.now, rig.machine.nextDeadline());
      const effects = rig.give({ kind: "timer" });
      return new Set(packets(effects).map(({ to }) => to));
    };
    assertEquals(targets(), new Set(["192.0.2.2:7946"]));
    rig.now = LAN.gossipToTheDead + gossipInterval + 1;
    assertEquals(targets(), new Set());
  },
);

Deno.test(
  "members that understand checksums get them, unless all is encrypted",
  pure,
  () => {
    const keyring = makeKeyring(new Uint8Array(32));
    const rows = [
      { greatest: 5, options: {}, first: MessageType.crc },
      { greatest: 4, options: {}, first: MessageType.compound },
      { greatest: 5, options: { keyring }, first: 1 },
    ];
    for (const { greatest, options, first } of rows) {
      const settings = { ...SETTINGS, verifyIncoming: false };
      const rig = new MachineRig({ settings, ...options });
      const versions = Uint8Array.of(1, greatest, 2, 0, 0, 0);
      rig.hear(aliveMessage("b2", { versions }));
      const [packet] = rig.waitFor("send");
      assert(packet?.kind === "send");
      assertEquals(packet.bytes[0], first);
    }
  },
);

Deno.test("settings that are replaced take effect at once", pure, () => {
  const off = { probeInterval: 0, gossipInterval: 0, pushPullInterval: 0 };
  const rig = new MachineRig({ settings: { ...SETTINGS, ...off } });
  rig.hear(neighbour(2));
  assertEquals(rig.machine.nextDeadline(), Infinity);
  for (const interval of Object.keys(off)) {
    const settings = { ...SETTINGS, ...off, [interval]: 500 };
    rig.give({ kind: "settings", settings });
    const wait = rig.machine.nextDeadline() - rig.now;
    assert(wait >= 0 && wait <= 500, `${interval}: ${wait} ms`);
  }
  rig.give({ kind: "settings", settings: { ...SETTINGS, ...off } });
  assertEquals(rig.machine.nextDeadline(), Infinity);
});

Deno.test(
  "settings that cannot be used leave those before in force",
  pure,
  () => {
    const rig = new MachineRig({
      settings: { ...SETTINGS, pushPullInterval: 0, probeInterval: 0 },
    });
    assertThrows(
      () =>
        rig.give({
          kind: "settings",
          settings: { ...SETTINGS, suspicionMult: 0 },
        }),
      RangeError,
      "suspicionMult is 0",
    );
    assertEquals(rig.machine.nextDeadline(), Infinity);
  },
);

Deno.test(
  "states are exchanged with a living member from time to time",
  pure,
  () => {
    const settings = { ...SETTINGS, probeInterval: 0 };
    const rig = new MachineRig({ settings });
    rig.hear(neighbour(2), neighbour(3));
    rig.hear({ kind: "dead", incarnation: 1, node: "b3", from: "b2" });
    const first = rig.waitFor("openStream");
    const begun = rig.now;
    assertEquals(
      first.flatMap((effect) =>
        effect.kind === "openStream" ? [effect.to.ip] : []
      ),
      ["192.0.2.2"],
    );
    assertEquals(sentState(first).map(({ state }) => state).toSorted(), [
      0,
      0,
      2,
    ]);
    rig.waitFor("openStream");
    assertEquals(rig.now, begun + LAN.pushPullInterval);
  },
);

Deno.test("goodbye needs nobody when nobody is there", pure, () => {
  const rig = new MachineRig();
  assertEquals(rig.give({ kind: "leave", timeout: 1000 }), [
    { kind: "goodbyeEnded", reason: "alone" },
  ]);
  assertEquals(rig.give({ kind: "leave", timeout: 1000 }), []);
});

Deno.test("goodbye ends when it has been said often enough", pure, () => {
  const settings = { ...SETTINGS, gossipInterval: 200, probeInterval: 0 };
  const rig = new MachineRig({ settings });
  rig.hear(neighbour(2));
  assertEquals(rig.give({ kind: "leave", timeout: 60_000 }), []);
  const said: Message[] = [];
  let effects: readonly SwimEffect[] = [];
  while (!effects.some(({ kind }) => kind === "goodbyeEnded")) {
    effects = rig.wait();
    said.push(...messagesOf(effects, "dead"));
  }
  assertEquals(effects.at(-1), { kind: "goodbyeEnded", reason: "spread" });
  assertEquals(said.length, LAN.retransmitMult);
  assertEquals(said[0], {
    kind: "dead",
    incarnation: 1,
    node: "self",
    from: "self",
  });
});

Deno.test("goodbye ends when its time is over", pure, () => {
  const rig = new MachineRig({ settings: { ...SETTINGS, probeInterval: 0 } });
  rig.hear(neighbour(2));
  rig.give({ kind: "leave", timeout: 700 });
  assertEquals(rig.wait(), [{ kind: "goodbyeEnded", reason: "timedOut" }]);
  assertEquals(rig.now, 700);
});

Deno.test(
  "who has left answers, but neither probes nor comes back",
  pure,
  () => {
    const rig = new MachineRig();
    rig.hear(neighbour(2));
    rig.give({ kind: "leave", timeout: 700 });
    assertEquals(packets(rig.hear(ping())).length, 1);
    rig.hear(
      aliveMessage("self", {
        incarnation: 9,
        address: Uint8Array.of(192, 0, 2, 1),
      }),
      { kind: "suspect", incarnation: 9, node: "self", from: "b2" },
    );
    rig.give({ kind: "meta", meta: Uint8Array.of(1) });
    assertEquals(rig.state("self"), "left");
    for (let times = 0; times < 20; times++) {
      assertEquals(messagesOf(rig.wait(), "ping"), []);
    }
  },
);

Deno.test("what is too long to tell is refused", pure, () => {
  const rig = new MachineRig();
  const meta = new Uint8Array(513);
  assertThrows(() => rig.give({ kind: "meta", meta }), RangeError, "513");
  const payload = new Uint8Array(1400);
  assertThrows(
    () => rig.give({ kind: "broadcast", payload }),
    RangeError,
    "a packet has room for 1390",
  );
  assertEquals(
    rig.give({ kind: "broadcast", payload: new Uint8Array(1390) }),
    [],
  );
});
