import { assertEquals } from "@std/assert";
import { MEMBERLIST_CONFIG as file } from "../../tests/swim/memberlist_config.ts";
import { LAN, WAN } from "../swim/mod.ts";
import { readMemberlistSettings } from "./mod.ts";

const pure = { permissions: "none" } as const;

Deno.test("the defaults of memberlist are the LAN preset", pure, () => {
  assertEquals(readMemberlistSettings(JSON.stringify(file)), {
    kind: "settings",
    settings: LAN,
  });
});

Deno.test("every field has its effect", pure, () => {
  const text = JSON.stringify({
    ...file,
    TCPTimeout: "30s",
    SuspicionMult: 6,
    PushPullInterval: "1m",
    ProbeTimeout: "3s",
    ProbeInterval: "5s",
    GossipNodes: 4,
    GossipInterval: "0.5s",
    GossipToTheDeadTime: "1m0s",
    IndirectChecks: 1,
    RetransmitMult: 2,
    SuspicionMaxTimeoutMult: 5,
    AwarenessMaxMultiplier: 4,
    DisableTcpPings: true,
    GossipVerifyIncoming: false,
    GossipVerifyOutgoing: false,
    EnableCompression: false,
    UDPBufferSize: 8000,
  });
  assertEquals(readMemberlistSettings(text), {
    kind: "settings",
    settings: {
      ...WAN,
      indirectChecks: 1,
      retransmitMult: 2,
      suspicionMaxTimeoutMult: 5,
      awarenessMaxMultiplier: 4,
      streamPings: false,
      verifyIncoming: false,
      verifyOutgoing: false,
      compression: false,
      packetSize: 8000,
    },
  });
});

Deno.test.each(Object.keys(file).map((field) => ({ field })))(
  "the file must hold $field",
  pure,
  ({ field }) => {
    const result = readMemberlistSettings(
      JSON.stringify({ ...file, [field]: undefined }),
    );
    assertEquals(result.kind, "refused");
    const problems = result.kind === "refused" ? result.problems : [];
    assertEquals(problems.length, 1);
    assertEquals(problems[0]?.startsWith(`${field} is missing: it must`), true);
  },
);

Deno.test.each([
  { name: "no JSON", text: "{", problems: ["the file is no JSON object"] },
  { name: "a list", text: "[]", problems: ["the file is no JSON object"] },
  {
    name: "a duration without a unit, and a text for a number",
    text: JSON.stringify({ ...file, ProbeInterval: 1000, GossipNodes: "3" }),
    problems: [
      'ProbeInterval is 1000: it must be a duration such as "200ms"',
      'GossipNodes is "3": it must be a whole number',
    ],
  },
  {
    name: "a negative duration",
    text: JSON.stringify({ ...file, GossipInterval: "-1s" }),
    problems: [
      "GossipInterval is -1000: it must be from 0 to 9007199254740991",
    ],
  },
  {
    name: "packets too small for one member",
    text: JSON.stringify({ ...file, UDPBufferSize: 500 }),
    problems: ["UDPBufferSize is 500: it must be from 1200 to 65507"],
  },
])("readMemberlistSettings() refuses $name", pure, ({ text, problems }) => {
  assertEquals(readMemberlistSettings(text), { kind: "refused", problems });
});
