import { assertEquals } from "@std/assert";
import { parseIp, parseMac } from "../../mod/net/mod.ts";
import { nodeId } from "../../mod/ownership/mod.ts";
import { encodeMemberMeta } from "../../mod/swim/mod.ts";
import {
  addressesToJoin,
  bystandersOf,
  isLegacy,
  linkLocalIdentifier,
  metaOf,
  peerOf,
  type StationsAt,
  untoldAddresses,
} from "./peers.ts";

const options = { permissions: "none" } as const;
const MAC = parseMac("02:00:00:00:00:0a");
const OTHER_MAC = parseMac("02:00:00:00:01:0a");
const LINK_LOCAL = parseIp("fe80::a");
/** Nobody was met anywhere. */
const NOWHERE: StationsAt = () => [];
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
  assertEquals(peerOf({ ...NAMED, meta }, NOWHERE), {
    node: nodeId("node-b"),
    isAlive: true,
    hasLeft: false,
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

const FOUR = parseIp("192.0.2.11");
const OTHER_FOUR = parseIp("198.51.100.11");

Deno.test.each(
  [
    {
      what: "a link-local and an IPv4 address",
      link: { mac: MAC, linkLocal: LINK_LOCAL, ipv4: OTHER_FOUR },
      ways: { linkLocal: LINK_LOCAL, ipv4: FOUR },
      others: {},
    },
    {
      what: "the gossip's IPv4 address",
      link: { mac: MAC, ipv4: FOUR },
      ways: { ipv4: FOUR },
      others: {},
    },
    {
      what: "another IPv4 address than the gossip's",
      link: { mac: MAC, ipv4: OTHER_FOUR },
      ways: { ipv4: OTHER_FOUR },
      others: { ipv4: FOUR },
    },
    {
      what: "no address",
      link: { mac: MAC },
      ways: { ipv4: FOUR },
      others: {},
    },
  ] as const,
)("the ways to a member with $what, as it tells them", options, (row) => {
  const meta = encodeMemberMeta([metaOf(row.link), { mac: OTHER_MAC }]);
  assertEquals(peerOf({ ...NAMED, meta }, NOWHERE).stations, [
    { mac: MAC, interfaces: "all", ...row.ways },
    { mac: OTHER_MAC, interfaces: "all", ...row.others },
  ]);
});

Deno.test(
  "peerOf() gives no IPv4 address for a member that has none",
  options,
  () => {
    const meta = encodeMemberMeta([{ mac: MAC }]);
    const endpoint = { ip: "2001:db8::b", port: 7946 };
    const { stations } = peerOf({ ...NAMED, endpoint, meta }, NOWHERE);
    assertEquals(stations, [{ mac: MAC, interfaces: "all" }]);
  },
);

Deno.test.each([
  { what: "MetalLB's", bytes: [], speaksClaims: false },
  { what: "a later release's", bytes: [0x48, 0x4c, 9], speaksClaims: true },
  { what: "broken", bytes: [0x48, 0x4c, 1], speaksClaims: false },
])("peerOf() knows no interface from $what metadata", options, (row) => {
  const member = { ...NAMED, meta: Uint8Array.from(row.bytes) };
  const peer = peerOf(member, NOWHERE);
  assertEquals(peer.stations, []);
  assertEquals(peer.speaksClaims, row.speaksClaims);
  assertEquals(isLegacy(member), !row.speaksClaims);
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
    peerOf({ ...NAMED, state: row.state, meta }, NOWHERE).isAlive,
    row.isAlive,
  );
});

/** Where the kernel has met whom. */
const met: StationsAt = (addresses) =>
  [{ ip: "192.0.2.11", mac: MAC }, { ip: "2001:db8::b", mac: OTHER_MAC }]
    .filter(({ ip }) => addresses.includes(ip))
    .map(({ mac }) => ({ mac, interfaces: "all" }));
const PLACE_B = { name: "node-b", addresses: ["2001:db8::b", "host-b"] };
const PLACE_C = { name: "node-c", addresses: ["192.0.2.12"] };
const PLACE_D = { name: "node-d", addresses: ["2001:db8::b"] };
const SILENT = { ...NAMED, meta: new Uint8Array() };
const TELLING = {
  ...NAMED,
  name: "node-c",
  endpoint: { ip: "192.0.2.12", port: 7946 },
  meta: encodeMemberMeta([{ mac: OTHER_MAC }]),
};

Deno.test(
  "peerOf() has MetalLB's speaker where its node was met",
  options,
  () => {
    const both = [{ mac: MAC, interfaces: "all" }, {
      mac: OTHER_MAC,
      interfaces: "all",
    }] as const;
    assertEquals(peerOf(SILENT, met).stations, both.slice(0, 1));
    assertEquals(peerOf(SILENT, met, PLACE_B).stations, both);
  },
);

Deno.test(
  "peerOf() believes what a member tells, not the neighbour table",
  options,
  () => {
    const meta = encodeMemberMeta([{ mac: OTHER_MAC }]);
    const { stations } = peerOf({ ...NAMED, meta }, met, PLACE_B);
    assertEquals(stations.map(({ mac }) => mac), [OTHER_MAC]);
  },
);

Deno.test(
  "bystandersOf() are the nodes that are no members and were met",
  options,
  () => {
    const nodes = [PLACE_B, PLACE_C, PLACE_D];
    assertEquals(bystandersOf([SILENT], nodes, met), [
      {
        node: nodeId("node-d"),
        stations: [{ mac: OTHER_MAC, interfaces: "all" }],
      },
    ]);
  },
);

Deno.test(
  "untoldAddresses() are those of members that tell nothing, and of nodes that are none",
  options,
  () => {
    const nodes = [PLACE_B, PLACE_C, PLACE_D];
    assertEquals(untoldAddresses([SILENT, TELLING], nodes), [
      ["192.0.2.11", "2001:db8::b", "host-b"],
      ["2001:db8::b"],
    ]);
    assertEquals(untoldAddresses([TELLING], [PLACE_C]), []);
  },
);

Deno.test.each([
  {
    what: "not a member's node, nor this one",
    nodes: [PLACE_B, PLACE_C, { name: "node-a", addresses: ["192.0.2.99"] }],
    expected: ["192.0.2.12"],
  },
  {
    what: "no host names, nor the other family",
    nodes: [{
      name: "node-d",
      addresses: ["192.0.2.13", "2001:db8::d", "node-d", "192.0.2.13"],
    }],
    expected: ["192.0.2.13"],
  },
  {
    what: "not where a member or this one is",
    nodes: [{ name: "node-d", addresses: ["192.0.2.11", "192.0.2.10"] }],
    expected: [],
  },
])("addressesToJoin(): $what", options, ({ nodes, expected }) => {
  const self = { node: "node-a", ip: "192.0.2.10" };
  assertEquals(addressesToJoin([SILENT], nodes, self), expected);
});

Deno.test("addressesToJoin(): of who is not alive", options, () => {
  const dead = { ...TELLING, state: "dead" } as const;
  const self = { node: "node-a", ip: "192.0.2.10" };
  assertEquals(addressesToJoin([dead], [PLACE_C], self), ["192.0.2.12"]);
});
