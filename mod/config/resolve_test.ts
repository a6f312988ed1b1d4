import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatPrefix,
  parseAddressRange,
  prefixesOverlap,
} from "../net/mod.ts";
import {
  type ConfigResources,
  type CustomResource,
  formatProblem,
  poolsForIpam,
  type Problem,
  resolveConfig,
  type ResolvedConfig,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function pool(name: string, spec: unknown, labels = {}): CustomResource {
  return { metadata: { name, labels }, spec };
}

function resolve(fields: Partial<ConfigResources>): ResolvedConfig {
  return resolveConfig({
    pools: [],
    l2Advertisements: [],
    nodes: [],
    namespaces: [],
    ...fields,
  });
}

function shown({ problems }: ResolvedConfig): string[] {
  return problems.map((each: Problem) => `${each.class} ${each.path}`);
}

Deno.test("resolveConfig() accepts nothing at all", NO_PERMISSIONS, () => {
  const { valid, config, problems } = resolve({});
  assertEquals([valid, config.pools.size, problems], [true, 0, []]);
});

Deno.test(
  "resolveConfig() names every problem by its path",
  NO_PERMISSIONS,
  () => {
    const resolved = resolve({
      pools: [
        pool("a", {
          addresses: ["192.0.2.0/24", "192.0.2.0/33", "192.0.2.9-192.0.2.1"],
          autoAssign: "yes",
          serviceAllocation: { namespaces: ["x", "x"] },
        }),
        pool("b", { addresses: ["198.51.100.0/24", "192.0.2.128/25"] }),
        pool("a", { addresses: ["203.0.113.0/24"] }),
        pool("", { addresses: [] }),
      ],
      l2Advertisements: [{
        metadata: { name: "l2" },
        spec: {
          ipAddressPools: ["a", "a"],
          nodeSelectors: [{ matchLabels: { rack: "not valid!" } }],
          preferredNodeSelectors: [{
            weight: 1,
            preference: { matchExpressions: [{ key: "k", operator: "In" }] },
          }],
        },
      }],
    });
    assertEquals(resolved.valid, false);
    assertEquals(shown(resolved), [
      "fieldInvalid IPAddressPool/a spec.autoAssign",
      "cidrInvalid IPAddressPool/a spec.addresses[1]",
      "rangeReversed IPAddressPool/a spec.addresses[2]",
      "duplicateNamespaces IPAddressPool/a spec.serviceAllocation.namespaces[1]",
      "overlap IPAddressPool/b spec.addresses[1]",
      "duplicatePool IPAddressPool/a metadata.name",
      "poolNameMissing IPAddressPool/ metadata.name",
      "poolWithoutAddresses IPAddressPool/ spec.addresses",
      "duplicatePools L2Advertisement/l2 spec.ipAddressPools[1]",
      "selectorInvalid L2Advertisement/l2 spec.nodeSelectors[0]",
      "noNodeSelected L2Advertisement/l2 spec.nodeSelectors",
      "selectorInvalid L2Advertisement/l2 spec.preferredNodeSelectors[0].preference",
    ]);
  },
);

Deno.test("formatProblem() says where and what", NO_PERMISSIONS, () => {
  const [problem] = resolve({
    pools: [
      pool("a", { addresses: ["192.0.2.0/24"] }),
      pool("b", { addresses: ["192.0.2.4-192.0.2.7"] }),
    ],
  }).problems;
  assertEquals(
    problem && formatProblem(problem),
    'IPAddressPool/b spec.addresses[0]: Cannot use "192.0.2.4-192.0.2.7": it overlaps "192.0.2.0/24" of IPAddressPool "a" (spec.addresses[0])',
  );
});

Deno.test(
  "resolveConfig() only warns about what may appear later",
  NO_PERMISSIONS,
  () => {
    const resolved = resolve({
      pools: [pool("a", { addresses: ["192.0.2.0/24"] })],
      l2Advertisements: [{
        metadata: { name: "l2" },
        spec: {
          ipAddressPools: ["ghost"],
          nodeSelectors: [{ matchLabels: { rack: "none" } }],
        },
      }],
      nodes: [{ metadata: { name: "n1" } }],
    });
    assertEquals(resolved.valid, true);
    assertEquals(shown(resolved), [
      "noNodeSelected L2Advertisement/l2 spec.nodeSelectors",
      "unknownPool L2Advertisement/l2 spec.ipAddressPools[0]",
    ]);
    assert(resolved.problems.every(({ transient }) => transient));
  },
);

const nodes = ["n1", "n2", "n3"].map((name, index) => ({
  metadata: { name, labels: { rack: index === 0 ? "a" : "b" } },
}));

Deno.test(
  "resolveConfig() merges advertisements that say the same",
  NO_PERMISSIONS,
  () => {
    const { config } = resolve({
      pools: [
        pool("p", { addresses: ["192.0.2.0/24"] }, { env: "x" }),
        pool("q", { addresses: ["198.51.100.0/24"] }),
      ],
      l2Advertisements: [
        { metadata: { name: "x" }, spec: { interfaces: ["eth0", "eth1"] } },
        {
          metadata: { name: "y" },
          spec: {
            interfaces: ["eth1", "eth0"],
            ipAddressPools: ["p"],
            ipAddressPoolSelectors: [{ matchLabels: { env: "x" } }],
          },
        },
      ],
      nodes,
    });
    const namesOf = (name: string) =>
      config.pools.get(name)?.l2Advertisements.map(({ names }) => names);
    assertEquals(namesOf("p"), [["x", "y"]]);
    assertEquals(namesOf("q"), [["x"]]);
  },
);

Deno.test(
  "resolveConfig() sums preferences over the selected nodes only",
  NO_PERMISSIONS,
  () => {
    const everywhere = { weight: 7, preference: {} };
    const { config } = resolve({
      pools: [pool("p", { addresses: ["192.0.2.0/24"] })],
      l2Advertisements: [{
        metadata: { name: "l2" },
        spec: {
          nodeSelectors: [{ matchLabels: { rack: "b" } }],
          preferredNodeSelectors: [everywhere, everywhere],
        },
      }],
      nodes,
    });
    const [advertisement] = config.pools.get("p")?.l2Advertisements ?? [];
    assertEquals(
      [...advertisement?.preferredNodes ?? []],
      [["n2", 14], ["n3", 14]],
    );
  },
);

Deno.test(
  "poolsForIpam() admits nobody when the selectors match no namespace",
  NO_PERMISSIONS,
  () => {
    const { config } = resolve({
      pools: [
        pool("selected", {
          addresses: ["192.0.2.0/24"],
          serviceAllocation: {
            priority: 3,
            namespaceSelectors: [{ matchLabels: { env: "none" } }],
            serviceSelectors: [{ matchLabels: { app: "web" } }],
          },
        }),
        pool("open", {
          addresses: ["198.51.100.0/24"],
          serviceAllocation: {},
        }),
        pool("plain", { addresses: ["203.0.113.0/24"], autoAssign: false }),
      ],
      namespaces: [{ metadata: { name: "default", labels: { env: "dev" } } }],
    });
    const [selected, open, plain] = poolsForIpam(config);
    assertEquals(selected?.serviceAllocation?.namespaces, new Set<string>());
    assertEquals(selected?.serviceAllocation?.priority, 3);
    assertEquals(
      selected?.serviceAllocation?.matchesService({ app: "web" }),
      true,
    );
    assertEquals(selected?.serviceAllocation?.matchesService({}), false);
    assertEquals(open?.serviceAllocation?.namespaces, null);
    assertEquals(open?.serviceAllocation?.matchesService({}), true);
    assertEquals(plain, {
      name: "plain",
      prefixes: parseAddressRange("203.0.113.0/24"),
      autoAssign: false,
      avoidBuggyIPs: false,
    });
  },
);

const smallPrefix = fc.tuple(fc.nat(63), fc.integer({ min: 26, max: 32 })).map(
  ([host, length]) => `192.0.2.${host}/${length}`,
);
const smallRange = fc.tuple(fc.nat(63), fc.nat(63)).map(([a, b]) =>
  `192.0.2.${Math.min(a, b)}-192.0.2.${Math.max(a, b)}`
);
const entries = fc.array(fc.oneof(smallPrefix, smallRange), {
  minLength: 1,
  maxLength: 4,
});

Deno.test(
  "resolveConfig() finds an overlap exactly when two prefixes overlap",
  NO_PERMISSIONS,
  () => {
    let overlapping = 0;
    fc.assert(fc.property(fc.array(entries, { maxLength: 3 }), (pools) => {
      const resolved = resolve({
        pools: pools.map((addresses, index) =>
          pool(`p${index}`, { addresses })
        ),
      });
      const prefixes = pools.flat().flatMap(parseAddressRange);
      const overlap = prefixes.some((a, index) =>
        prefixes.slice(index + 1).some((b) => prefixesOverlap(a, b))
      );
      if (overlap) overlapping++;
      assertEquals(resolved.valid, !overlap, shown(resolved).join("\n"));
      if (!overlap) {
        assertEquals(
          [...resolved.config.pools.values()].flatMap((each) =>
            each.prefixes.map(formatPrefix)
          ),
          prefixes.map(formatPrefix),
        );
      }
    }));
    assert(overlapping > 0);
  },
);

Deno.test(
  "resolveConfig() never throws, whatever the resources hold",
  NO_PERMISSIONS,
  () => {
    const resource = fc.record({
      metadata: fc.jsonValue(),
      spec: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(resource), fc.array(resource), (pools, l2) => {
        const resolved = resolve({
          // What the API delivers is not checked before it comes here.
          pools: pools as unknown as CustomResource[],
          l2Advertisements: l2 as unknown as CustomResource[],
        });
        assertEquals(typeof resolved.valid, "boolean");
      }),
    );
  },
);
