import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { resolveConfig } from "../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../mod/kube/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import { groupId, nodeId } from "../mod/ownership/mod.ts";
import { type DecisionInputs, Decisions, type Dirty } from "./decisions.ts";
import { ownedAddresses } from "./outcomes.ts";

const nodes: Node[] = ["node-a", "node-b", "node-c"].map((name) => ({
  metadata: { name, labels: { "kubernetes.io/hostname": name } },
}));

function service(
  name: string,
  ip: string,
  more: Partial<Service["spec"]> = {},
): Service {
  return {
    metadata: { name, namespace: "default" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }], ...more },
    status: { loadBalancer: { ingress: [{ ip }] } },
  };
}

function slice(nodeName: string): EndpointSlice {
  return {
    metadata: { name: "s" },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.5"], nodeName }],
  };
}

function inputs(
  services: readonly Service[],
  more: Partial<DecisionInputs> = {},
): DecisionInputs {
  const { config } = resolveConfig({
    pools: [{
      metadata: { name: "p" },
      spec: { addresses: ["192.168.1.0/24"] },
    }],
    l2Advertisements: [
      { metadata: { name: "all" }, spec: { interfaces: ["eth0"] } },
      {
        metadata: { name: "web" },
        spec: {
          interfaces: ["eth1"],
          serviceSelectors: [{ matchLabels: { app: "web" } }],
        },
      },
    ],
    nodes,
    namespaces: [],
  });
  return {
    node: "node-a",
    config,
    services: new Map(
      services.map((each) => [`default/${each.metadata.name}`, each]),
    ),
    slicesOf: () => [slice("node-a")],
    nodes,
    members: ["node-a", "node-b", "node-c"],
    classes: { loadBalancerClass: "" },
    ignoreExcludeLB: false,
    ...more,
  };
}

function owned(of: DecisionInputs, node: string): unknown {
  const decisions = new Decisions();
  decisions.update({ ...of, node }, "all");
  return ownedAddresses(decisions.all.values()).map((
    { ip, interfaces },
  ) => [formatIp(ip), interfaces]);
}

Deno.test("ownedAddresses() gives a node what it is first in order for", {
  permissions: "none",
}, () => {
  const of = inputs([
    service("one", "192.168.1.240"),
    service("two", "192.168.1.241"),
  ]);
  assertEquals(owned(of, "node-a"), [["192.168.1.240", ["eth0"]]]);
  assertEquals(owned(of, "node-c"), [["192.168.1.241", ["eth0"]]]);
  assertEquals(owned(of, "node-b"), []);
});

Deno.test("ownedAddresses() passes on what a dead member owned", {
  permissions: "none",
}, () => {
  const of = inputs([service("one", "192.168.1.240")], {
    members: ["node-b", "node-c"],
  });
  assertEquals(owned(of, "node-c"), [["192.168.1.240", ["eth0"]]]);
});

Deno.test(
  "ownedAddresses() unites the interfaces of Services that share an address",
  { permissions: "none" },
  () => {
    const labelled = service("web", "192.168.1.240");
    const of = inputs([
      service("one", "192.168.1.240"),
      {
        ...labelled,
        metadata: { ...labelled.metadata, labels: { app: "web" } },
      },
    ]);
    assertEquals(owned(of, "node-a"), [["192.168.1.240", ["eth0", "eth1"]]]);
  },
);

Deno.test("Decisions leaves Services of another class alone", {
  permissions: "none",
}, () => {
  const theirs = service("one", "192.168.1.240", {
    loadBalancerClass: "example.com/other",
  });
  assertEquals(owned(inputs([theirs]), "node-a"), []);
  assertEquals(
    owned(
      inputs([theirs], { classes: { loadBalancerClass: "example.com/other" } }),
      "node-a",
    ),
    [["192.168.1.240", ["eth0"]]],
  );
});

Deno.test(
  "Decisions takes Services without a class besides its own when told to",
  {
    permissions: "none",
  },
  () => {
    const classless = [service("one", "192.168.1.240")];
    const loadBalancerClass = "example.com/ours";
    const only = inputs(classless, { classes: { loadBalancerClass } });
    assertEquals(owned(only, "node-a"), []);
    const both = { classes: { loadBalancerClass, alsoWithoutClass: true } };
    assertEquals(owned(inputs(classless, both), "node-a"), [
      ["192.168.1.240", ["eth0"]],
    ]);
  },
);

