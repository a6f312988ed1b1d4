import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { EndpointSlice, Service } from "../../mod/kube/mod.ts";
import { renderStandIn } from "./stand_in.ts";

function service(
  name: string,
  ips: readonly string[],
  externalTrafficPolicy = "Cluster",
): Service {
  return {
    metadata: { name, namespace: "lab" },
    spec: {
      externalTrafficPolicy,
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { name: "echo", port: 7, protocol: "UDP" },
      ],
    },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

function slice(
  name: string,
  addressType: string,
  endpoints: readonly (readonly [address: string, nodeName: string])[],
  ready = true,
): EndpointSlice {
  return {
    metadata: {
      name: `${name}-${addressType}-${ready}`,
      namespace: "lab",
      labels: { "kubernetes.io/service-name": name },
    },
    addressType,
    endpoints: endpoints.map(([address, nodeName]) => ({
      addresses: [address],
      nodeName,
      conditions: { ready },
    })),
    ports: [{ name: "http", port: 8080 }, { name: "echo", port: 9007 }],
  };
}

/** The rules that packets for an address and port run through. */
function rulesFor(text: string, frontend: string): string {
  const [, name] = new RegExp(`${frontend} : goto ([^\\s,]+)`).exec(text) ??
    [];
  const [, body] = new RegExp(`chain ${name} {\n([^}]*map {[^}]*}[^}]*|[^}]*)}`)
    .exec(text) ?? [];
  return (body ?? "absent").trim().replaceAll(/\n\s+/g, "\n");
}

const VIEW = {
  services: [
    service("web", ["192.0.2.100", "2001:db8:1::1000"]),
    service("local", ["192.0.2.101"], "Local"),
    service("empty", ["192.0.2.102"]),
    service("pending", []),
  ],
  endpointSlices: [
    slice("web", "IPv4", [["10.244.11.2", "node-b"], [
      "10.244.10.2",
      "node-a",
    ]]),
    slice("web", "IPv4", [["10.244.12.2", "node-c"]], false),
    slice("web", "IPv6", [["2001:db8:244:10::2", "node-a"]]),
    slice("local", "IPv4", [
      ["10.244.10.2", "node-a"],
      ["10.244.11.2", "node-b"],
    ]),
  ],
};

const CASES: readonly {
  name: string;
  frontend: string;
  node: string;
  rules: string;
}[] = [
  {
    name: "Cluster spreads over the ready Pods of all nodes and masquerades",
    frontend: "192.0.2.100 . tcp . 80",
    node: "node-c",
    rules: "meta mark set 0x4000\n" +
      "meta l4proto tcp dnat ip to numgen random mod 2 map " +
      "{ 0 : 10.244.10.2 . 8080, 1 : 10.244.11.2 . 8080 }",
  },
  {
    name: "UDP goes to the port of that name",
    frontend: "192.0.2.100 . udp . 7",
    node: "node-a",
    rules: "meta mark set 0x4000\n" +
      "meta l4proto udp dnat ip to numgen random mod 2 map " +
      "{ 0 : 10.244.10.2 . 9007, 1 : 10.244.11.2 . 9007 }",
  },
  {
    name: "an IPv6 address has the IPv6 endpoints",
    frontend: "2001:db8:1::1000 . tcp . 80",
    node: "node-b",
    rules: "meta mark set 0x4000\n" +
      "meta l4proto tcp dnat ip6 to numgen random mod 1 map " +
      "{ 0 : 2001:db8:244:10::2 . 8080 }",
  },
  {
    name: "Local takes the node's own Pod and keeps the source",
    frontend: "192.0.2.101 . tcp . 80",
    node: "node-b",
    rules: "meta l4proto tcp dnat ip to numgen random mod 1 map " +
      "{ 0 : 10.244.11.2 . 8080 }",
  },
  {
    name: "Local drops on a node without a Pod",
    frontend: "192.0.2.101 . tcp . 80",
    node: "node-c",
    rules: "drop",
  },
  {
    name: "a Service without endpoints drops",
    frontend: "192.0.2.102 . udp . 7",
    node: "node-a",
    rules: "drop",
  },
];

for (const { name, frontend, node, rules } of CASES) {
  Deno.test(`renderStandIn(): ${name}`, { permissions: "none" }, () => {
    assertEquals(rulesFor(renderStandIn(VIEW, node), frontend), rules);
  });
}

Deno.test("renderStandIn() replaces all rules in one transaction", {
  permissions: "none",
}, () => {
  const text = renderStandIn(VIEW, "node-a");
  assertMatch(text, /^table (\S+ \S+)\ndelete table \1\ntable \1 {\n/);
  assertStringIncludes(
    text,
    "elements = { 192.0.2.100, 192.0.2.101, 192.0.2.102 }",
  );
});

Deno.test("renderStandIn() has no elements without Services", {
  permissions: "none",
}, () => {
  const text = renderStandIn({ services: [], endpointSlices: [] }, "node-a");
  assertEquals(text.includes("elements"), false);
});
