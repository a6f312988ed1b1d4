import { assertEquals } from "@std/assert";
import { parseIp, parseMac } from "../../mod/net/mod.ts";
import { nodeId } from "../../mod/ownership/mod.ts";
import { encodeMemberMeta } from "../../mod/swim/mod.ts";
import { linkLocalIdentifier, peerOf } from "./peers.ts";

const options = { permissions: "none" } as const;
const MAC = parseMac("02:00:00:00:00:0a");
const OTHER_MAC = parseMac("02:00:00:00:01:0a");
const LINK_LOCAL = parseIp("fe80::a");
const NAMED = {
  name: "node-b",
  state: "alive",
  endpoint: { ip: "192.0.2.11", port: 7946 },
} as const;

Deno.test("peerOf() tells where a speaker's interfaces are", options, () => {
  const meta = encodeMemberMeta([
    { mac: MAC, identifier: linkLocalIdentifier(LINK_LOCAL) },
    { mac: OTHER_MAC },
  ]);
  assertEquals(peerOf({ ...NAMED, meta }), {
    node: nodeId("node-b"),
    isAlive: true,
    speaksClaims: true,
    stations: [
      {
        mac: MAC,
        interfaces: "all",
        ipv4: parseIp("192.0.2.11"),
        linkLocal: LINK_LOCAL,
      },
      { mac: OTHER_MAC, interfaces: "all" },
    ],
  });
});

Deno.test(
  "peerOf() gives no IPv4 address for a member that has none",
  options,
  () => {
    const meta = encodeMemberMeta([{ mac: MAC }]);
    const endpoint = { ip: "2001:db8::b", port: 7946 };
    const { stations } = peerOf({ ...NAMED, endpoint, meta });
    assertEquals(stations, [{ mac: MAC, interfaces: "all" }]);
  },
);

Deno.test.each([
  { what: "MetalLB's", bytes: [], speaksClaims: false },
  { what: "a later release's", bytes: [0x48, 0x4c, 9], speaksClaims: true },
  { what: "broken", bytes: [0x48, 0x4c, 1], speaksClaims: false },
])("peerOf() knows no interface from $what metadata", options, (row) => {
  const peer = peerOf({ ...NAMED, meta: Uint8Array.from(row.bytes) });
  assertEquals(peer.stations, []);
  assertEquals(peer.speaksClaims, row.speaksClaims);
});

Deno.test.each(
  [
    { state: "alive", isAlive: true },
    { state: "suspect", isAlive: true },
    { state: "dead", isAlive: false },
    { state: "left", isAlive: false },
  ] as const,
)("peerOf() takes one that is $state for alive: $isAlive", options, (row) => {
  const meta = new Uint8Array();
  assertEquals(
    peerOf({ ...NAMED, state: row.state, meta }).isAlive,
    row.isAlive,
  );
});