Deno.test(
  "Decisions decides anew only what is dirty",
  { permissions: "none" },
  () => {
    const decisions = new Decisions();
    decisions.update(
      inputs([
        service("one", "192.168.1.240"),
        service("two", "192.168.1.241"),
      ]),
      "all",
    );
    const before = decisions.all.get("default/one");
    decisions.update(
      inputs([service("one", "192.168.1.240")]),
      new Set(["default/two"]),
    );
    assertEquals([...decisions.all.keys()], ["default/one"]);
    assertEquals(decisions.all.get("default/one") === before, true);
  },
);

Deno.test("Decisions forgets a Service that is no LoadBalancer any more", {
  permissions: "none",
}, () => {
  const decisions = new Decisions();
  decisions.update(inputs([service("one", "192.168.1.240")]), "all");
  decisions.update(
    inputs([service("one", "192.168.1.240", { type: "ClusterIP" })]),
    new Set(["default/one"]),
  );
  assertEquals(decisions.all.size, 0);
});

/** A Service with these addresses. */
function holder(name: string, ...ips: readonly string[]): Service {
  return {
    ...service(name, ""),
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

const NAMES = ["node-a", "node-b", "node-c"];

Deno.test("Decisions gives an address that two Services share to one node", {
  permissions: "none",
}, () => {
  // By its own first address the second Service would be node-c's.
  const of = inputs([
    holder("one", "192.168.1.240", "192.168.1.241"),
    holder("two", "192.168.1.241"),
  ]);
  assertEquals(owned(of, "node-a"), [
    ["192.168.1.240", ["eth0"]],
    ["192.168.1.241", ["eth0"]],
  ]);
  assertEquals(owned(of, "node-b"), []);
  assertEquals(owned(of, "node-c"), []);
});

/** The same Service; its families may come from two pools. */
function asking(each: Service): Service {
  const annotations = { "herald-lb.io/families-from-two-pools": "true" };
  return { ...each, metadata: { ...each.metadata, annotations } };
}

/** Pools of one family each, announced by these nodes. */
function twoPools(
  four: readonly string[],
  six: readonly string[],
): DecisionInputs["config"] {
  const selectors = (names: readonly string[]) =>
    names.map((name) => ({ matchLabels: { "kubernetes.io/hostname": name } }));
  const advertisement = (pool: string, names: readonly string[]) =>
    names.length === 0 ? [] : [{
      metadata: { name: pool },
      spec: {
        ipAddressPools: [pool],
        nodeSelectors: selectors(names),
        interfaces: [`to-${pool}`],
      },
    }];
  const { config, problems } = resolveConfig({
    pools: [
      { metadata: { name: "four" }, spec: { addresses: ["192.168.1.0/24"] } },
      { metadata: { name: "six" }, spec: { addresses: ["2001:db8::/64"] } },
    ],
    l2Advertisements: [
      ...advertisement("four", four),
      ...advertisement("six", six),
    ],
    nodes,
    namespaces: [],
  });
  assertEquals(problems, []);
  return config;
}

// By 192.168.1.240 the order is node-a, node-c, node-b.
const bothFamilies: {
  readonly when: string;
  readonly four: readonly string[];
  readonly six: readonly string[];
  readonly owners: Readonly<Record<string, string>>;
}[] = [
  {
    when: "all nodes are selected for both",
    four: NAMES,
    six: NAMES,
    owners: { "192.168.1.240": "node-a", "2001:db8::1": "node-a" },
  },
  {
    when: "one is selected for both",
    four: ["node-a", "node-b"],
    six: ["node-b", "node-c"],
    owners: { "192.168.1.240": "node-b", "2001:db8::1": "node-b" },
  },
  {
    when: "none is selected for both",
    four: ["node-b", "node-c"],
    six: ["node-a"],
    owners: { "192.168.1.240": "node-c" },
  },
  {
    when: "one pool is not announced",
    four: [],
    six: ["node-b", "node-c"],
    owners: { "2001:db8::1": "node-c" },
  },
];

Deno.test.each(bothFamilies)(
  "Decisions gives families from two pools one owner when $when",
  { permissions: "none" },
  ({ four, six, owners }) => {
    const made = asking(holder("one", "192.168.1.240", "2001:db8::1"));
    const of = inputs([made], { config: twoPools(four, six) });
    const found = NAMES.flatMap((node) => {
      const decisions = new Decisions();
      decisions.update({ ...of, node }, "all");
      return ownedAddresses(decisions.all.values()).map((
        { ip, interfaces },
      ) => [formatIp(ip), node, interfaces]);
    });
    assertEquals(
      found,
      Object.entries(owners).map(([ip, node]) => [
        ip,
        node,
        [ip.includes(":") ? "to-six" : "to-four"],
      ]),
    );
  },
);

Deno.test("Decisions explains a Service by its group", {
  permissions: "none",
}, () => {
  const of = inputs([
    holder("one", "192.168.1.240", "192.168.1.241"),
    holder("two", "192.168.1.241"),
  ]);
  const decisions = new Decisions();
  decisions.update(of, "all");
  const decided = decisions.explain(of, "default/two");
  assert(decided?.kind === "decided");
  const [part] = decided.parts;
  assertEquals(part?.decision.owner, "node-a");
  assertEquals(part?.ips.map(formatIp), ["192.168.1.241"]);
  assertEquals(decisions.explain(of, "default/none"), undefined);
});

Deno.test("Decisions decides anew about those that shared with what changed", {
  permissions: "none",
}, () => {
  const two = holder("two", "192.168.1.241");
  const one = holder("one", "192.168.1.240", "192.168.1.241");
  const decisions = new Decisions();
  const texts = (): string[] =>
    ownedAddresses(decisions.all.values()).map(({ ip }) => formatIp(ip));
  const at = (services: readonly Service[]): DecisionInputs =>
    inputs(services, { node: "node-c" });
  decisions.update(at([two]), "all");
  assertEquals(texts(), ["192.168.1.241"]);
  decisions.update(at([one, two]), new Set(["default/one"]));
  assertEquals(texts(), []);
  decisions.update(at([two]), new Set(["default/one"]));
  assertEquals(texts(), ["192.168.1.241"]);
});

Deno.test(
  "Decisions never lets two nodes own an address, and is the same piece by piece",
  {
    permissions: "none",
  },
  () => {
    const ips = fc.uniqueArray(
      fc.constantFrom(
        "192.168.1.240",
        "192.168.1.241",
        "2001:db8::1",
        "2001:db8::2",
      ),
      { minLength: 1, maxLength: 3 },
    );
    const selected = fc.subarray(NAMES);
    const some = fc.record({
      name: fc.constantFrom("one", "two", "three", "four"),
      ips,
      isLocal: fc.boolean(),
      at: fc.constantFrom(...NAMES),
      isGone: fc.boolean(),
    });
    const history = fc.array(some, { maxLength: 8 });
    fc.assert(fc.property(history, selected, selected, (steps, four, six) => {
      const config = twoPools(four, six);
      const services = new Map<string, Service>();
      const places = new Map<string, string>();
      const nodesSeen = NAMES.map((node) => ({
        node,
        decisions: new Decisions(),
      }));
      const of = (node: string): DecisionInputs =>
        inputs([...services.values()], {
          node,
          config,
          slicesOf: (key) => [slice(places.get(key) ?? "")],
        });
      for (const { name, ips, isLocal, at, isGone } of steps) {
        const key = `default/${name}`;
        const made = asking(holder(name, ...ips));
        services.set(name, {
          ...made,
          spec: {
            ...made.spec,
            externalTrafficPolicy: isLocal ? "Local" : "Cluster",
          },
        });
        places.set(key, at);
        if (isGone) services.delete(name);
        for (const { node, decisions } of nodesSeen) {
          decisions.update(of(node), new Set([key]));
        }
      }
      const owners = new Set<string>();
      for (const { node, decisions } of nodesSeen) {
        const whole = new Decisions();
        whole.update(of(node), "all");
        assertEquals(new Map(decisions.all), new Map(whole.all));
        for (const { ip } of ownedAddresses(decisions.all.values())) {
          assert(!owners.has(formatIp(ip)), `two owners of ${formatIp(ip)}`);
          owners.add(formatIp(ip));
        }
      }
    }));
  },
);

Deno.test("Decisions let one of the living tell that nobody announces", {
  permissions: "none",
}, () => {
  const told = (of: DecisionInputs): string[] =>
    NAMES.flatMap((node) => {
      const decisions = new Decisions();
      decisions.update({ ...of, node }, "all");
      return [...decisions.all].flatMap(([service, { complaint }]) =>
        complaint === undefined ? [] : [`${node} ${service} ${complaint}`]
      );
    });
  const one = [holder("one", "192.168.1.240")];
  const config = twoPools([], []);
  assertEquals(told(inputs(one, { config })), [
    "node-a default/one noMatchingAdvertisement",
  ]);
  assertEquals(told(inputs(one, { config, members: ["node-b"] })), [
    "node-b default/one noMatchingAdvertisement",
  ]);
  assertEquals(told(inputs(one)), []);
  // Of two families with an owner, the owner tells.
  const both = asking(holder("one", "192.168.1.240", "2001:db8::1"));
  assertEquals(told(inputs([both], { config: twoPools(["node-b"], []) })), [
    "node-b default/one noMatchingAdvertisement",
  ]);
});

Deno.test(
  "Decisions watch what others own, and announce what this node claims",
  {
    permissions: "none",
  },
  () => {
    const of = inputs([
      service("one", "192.168.1.240"),
      service("two", "192.168.1.241"),
    ], { members: ["node-b"] });
    const decisions = new Decisions();
    const known = ["node-a", "node-b", "node-c"];
    const mine = groupId("192.168.1.241");
    const owns = (group: number): boolean => group === mine;
    const claims = { known, idOf: nodeId, owns };
    decisions.update({ ...of, claims }, "all");
    const outcomes = [...decisions.all].map(([name, outcome]) => [
      name,
      outcome.watched.map(({ key, candidates }) => [key, candidates.length]),
      outcome.announced.map(({ ips }) => ips.map(formatIp)),
    ]);
    assertEquals(outcomes, [
      ["default/one", [["192.168.1.240", 3]], []],
      ["default/two", [["192.168.1.241", 3]], [["192.168.1.241"]]],
    ]);
  },
);

Deno.test(
  "Decisions name all candidates, also behind many that cannot take over",
  { permissions: "none" },
  () => {
    const names = Array.from({ length: 24 }, (_, i) => `node-${i + 10}`);
    const many: Node[] = names.map((name, i) => ({
      metadata: { name, labels: { rack: i < 16 ? "one" : "two" } },
    }));
    const { config } = resolveConfig({
      pools: [{
        metadata: { name: "p" },
        spec: { addresses: ["192.168.1.0/24"] },
      }],
      l2Advertisements: [{
        metadata: { name: "all" },
        spec: {
          preferredNodeSelectors: [{
            weight: 100,
            preference: { matchLabels: { rack: "one" } },
          }],
        },
      }],
      nodes: many,
      namespaces: [],
    });
    const claims = { known: names, idOf: nodeId, owns: () => false };
    const decisions = new Decisions();
    const of = inputs([service("one", "192.168.1.240")], {
      config,
      nodes: many,
      // The whole of the first rack is dead; the gossip remembers it.
      members: names.slice(16),
      node: "node-30",
      claims,
    });
    decisions.update(of, "all");
    const [watched] = [...decisions.all.values()].flatMap((each) =>
      each.watched
    );
    const told = watched?.candidates.map(({ node }) => node) ?? [];
    assertEquals(told.length, names.length);
    const rack = (of: readonly string[]) => new Set(of.map(nodeId));
    assertEquals(new Set(told.slice(0, 16)), rack(names.slice(0, 16)));
    assertEquals(new Set(told.slice(16)), rack(names.slice(16)));
  },
);

Deno.test("Decisions say when the packet worker is to be told anew", {
  permissions: "none",
}, () => {
  const known = ["node-a", "node-b", "node-c"];
  const claims = { known, idOf: nodeId, owns: () => false };
  const of = (...services: readonly Service[]): DecisionInputs =>
    inputs(services, { claims });
  const one = service("one", "192.168.1.240");
  const decisions = new Decisions();
  /** Whether an update is told. */
  const isTold = (of: DecisionInputs, dirty: Dirty): boolean => {
    const { version } = decisions;
    decisions.update(of, dirty);
    return decisions.version !== version;
  };
  assertEquals(isTold(of(one), "all"), true);
  assertEquals(isTold(of(one), "all"), false, "all the same again");
  assertEquals(isTold(of(one), new Set(["default/one"])), false);
  assertEquals(isTold(of(one), new Set(["default/none"])), false);
  const moved = service("one", "192.168.1.241");
  assertEquals(isTold(of(moved), new Set(["default/one"])), true);
  assertEquals(isTold(of(), new Set(["default/one"])), true);
  assertEquals(isTold(of(one), new Set(["default/one"])), true);
  assertEquals(isTold(of(), "all"), true);
});

Deno.test("Decisions take in who owns what without deciding anew", {
  permissions: "none",
}, () => {
  const known = ["node-a", "node-b"];
  const of = inputs([service("one", "192.168.1.240")], {
    claims: { known, idOf: nodeId, owns: () => false },
  });
  const decisions = new Decisions();
  decisions.update(of, "all");
  const { version } = decisions;
  const announced = (owns: boolean): number => {
    decisions.reown(["default/one", "default/none"], () => owns);
    return decisions.all.get("default/one")?.announced.length ?? -1;
  };
  assertEquals([announced(true), announced(false)], [1, 0]);
  assertEquals(decisions.version, version, "the worker told it");
  assertEquals(decisions.all.size, 1);
});
