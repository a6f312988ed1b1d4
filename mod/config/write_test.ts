import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type ConfigResources,
  type CustomResource,
  judgeWrite,
  resolveConfig,
  type ResourceWrite,
  type WriteVerdict,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const NONE: ConfigResources = {
  pools: [],
  l2Advertisements: [],
  nodes: [{ metadata: { name: "n" } }],
  namespaces: [],
};

function named(name: string, spec: unknown, labels = {}): CustomResource {
  return { metadata: { name, labels }, spec };
}

function pool(name: string, ...addresses: string[]): CustomResource {
  return named(name, { addresses });
}

function peer(spec: Readonly<Record<string, unknown>> = {}): CustomResource {
  return named("r", {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.254",
    ...spec,
  });
}

/** Lines such as `refuse overlap IPAddressPool/b spec.addresses[0]`. */
function lines({ refusals, warnings, standing }: WriteVerdict): string[] {
  const groups = { refuse: refusals, warn: warnings, stands: standing };
  return Object.entries(groups).flatMap(([word, problems]) =>
    problems.map(({ class: rule, path }) => `${word} ${rule} ${path}`)
  );
}

interface Case {
  readonly name: string;
  readonly stored?: Partial<ConfigResources>;
  readonly kind: string;
  readonly before?: CustomResource;
  readonly after?: CustomResource;
  readonly verdict: readonly string[];
}

const broken = pool("broken", "192.0.2.0/33");
const office = pool("office", "192.0.2.0/25");
const desk = pool("desk", "192.0.2.64/26");
const elsewhere = pool("elsewhere", "203.0.113.0/24");
const echo = named("fast", { echoMode: true });

const cases: readonly Case[] = [
  {
    name: "a resource without a fault",
    kind: "IPAddressPool",
    after: office,
    verdict: [],
  },
  {
    name: "a fault of the resource alone",
    kind: "IPAddressPool",
    after: broken,
    verdict: ["refuse cidrInvalid IPAddressPool/broken spec.addresses[0]"],
  },
  {
    name: "a contradiction, told from the side of the written resource",
    stored: { pools: [pool("office", "198.51.100.0/24"), desk] },
    kind: "IPAddressPool",
    before: pool("office", "198.51.100.0/24"),
    after: office,
    verdict: ["refuse overlap IPAddressPool/office spec.addresses[0]"],
  },
  {
    name: "a fault that the write brings about in another resource",
    stored: {
      pools: [office],
      bgpAdvertisements: [named("a", { aggregationLength: 25 })],
    },
    kind: "IPAddressPool",
    after: pool("small", "198.51.100.0/26"),
    verdict: [
      "refuse aggregationLengthTooShort BGPAdvertisement/a spec.aggregationLength",
    ],
  },
  {
    name: "echo packets that a profile brings to IPv6",
    stored: {
      pools: [pool("six", "2001:db8::/120")],
      peers: [peer({ bfdProfile: "fast" })],
      bfdProfiles: [named("fast", {})],
      bgpAdvertisements: [named("a", {})],
    },
    kind: "BFDProfile",
    before: named("fast", {}),
    after: echo,
    verdict: ["refuse bfdEchoWithIPv6 BGPAdvertisement/a spec.peers"],
  },
  {
    name: "another resource that was broken before",
    stored: { pools: [broken] },
    kind: "IPAddressPool",
    after: office,
    verdict: ["stands cidrInvalid IPAddressPool/broken spec.addresses[0]"],
  },
  {
    name: "two others that contradict each other",
    stored: { pools: [office, desk] },
    kind: "IPAddressPool",
    after: elsewhere,
    verdict: ["stands overlap IPAddressPool/desk spec.addresses[0]"],
  },
  {
    name: "two others whose contradiction shows when a third one goes away",
    stored: { pools: [office, desk, pool("wide", "192.0.2.0/24")] },
    kind: "IPAddressPool",
    before: pool("wide", "192.0.2.0/24"),
    after: pool("wide", "203.0.113.0/24"),
    verdict: ["stands overlap IPAddressPool/desk spec.addresses[0]"],
  },
  {
    name: "another label on a broken resource",
    stored: { pools: [broken] },
    kind: "IPAddressPool",
    before: broken,
    after: { ...broken, metadata: { name: "broken", labels: { a: "b" } } },
    verdict: ["stands cidrInvalid IPAddressPool/broken spec.addresses[0]"],
  },
  {
    name: "a label that makes two advertisements contradict each other",
    stored: {
      pools: [office],
      bgpAdvertisements: [
        named("a", { ipAddressPools: ["office"], localPref: 1 }),
        named("b", {
          ipAddressPoolSelectors: [{ matchLabels: { a: "b" } }],
          localPref: 2,
        }),
      ],
    },
    kind: "IPAddressPool",
    before: office,
    after: { ...office, metadata: { name: "office", labels: { a: "b" } } },
    verdict: ["refuse localPrefConflict BGPAdvertisement/b spec.localPref"],
  },
  {
    name: "another spec that leaves the fault in it",
    stored: { pools: [broken] },
    kind: "IPAddressPool",
    before: broken,
    after: pool("broken", "198.51.100.0/24", "192.0.2.0/33"),
    verdict: ["refuse cidrInvalid IPAddressPool/broken spec.addresses[1]"],
  },
  {
    name: "a repair",
    stored: { pools: [broken] },
    kind: "IPAddressPool",
    before: broken,
    after: pool("broken", "192.0.2.0/32"),
    verdict: [],
  },
  {
    name: "what may be made later",
    kind: "BGPAdvertisement",
    after: named("a", {
      ipAddressPools: ["later"],
      peers: ["later"],
      communities: ["later"],
      nodeSelectors: [{ matchLabels: { rack: "later" } }],
    }),
    verdict: [
      "warn communityFormatInvalid BGPAdvertisement/a spec.communities[0]",
      "warn noNodeSelected BGPAdvertisement/a spec.nodeSelectors",
      "warn unknownPeer BGPAdvertisement/a spec.peers[0]",
      "warn unknownPool BGPAdvertisement/a spec.ipAddressPools[0]",
    ],
  },
  {
    name: "a BFD profile and a Secret that may be made later",
    kind: "BGPPeer",
    after: peer({ bfdProfile: "later", passwordSecret: { name: "later" } }),
    verdict: ["warn bfdProfileMissing BGPPeer/r spec.bfdProfile"],
  },
  {
    name: "a community that is hardly the name of an alias",
    kind: "BGPAdvertisement",
    after: named("a", { communities: ["1:2:3"] }),
    verdict: [
      "refuse communityFormatInvalid BGPAdvertisement/a spec.communities[0]",
    ],
  },
  {
    name: "a password that no Secret makes right",
    kind: "BGPPeer",
    after: peer({ password: "x", passwordSecret: { name: "s" } }),
    verdict: ["refuse passwordAndSecret BGPPeer/r spec.password"],
  },
  {
    name: "a deprecated field, which switches no rule off",
    kind: "BGPPeer",
    after: peer({ disableMP: true, routerID: "2001:db8::1" }),
    verdict: [
      "refuse routerIDInvalid BGPPeer/r spec.routerID",
      "warn deprecatedField BGPPeer/r spec.disableMP",
    ],
  },
  {
    name: "warnings about others, which nobody wants to hear again",
    stored: { peers: [peer({ bfdProfile: "later", disableMP: true })] },
    kind: "IPAddressPool",
    after: office,
    verdict: [],
  },
  {
    name: "the end of a BFD profile that a peer uses",
    stored: { peers: [peer({ bfdProfile: "fast" })], bfdProfiles: [echo] },
    kind: "BFDProfile",
    before: echo,
    verdict: ["refuse bfdProfileMissing BGPPeer/r spec.bfdProfile"],
  },
  {
    name: "the end of a BFD profile that nobody uses",
    stored: { peers: [peer({ bfdProfile: "slow" })], bfdProfiles: [echo] },
    kind: "BFDProfile",
    before: echo,
    verdict: [],
  },
  {
    name: "the end of a pool that is advertised",
    stored: {
      pools: [office],
      l2Advertisements: [named("l2", { ipAddressPools: ["office"] })],
    },
    kind: "IPAddressPool",
    before: office,
    verdict: [],
  },
];

