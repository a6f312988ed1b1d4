import { assert, assertEquals } from "@std/assert";
import type { EndpointSlice, Node, Service } from "../kube/mod.ts";
import { formatIp } from "../net/mod.ts";
import {
  canServe,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  type OwnershipObjects,
  ownershipView,
  type OwnershipViewResult,
  resolveConfig,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const nodes: readonly Node[] = [
  { metadata: { name: "n1", labels: { rack: "a" } } },
  {
    metadata: {
      name: "n2",
      labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" },
    },
    status: { conditions: [{ type: "NetworkUnavailable", status: "True" }] },
  },
];

const { config } = resolveConfig({
  pools: [
    {
      metadata: { name: "p" },
      spec: { addresses: ["192.0.2.0/24", "2001:db8::/64"] },
    },
    { metadata: { name: "q" }, spec: { addresses: ["198.51.100.0/24"] } },
    { metadata: { name: "six" }, spec: { addresses: ["2001:db8:6::/64"] } },
  ],
  l2Advertisements: [
    {
      metadata: { name: "web" },
      spec: {
        ipAddressPools: ["p"],
        serviceSelectors: [{ matchLabels: { app: "web" } }],
        nodeSelectors: [{ matchLabels: { rack: "a" } }],
        interfaces: ["eth0"],
        preferredNodeSelectors: [{ weight: 5, preference: {} }],
      },
    },
    { metadata: { name: "all" }, spec: {} },
  ],
  nodes,
  namespaces: [],
});

function service(
  ips: readonly string[],
  fields: Partial<Service["metadata"]> = {},
  spec: Service["spec"] = { type: "LoadBalancer" },
): Service {
  return {
    metadata: { name: "web", namespace: "default", ...fields },
    spec,
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

const slice: EndpointSlice = {
  metadata: { name: "web-1", namespace: "default" },
  addressType: "IPv4",
  endpoints: [
    { addresses: ["10.0.0.1"], nodeName: "n1", conditions: { ready: true } },
    { addresses: ["10.0.0.2"], nodeName: "n2", conditions: { ready: false } },
    { addresses: ["10.0.0.3"] },
  ],
};

function viewOf(
  each: Service,
  fields: Partial<OwnershipObjects> = {},
): OwnershipViewResult {
  return ownershipView(config, {
    service: each,
    endpointSlices: [slice],
    nodes,
    members: null,
    ...fields,
  });
}

Deno.test(
  "ownershipView() translates a Service and what surrounds it",
  NO_PERMISSIONS,
  () => {
    const result = viewOf(
      service(["2001:DB8::0:7", "192.0.2.7"], {
        labels: { app: "web" },
        annotations: { "metallb.universe.tf/allow-shared-ip": "" },
      }, { type: "LoadBalancer", externalTrafficPolicy: "Local" }),
      { members: ["n1"] },
    );
    assert(result.kind === "views");
    const [part, ...more] = result.parts;
    assertEquals(more, []);
    assertEquals(part?.pool, "p");
    assertEquals(part?.ips.map(formatIp), ["2001:db8::7", "192.0.2.7"]);
    assertEquals(part?.view, {
      key: "2001:db8::7",
      members: ["n1"],
      nodes: [
        { name: "n1", networkUnavailable: false, excluded: false },
        { name: "n2", networkUnavailable: true, excluded: true },
      ],
      advertisements: [
        {
          names: ["web"],
          nodes: new Set(["n1"]),
          interfaces: ["eth0"],
          selectsServices: true,
          preference: new Map([["n1", 5]]),
        },
        {
          names: ["all"],
          nodes: new Set(["n1", "n2"]),
          interfaces: [],
          selectsServices: false,
          preference: new Map(),
        },
      ],
      servingEndpoints: ["n1", null],
      trafficPolicy: "Local",
      sharesAddress: true,
    });
  },
);

Deno.test(
  "ownershipView() leaves out advertisements for other Services",
  NO_PERMISSIONS,
  () => {
    const result = viewOf(service(["192.0.2.7"]), { ignoreExcludeLB: true });
    assert(result.kind === "views");
    const view = result.parts[0]?.view;
    assertEquals(view?.advertisements.map(({ names }) => names), [["all"]]);
    assertEquals(view?.nodes.map(({ excluded }) => excluded), [false, false]);
    assertEquals(view?.trafficPolicy, "Cluster");
    assertEquals(view?.sharesAddress, false);
  },
);

const ASKS = {
  annotations: { "herald-lb.io/families-from-two-pools": "true" },
};

Deno.test(
  "ownershipView() judges families from two pools by each pool's own advertisements",
  NO_PERMISSIONS,
  () => {
    const seen = (...ips: string[]) => {
      const result = viewOf(service(ips, { labels: { app: "web" }, ...ASKS }));
      assert(result.kind === "views");
      return result.parts.map(({ view, ips, pool }) => [
        pool,
        ...ips.map(formatIp),
        view.key,
        view.advertisements.flatMap(({ names }) => names).join(),
      ]);
    };
    assertEquals(seen("192.0.2.7", "2001:db8:6::1"), [
      ["p", "192.0.2.7", "192.0.2.7", "web,all"],
      ["six", "2001:db8:6::1", "192.0.2.7", "all"],
    ]);
    assertEquals(seen("2001:db8:6::1", "192.0.2.7"), [
      ["six", "2001:db8:6::1", "2001:db8:6::1", "all"],
      ["p", "192.0.2.7", "2001:db8:6::1", "web,all"],
    ]);
  },
);

const refusals: readonly [string, Service][] = [
  ["notLoadBalancer", service(["192.0.2.7"], {}, { type: "ClusterIP" })],
  ["noIPAllocated", service([])],
  ["noIPAllocated", {
    metadata: { name: "web" },
    spec: { type: "LoadBalancer" },
  }],
  ["invalidIP", service(["192.0.2.7", "bad"])],
  ["invalidIP", service([""])],
  ["ipNotAllowed", service(["203.0.113.1"])],
  ["ipNotAllowed", service(["192.0.2.7", "198.51.100.7"])],
  ["ipNotAllowed", service(["192.0.2.7", "2001:db8:6::1"])],
  ["ipNotAllowed", service(["192.0.2.7", "198.51.100.7"], ASKS)],
  ["ipNotAllowed", service(["192.0.2.7", "2001:db8:7::1"], ASKS)],
  [
    "ipNotAllowed",
    service(["192.0.2.7", "2001:db8:6::1", "2001:db8:6::2"], ASKS),
  ],
];

for (const [index, [reason, each]] of refusals.entries()) {
  Deno.test(
    `ownershipView() refuses with ${reason} (${index})`,
    NO_PERMISSIONS,
    () => {
      assertEquals(
        viewOf(each),
        { kind: "refused", reason } as OwnershipViewResult,
      );
    },
  );
}

Deno.test(
  "canServe() counts ready, unknown and still serving endpoints",
  NO_PERMISSIONS,
  () => {
    const outcomes = [
      undefined,
      {},
      { ready: true, serving: false },
      { ready: false, serving: true, terminating: true },
      { ready: false },
      { ready: false, serving: false },
    ].map((conditions) =>
      canServe({
        addresses: [],
        ...(conditions === undefined ? {} : { conditions }),
      })
    );
    assertEquals(outcomes, [true, true, true, true, false, false]);
  },
);

Deno.test(
  "the resources keep the spec as it is and drop the bulk",
  NO_PERMISSIONS,
  () => {
    const raw = {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: {
        name: "p",
        uid: "1",
        labels: { a: "b" },
        managedFields: [{}],
        annotations: {
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
        },
      },
      spec: "malformed",
      status: { assignedIPv4: 1 },
    };
    assertEquals(IP_ADDRESS_POOLS.project(raw), {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "p", uid: "1", labels: { a: "b" } },
      spec: "malformed",
      status: { assignedIPv4: 1 },
    });
    const { group, version, plural, namespaced } = L2_ADVERTISEMENTS;
    assertEquals(
      [group, version, plural, namespaced],
      ["metallb.io", "v1beta1", "l2advertisements", true],
    );
  },
);
