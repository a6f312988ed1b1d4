import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Resource } from "./port.ts";
import {
  ENDPOINT_SLICES,
  EVENTS,
  LEASES,
  NAMESPACES,
  NODES,
  SERVICES,
} from "./resources.ts";
import type { KubeObject } from "./types.ts";

const ALL: readonly Resource<KubeObject>[] = [
  ENDPOINT_SLICES,
  EVENTS,
  LEASES,
  NAMESPACES,
  NODES,
  SERVICES,
];

interface Row {
  readonly name: string;
  readonly resource: Resource<KubeObject>;
  readonly raw: Readonly<Record<string, unknown>>;
  /** What is kept besides `apiVersion` and `kind`. */
  readonly kept: Readonly<Record<string, unknown>>;
}

const ROWS: readonly Row[] = [
  {
    name: "metadata without managed fields and kubectl's copy",
    resource: NAMESPACES,
    raw: {
      metadata: {
        name: "ns",
        uid: "u",
        resourceVersion: "5",
        generation: 2,
        creationTimestamp: "2026-01-01T00:00:00Z",
        labels: { a: "b", c: 1 },
        annotations: {
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
          kept: "yes",
        },
        ownerReferences: [
          { apiVersion: "v1", kind: "Node", name: "n", uid: "u", other: 1 },
        ],
        managedFields: [{}],
        finalizers: "wrong",
      },
      spec: { finalizers: ["kubernetes"] },
    },
    kept: {
      metadata: {
        name: "ns",
        uid: "u",
        resourceVersion: "5",
        generation: 2,
        creationTimestamp: "2026-01-01T00:00:00Z",
        labels: { a: "b" },
        annotations: { kept: "yes" },
        ownerReferences: [
          { apiVersion: "v1", kind: "Node", name: "n", uid: "u" },
        ],
      },
    },
  },
  {
    name: "a Service",
    resource: SERVICES,
    raw: {
      metadata: { name: "web", namespace: "ns" },
      spec: {
        type: "LoadBalancer",
        clusterIPs: ["10.0.0.1", 5],
        ipFamilies: ["IPv4"],
        selector: { app: "web" },
        sessionAffinity: "None",
        ports: [
          { port: 80, targetPort: "http", nodePort: 30_000, protocol: "TCP" },
          { port: "80" },
          "wrong",
        ],
      },
      status: {
        loadBalancer: {
          ingress: [{ ip: "192.0.2.1", ipMode: "VIP", ports: [{ port: 80 }] }],
        },
        conditions: [{ type: "x" }, 5],
      },
    },
    kept: {
      metadata: { name: "web", namespace: "ns" },
      spec: {
        type: "LoadBalancer",
        clusterIPs: ["10.0.0.1"],
        ipFamilies: ["IPv4"],
        selector: { app: "web" },
        ports: [
          { port: 80, targetPort: "http", nodePort: 30_000, protocol: "TCP" },
        ],
      },
      status: {
        loadBalancer: {
          ingress: [{ ip: "192.0.2.1", ipMode: "VIP", ports: [{ port: 80 }] }],
        },
        conditions: [{ type: "x" }],
      },
    },
  },
  {
    name: "a Node",
    resource: NODES,
    raw: {
      metadata: { name: "n1" },
      spec: { unschedulable: true, podCIDR: "10.1.0.0/24" },
      status: {
        conditions: [
          { type: "Ready", status: "True", lastHeartbeatTime: "x" },
          { type: "NetworkUnavailable" },
        ],
        addresses: [
          { type: "InternalIP", address: "192.0.2.10" },
          { type: "Hostname", address: null },
        ],
        images: [{}],
      },
    },
    kept: {
      metadata: { name: "n1" },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        addresses: [{ type: "InternalIP", address: "192.0.2.10" }],
      },
    },
  },
  {
    name: "an EndpointSlice",
    resource: ENDPOINT_SLICES,
    raw: {
      metadata: { name: "web-1", namespace: "ns" },
      addressType: "IPv6",
      endpoints: [
        {
          addresses: ["2001:db8::1"],
          nodeName: "n1",
          conditions: { ready: true, serving: null, terminating: "no" },
          zone: "z",
        },
        { addresses: "wrong" },
        7,
      ],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    },
    kept: {
      metadata: { name: "web-1", namespace: "ns" },
      addressType: "IPv6",
      endpoints: [
        {
          addresses: ["2001:db8::1"],
          nodeName: "n1",
          conditions: { ready: true },
        },
        { addresses: [] },
      ],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    },
  },
  {
    name: "a Lease",
    resource: LEASES,
    raw: {
      metadata: { name: "l", namespace: "ns" },
      spec: {
        holderIdentity: "n1",
        leaseDurationSeconds: 6,
        renewTime: "2026-01-01T00:00:00.000000Z",
        leaseTransitions: 1.5,
      },
    },
    kept: {
      metadata: { name: "l", namespace: "ns" },
      spec: {
        holderIdentity: "n1",
        leaseDurationSeconds: 6,
        renewTime: "2026-01-01T00:00:00.000000Z",
      },
    },
  },
  {
    name: "an Event",
    resource: EVENTS,
    raw: {
      metadata: { name: "e", namespace: "ns" },
      involvedObject: { kind: "Service", name: "web", fieldPath: "x" },
      type: "Odd",
      reason: "allocated",
      message: "Assigned",
      source: { component: "controller" },
      count: 2,
    },
    kept: {
      metadata: { name: "e", namespace: "ns" },
      involvedObject: { kind: "Service", name: "web" },
      type: "Normal",
      reason: "allocated",
      message: "Assigned",
      source: { component: "controller" },
      count: 2,
    },
  },
];

for (const { name, resource, raw, kept } of ROWS) {
  Deno.test(`projection keeps of ${name} what is in use`, {
    permissions: "none",
  }, () => {
    const { group, version, kind } = resource;
    const apiVersion = group === "" ? version : `${group}/${version}`;
    assertEquals<unknown>(resource.project(raw), { apiVersion, kind, ...kept });
  });
}

Deno.test("a member called __proto__ is no way into an object", {
  permissions: "none",
}, () => {
  const labels = JSON.parse('{"__proto__": {"x": "y"}, "a": "b"}');
  const hostile = JSON.parse('{"__proto__": "x", "a": "b"}');
  for (const value of [labels, hostile]) {
    const { metadata } = NODES.project({ metadata: { labels: value } });
    assertEquals(metadata.labels, { a: "b" });
    assertEquals(Object.getPrototypeOf(metadata.labels), Object.prototype);
  }
});

/** Objects whose known fields have any value. */
const HOSTILE = fc.dictionary(
  fc.constantFrom(
    "metadata",
    "spec",
    "status",
    "endpoints",
    "ports",
    "involvedObject",
    "source",
  ),
  fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom(
        "name",
        "labels",
        "annotations",
        "ownerReferences",
        "ports",
        "selector",
        "loadBalancer",
        "conditions",
        "addresses",
        "__proto__",
      ),
      fc.jsonValue(),
    ),
  ),
);

Deno.test("projection never throws and is stable", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(HOSTILE, (raw) => {
    for (const resource of ALL) {
      const once = resource.project(raw);
      const again = resource.project({ ...once });
      assertEquals<unknown>(again, once);
    }
  }));
});