Deno.test.each(cases)(
  "judgeWrite() judges $name",
  NO_PERMISSIONS,
  ({ stored, kind, before, after, verdict }) => {
    const { name } = (after ?? before)?.metadata ?? { name: "" };
    const write: ResourceWrite = { kind, name, before, after };
    assertEquals(lines(judgeWrite({ ...NONE, ...stored }, write)), verdict);
  },
);

Deno.test("judgeWrite() names the other one", NO_PERMISSIONS, () => {
  const [refusal] = judgeWrite({ ...NONE, pools: [desk] }, {
    kind: "IPAddressPool",
    name: "office",
    after: office,
  }).refusals;
  assertEquals(
    refusal?.message,
    'Cannot use "192.0.2.0/25": it overlaps "192.0.2.64/26" of IPAddressPool "desk" (spec.addresses[0])',
  );
});

Deno.test("judgeWrite() knows its kinds", NO_PERMISSIONS, () => {
  assertThrows(
    () => judgeWrite(NONE, { kind: "Service", name: "s" }),
    RangeError,
    'Cannot judge a write of "Service"',
  );
});

const addresses = fc.constantFrom(
  "192.0.2.0/24",
  "192.0.2.64/26",
  "192.0.2.100-192.0.2.200",
  "198.51.100.0/25",
  "2001:db8::/120",
  "192.0.2.0/33",
);
const anyPool = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  addresses: fc.array(addresses, { maxLength: 3 }),
});
const anyAdvertisement = fc.record({
  name: fc.constantFrom("x", "y"),
  aggregationLength: fc.constantFrom(24, 26, 32),
  localPref: fc.constantFrom(1, 2),
});

Deno.test(
  "judgeWrite() keeps a configuration without errors without errors",
  NO_PERMISSIONS,
  () => {
    const writes = fc.array(fc.oneof(anyPool, anyAdvertisement));
    fc.assert(fc.property(writes, (all) => {
      const pools = new Map<string, CustomResource>();
      const advertisements = new Map<string, CustomResource>();
      const stored = (): ConfigResources => ({
        ...NONE,
        pools: [...pools.values()],
        bgpAdvertisements: [...advertisements.values()],
      });
      for (const { name, ...spec } of all) {
        const [kind, list] = "addresses" in spec
          ? ["IPAddressPool", pools] as const
          : ["BGPAdvertisement", advertisements] as const;
        const [before, after] = [list.get(name), named(name, spec)];
        const verdict = judgeWrite(stored(), { kind, name, before, after });
        if (verdict.refusals.length === 0) list.set(name, after);
        assertEquals(verdict.standing, []);
        assertEquals(resolveConfig(stored()).valid, true);
      }
    }));
  },
);

Deno.test(
  "judgeWrite() lets no broken resource stand in the way of a sound one",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(fc.array(anyPool), (all) => {
      const pools = all.map(({ name, addresses }) => pool(name, ...addresses));
      const { refusals } = judgeWrite({ ...NONE, pools }, {
        kind: "IPAddressPool",
        name: "elsewhere",
        after: elsewhere,
      });
      assertEquals(refusals, []);
    }));
  },
);
