import { assertEquals } from "@std/assert";
import { resolveConfig } from "../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../mod/kube/mod.ts";
import { formatIp } from "../mod/net/mod.ts";
import { type DecisionInputs, Decisions, ownedAddresses } from "./decisions.ts";

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
    loadBalancerClass: undefined,
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
      inputs([theirs], { loadBalancerClass: "example.com/other" }),
      "node-a",
    ),
    [["192.168.1.240", ["eth0"]]],
  );
});

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
