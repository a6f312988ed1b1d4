import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type AdvertisementRecord,
  decide,
  electionHash,
  electionOrder,
  type OwnershipView,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const NAMES = ["node-a", "node-b", "node-c"] as const;

function advertisement(
  fields: Partial<AdvertisementRecord> = {},
): AdvertisementRecord {
  return {
    names: ["l2"],
    nodes: new Set(NAMES),
    interfaces: [],
    selectsServices: false,
    preference: new Map(),
    ...fields,
  };
}

function view(fields: Partial<OwnershipView> = {}): OwnershipView {
  return {
    key: "192.168.1.240",
    members: [...NAMES],
    nodes: NAMES.map((name) => ({
      name,
      networkUnavailable: false,
      excluded: false,
    })),
    advertisements: [advertisement()],
    servingEndpoints: ["node-b"],
    trafficPolicy: "Cluster",
    sharesAddress: false,
    ...fields,
  };
}

function names(decision: { order: readonly { node: string }[] }): string[] {
  return decision.order.map(({ node }) => node);
}

const references: readonly [string, readonly string[]][] = [
  ["192.168.1.240", ["node-a", "node-c", "node-b"]],
  ["192.168.1.241", ["node-c", "node-a", "node-b"]],
  ["2001:db8::1", ["node-b", "node-a", "node-c"]],
  ["2001:DB8:0::1", ["node-b", "node-a", "node-c"]],
];

for (const [ip, order] of references) {
  Deno.test(
    `electionOrder() gives the reference order for ${ip}`,
    NO_PERMISSIONS,
    () => {
      assertEquals(electionOrder(NAMES, ip), order);
    },
  );
}

Deno.test("electionHash() hashes names as UTF-8", NO_PERMISSIONS, () => {
  assertEquals(
    electionHash("knoten-ä", "192.0.2.1"),
    "180e041f1a029c40aff02f4daafe87386e0bbcad07fcf4aa3de5b32083df888c",
  );
});

Deno.test("decide() explains every node", NO_PERMISSIONS, () => {
  const decision = decide(view({
    members: ["node-a", "node-c"],
    nodes: [
      { name: "node-a", networkUnavailable: true, excluded: true },
      { name: "node-b", networkUnavailable: false, excluded: false },
      { name: "node-c", networkUnavailable: false, excluded: false },
      { name: "node-d", networkUnavailable: false, excluded: false },
    ],
    servingEndpoints: ["node-b", null, "node-c"],
    trafficPolicy: "Local",
  }));
  assertEquals(
    decision.nodes.map(({ node, exclusions }) => [node, exclusions]),
    [
      ["node-a", ["networkUnavailable", "excludeLabel", "noLocalEndpoint"]],
      ["node-b", ["notMember"]],
      ["node-c", []],
      ["node-d", ["notMember", "notSelected", "noLocalEndpoint"]],
    ],
  );
  assertEquals(decision.owner, "node-c");
  assertEquals(decision.reasons, {
    "node-a": "notOwner",
    "node-b": "notOwner",
    "node-c": "",
    "node-d": "noMatchingAdvertisement",
  });
});

Deno.test(
  "decide() ranks the sum of the preferences before the hash",
  NO_PERMISSIONS,
  () => {
    const decision = decide(view({
      advertisements: [
        advertisement({ preference: new Map([["node-b", 5], ["node-c", 3]]) }),
        advertisement({ preference: new Map([["node-c", 3]]) }),
      ],
    }));
    assertEquals(
      decision.order.map(({ node, score }) => [node, score]),
      [["node-c", 6], ["node-b", 5], ["node-a", 0]],
    );
  },
);

Deno.test(
  "decide() unites the interfaces of a node's advertisements",
  NO_PERMISSIONS,
  () => {
    const decision = decide(view({
      advertisements: [
        advertisement({ interfaces: ["eth1", "eth0"] }),
        advertisement({
          interfaces: ["eth2", "eth1"],
          nodes: new Set(["node-a"]),
        }),
        advertisement({ nodes: new Set(["node-c"]) }),
      ],
    }));
    assertEquals(decision.interfaces, {
      "node-a": { all: false, names: ["eth0", "eth1", "eth2"] },
      "node-c": { all: true },
      "node-b": { all: false, names: ["eth0", "eth1"] },
    });
  },
);

Deno.test(
  "decide() refuses a shared address that advertisements split",
  NO_PERMISSIONS,
  () => {
    const shared = { sharesAddress: true } as const;
    assertEquals(decide(view(shared)).refusal, null);
    const refused = decide(view({
      ...shared,
      advertisements: [
        advertisement(),
        advertisement({ selectsServices: true }),
      ],
    }));
    assertEquals(refused.refusal, "sharedIPWithServiceSelector");
    assertEquals(refused.owner, null);
    assertEquals(refused.order, []);
  },
);

