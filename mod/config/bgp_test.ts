/** The BGP part of the resolver: messages, and what the corpus does not have. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compareCommunities,
  type ConfigResources,
  type CustomResource,
  formatCommunity,
  resolveConfig,
} from "./mod.ts";
import { parseCommunity, sortCommunities } from "./bgp_community.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function resolve(fields: Partial<ConfigResources>) {
  return resolveConfig({
    pools: [
      { metadata: { name: "p" }, spec: { addresses: ["192.0.2.0/24"] } },
      { metadata: { name: "six" }, spec: { addresses: ["2001:db8::/120"] } },
    ],
    l2Advertisements: [],
    nodes: [{ metadata: { name: "n" } }],
    namespaces: [],
    ...fields,
  });
}

function named(name: string, spec: unknown): CustomResource {
  return { metadata: { name }, spec };
}

function peer(spec: Readonly<Record<string, unknown>>): CustomResource {
  return named("r", {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.254",
    ...spec,
  });
}

/** One refused field each: what is resolved, and the sentence. */
const refusals: readonly (readonly [Partial<ConfigResources>, string])[] = [
  [
    { peers: [peer({ holdTime: "20h" })] },
    "BGPPeer/r spec.holdTime: Cannot use a hold time of 72000s: it has to be 0, or from 3s to 65535s",
  ],
  [
    { peers: [peer({ keepaliveTime: "500ms" })] },
    "BGPPeer/r spec.keepaliveTime: Cannot use a hold time of 1.5s (three times the keepaliveTime 500ms): it has to be 0, or from 3s to 65535s",
  ],
  [
    { peers: [peer({ holdTime: "90" })] },
    'BGPPeer/r spec.holdTime: Cannot read "90" as a duration: write 90s or 1m30s',
  ],
  [
    { peers: [peer({ connectTime: "1500ms" })] },
    "BGPPeer/r spec.connectTime: Cannot use a connect time of 1500ms: it has to be whole seconds, from 1s to 65535s",
  ],
  [
    { peers: [peer({ routerID: "2001:db8::1" })] },
    'BGPPeer/r spec.routerID: Cannot use routerID "2001:db8::1": it has to be an IPv4 address other than 0.0.0.0, also for sessions over IPv6',
  ],
  [
    { peers: [peer({ interface: "eth0" })] },
    'BGPPeer/r spec.interface: Cannot use interface "eth0" besides peerAddress 192.0.2.254: give one of them',
  ],
  [
    { peers: [peer({ passwordSecret: { name: "s" }, password: "x" })] },
    'BGPPeer/r spec.password: Cannot use a password besides the Secret "s" of spec.passwordSecret: give one of them',
  ],
  [
    {
      peers: [peer({ passwordSecret: { name: "s" } })],
      secrets: [{ metadata: { name: "s" }, type: "Opaque" }],
    },
    'BGPPeer/r spec.passwordSecret.name: Cannot use Secret "s": its type is "Opaque" and has to be "kubernetes.io/basic-auth"',
  ],
  [
    {
      peers: [peer({ passwordSecret: { name: "s" } })],
      secrets: [{
        metadata: { name: "s" },
        type: "kubernetes.io/basic-auth",
        data: { password: "*" },
      }],
    },
    'BGPPeer/r spec.passwordSecret.name: Cannot use Secret "s": its key "password" is not there or not in base64',
  ],
  [
    {
      communities: [
        named("c", { communities: [{ name: "gold", value: "1:2" }] }),
        named("d", { communities: [{ name: "gold", value: "1:3" }] }),
      ],
    },
    'Community/d spec.communities[0].name: Cannot define "gold" twice: Community "c" defines it already',
  ],
  [
    { bgpAdvertisements: [named("a", { aggregationLength: 23 })] },
    'BGPAdvertisement/a spec.aggregationLength: Cannot use 23: it would announce more than "192.0.2.0/24" of IPAddressPool "p" (spec.addresses[0]), so it has to be at least 24',
  ],
  [
    {
      bgpAdvertisements: [
        named("a", { asPathPrepend: 1 }),
        named("b", { asPathPrepend: 2, ipAddressPools: ["six"] }),
      ],
    },
    'BGPAdvertisement/b spec.asPathPrepend: Cannot use 2: BGPAdvertisement "a" announces the same prefixes of IPAddressPool "six" from the same nodes to the same peers with 1',
  ],
  [
    {
      bgpAdvertisements: [named("a", { ipAddressPools: ["six"] })],
      peers: [peer({ bfdProfile: "f" })],
      bfdProfiles: [named("f", { echoMode: true })],
    },
    'BGPAdvertisement/a spec.peers: Cannot announce the IPv6 addresses of IPAddressPool "six" to BGPPeer "r": its BFDProfile "f" has echoMode, which is for IPv4 only',
  ],
];

for (const [fields, sentence] of refusals) {
  Deno.test(`resolveConfig() says "${sentence}"`, NO_PERMISSIONS, () => {
    const { valid, problems } = resolve(fields);
    assertEquals(valid, false);
    assertEquals(
      problems.map(({ path, message }) => `${path}: ${message}`),
      [sentence],
    );
  });
}

Deno.test(
  "resolveConfig() knows no limits of other implementations",
  NO_PERMISSIONS,
  () => {
    const { valid, config } = resolve({
      bgpAdvertisements: [
        named("a", { communities: ["large:1:2:3"], asPathPrepend: 3 }),
      ],
      peers: [
        peer({
          peerAddress: "2001:db8::1",
          vrf: "red",
          localASN: 65_000,
          connectTime: "10s",
          enableGracefulRestart: true,
          dualStackAddressFamily: true,
        }),
        { ...peer({ routerID: "192.0.2.9" }), metadata: { name: "q" } },
      ],
    });
    assertEquals(valid, true);
    assertEquals(config.peers.get("r")?.connectTime, 10);
    assertEquals(config.peers.get("q")?.port, 179);
    const [advertisement] = config.pools.get("six")?.bgpAdvertisements ?? [];
    assertEquals(advertisement?.communities.map(formatCommunity), ["1:2:3"]);
  },
);

const community = fc.oneof(
  fc.tuple(fc.nat(65_535), fc.nat(65_535)).map(([a, b]) => `${a}:${b}`),
  fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([a, b, c]) =>
    `large:${a}:${b}:${c}`
  ),
).map((text) => {
  const parsed = parseCommunity(text);
  assert(parsed.kind === "community");
  assertEquals(formatCommunity(parsed.community), text.replace("large:", ""));
  return parsed.community;
});

Deno.test(
  "sortCommunities() gives one order to any list",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(fc.array(community), (list) => {
      const sorted = sortCommunities([...list, ...list]);
      assertEquals(sortCommunities([...list].reverse()), sorted);
      assertEquals(
        sorted.length,
        new Set(list.map((each) => JSON.stringify(each))).size,
      );
      for (const [index, each] of sorted.entries()) {
        const next = sorted[index + 1];
        assert(next === undefined || compareCommunities(each, next) < 0);
      }
    }));
  },
);

Deno.test("parseCommunity() refuses what is none", NO_PERMISSIONS, () => {
  const kinds = ["1:65536", "x:1", ":1", "large:1:2:4294967296", "big:1:2:3"]
    .map((text) => parseCommunity(text).kind);
  assertEquals(new Set(kinds), new Set(["valueInvalid"]));
  for (const text of ["", "no-export", "1:2:3", "1:2:3:4:5"]) {
    assertEquals(parseCommunity(text), { kind: "formatInvalid" });
  }
});