Deno.test(
  "decide() elects nobody without an endpoint that can serve",
  NO_PERMISSIONS,
  () => {
    const decision = decide(view({ servingEndpoints: [] }));
    assertEquals(decision.refusal, "noServingEndpoint");
    assertEquals(
      new Set(Object.values(decision.reasons)),
      new Set(["notOwner"]),
    );
  },
);

Deno.test(
  "decide() takes every node for alive without a membership",
  NO_PERMISSIONS,
  () => {
    assertEquals(names(decide(view({ members: null }))).length, 3);
    assertEquals(names(decide(view({ members: [] }))), []);
  },
);

const nodePool = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"];
const subset = fc.subarray(nodePool);

const anyAdvertisement = fc.record({
  names: fc.constant(["l2"]),
  nodes: subset.map((nodes) => new Set(nodes)),
  interfaces: fc.subarray(["eth0", "eth1"]),
  selectsServices: fc.boolean(),
  preference: fc.dictionary(
    fc.constantFrom(...nodePool),
    fc.integer({ min: 1, max: 3 }),
  ).map((weights) => new Map(Object.entries(weights))),
});

const anyView: fc.Arbitrary<OwnershipView> = fc.record({
  key: fc.ipV4(),
  members: fc.option(subset),
  nodes: subset.chain((present) =>
    fc.tuple(...present.map((name) =>
      fc.record({
        name: fc.constant(name),
        networkUnavailable: fc.boolean(),
        excluded: fc.boolean(),
      })
    ))
  ),
  advertisements: fc.array(anyAdvertisement, { maxLength: 4 }),
  servingEndpoints: fc.array(fc.option(fc.constantFrom(...nodePool))),
  trafficPolicy: fc.constantFrom("Cluster" as const, "Local" as const),
  sharesAddress: fc.boolean(),
});

function shuffled(each: OwnershipView): OwnershipView {
  return {
    ...each,
    members: each.members === null ? null : [...each.members].reverse(),
    nodes: [...each.nodes].reverse(),
    advertisements: [...each.advertisements].reverse(),
    servingEndpoints: [...each.servingEndpoints].reverse(),
  };
}

Deno.test(
  "electionOrder() is a permutation, whatever the order of the names",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.string()),
      fc.ipV6(),
      (nodes, ip) => {
        const order = electionOrder(nodes, ip);
        assertEquals([...order].sort(), [...nodes].sort());
        assertEquals(electionOrder([...nodes].reverse(), ip), order);
      },
    ));
  },
);

Deno.test(
  "decide() orders exactly the nodes without exclusions",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(anyView, (each) => {
      const decision = decide(each);
      const eligible = decision.refusal === null
        ? decision.nodes.filter(({ exclusions }) => exclusions.length === 0)
        : [];
      assertEquals(
        names(decision).sort(),
        eligible.map(({ node }) => node).sort(),
      );
      assertEquals(decision.owner, names(decision)[0] ?? null);
      for (const [node, reason] of Object.entries(decision.reasons)) {
        assertEquals(reason === "", node === decision.owner);
      }
    }));
  },
);

Deno.test(
  "decide() does not depend on the order of its inputs",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(anyView, (each) => {
      const decision = decide(each);
      const other = decide(shuffled(each));
      assertEquals(other.order, decision.order);
      assertEquals(other.reasons, decision.reasons);
      assertEquals(other.interfaces, decision.interfaces);
    }));
  },
);

Deno.test(
  "decide() keeps the owner when any other node disappears",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      anyView,
      fc.constantFrom(...nodePool),
      (each, gone) => {
        const before = decide(each);
        fc.pre(before.owner !== null && before.owner !== gone);
        const after = decide({
          ...each,
          members: (each.members ?? nodePool).filter((node) => node !== gone),
        });
        assertEquals(after.owner, before.owner);
        assertEquals(
          names(after),
          names(before).filter((node) => node !== gone),
        );
      },
    ));
  },
);

Deno.test(
  "decide() hands over to the second when the owner disappears",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(anyView, (each) => {
      const before = decide(each);
      fc.pre(before.owner !== null);
      const after = decide({
        ...each,
        members: (each.members ?? nodePool).filter((node) =>
          node !== before.owner
        ),
      });
      assertEquals(after.owner, names(before)[1] ?? null);
      assert(after.owner !== before.owner);
    }));
  },
);
