/** The embedded API server answers as the real one does: the same calls to both. */
import { assertEquals } from "@std/assert";
import { ApiServer } from "../../mod/apiserver/mod.ts";
import { kubernetesTest } from "./available.ts";
import { startCluster } from "./cluster.ts";
import { applyCrds, METALLB_KINDS, openCrd } from "./crds.ts";

type Send = (path: string, init: RequestInit) => Promise<Response>;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

const NAMESPACE = "/api/v1/namespaces/parity";
const SERVICES = `${NAMESPACE}/services`;
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/parity/leases";
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/parity/endpointslices";
const POOLS = "/apis/metallb.io/v1beta1/namespaces/parity/ipaddresspools";
const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";

const get = (path: string): Call => ({ method: "GET", path });
const post = (path: string, body: unknown): Call => ({
  method: "POST",
  path,
  body,
});
const put = (path: string, body: unknown): Call => ({
  method: "PUT",
  path,
  body,
});
const merge = (path: string, body: unknown): Call => ({
  method: "PATCH",
  path,
  body,
  type: MERGE,
});
const patch = (path: string, body: unknown): Call => ({
  method: "PATCH",
  path,
  body,
  type: JSON_PATCH,
});
const remove = (path: string, body?: unknown): Call => ({
  method: "DELETE",
  path,
  ...(body === undefined ? {} : { body }),
});

const service = (name: string, spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});

const pool = (name: string, spec: unknown) => ({
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { name },
  spec,
});

const ingress = (ip: string) => ({
  status: { loadBalancer: { ingress: [{ ip }] } },
});

/** One after another; each builds on those before it. */
const CALLS: readonly Call[] = [
  post("/api/v1/namespaces/nope/services", service("a", {})),
  post(SERVICES, service("a", { type: "LoadBalancer" })),
  post(SERVICES, service("a", {})),
  post(SERVICES, service("Bad_Name", {})),
  post(SERVICES, service("b", { type: "Foo" })),
  post(SERVICES, service("b", { ports: [] })),
  post(SERVICES, service("b", { ports: [{ port: 1 }, { port: 2 }] })),
  post(SERVICES, service("b", { ipFamilies: ["IPv4", "IPv6"] })),
  post(SERVICES, service("b", { clusterIP: "10.97.0.1" })),
  post(SERVICES, {
    ...service("b", {}),
    metadata: { name: "b", namespace: "c" },
  }),
  post(SERVICES, {
    ...service("b", {}),
    metadata: { name: "b", resourceVersion: "1" },
  }),
  post("/api/v1/services", service("a", {})),
  post(
    SERVICES,
    service("d", {
      type: "LoadBalancer",
      ipFamilyPolicy: "PreferDualStack",
      externalTrafficPolicy: "Local",
      sessionAffinity: "ClientIP",
    }),
  ),
  post(SERVICES, service("h", { clusterIP: "None", selector: { a: "b" } })),
  post(
    SERVICES,
    service("x", { type: "ExternalName", externalName: "a.example" }),
  ),
  get(`${SERVICES}/a`),
  get(`${SERVICES}/none`),
  get(`${SERVICES}/a/nothing`),
  get("/api/v1/foos"),
  get("/apis/nope.example/v1/foos"),
  get(SERVICES),
  get(`${SERVICES}?fieldSelector=spec.type%3DLoadBalancer`),
  get(`${SERVICES}?fieldSelector=abc`),
  get(`${SERVICES}?limit=x`),
  get(`${SERVICES}?resourceVersion=foo`),
  merge(`${SERVICES}/a/status`, ingress("192.0.2.1")),
  merge(`${SERVICES}/a/status`, ingress("nope")),
  merge(`${SERVICES}/h/status`, ingress("192.0.2.1")),
  merge(`${SERVICES}/a`, {
    metadata: { annotations: { x: "1" }, labels: { app: "a" } },
    ...ingress("192.0.2.9"),
  }),
  merge(`${SERVICES}/a/status`, {
    metadata: { annotations: { x: null, y: "2" } },
    spec: { type: "ClusterIP" },
  }),
  get(`${SERVICES}?labelSelector=app%20in%20(a,b),!nope`),
  merge(`${SERVICES}/a`, { metadata: { resourceVersion: "1" } }),
  merge(`${SERVICES}/a`, { metadata: { name: "b" } }),
  merge(`${SERVICES}/none`, {}),
  patch(`${SERVICES}/a`, [{
    op: "add",
    path: "/metadata/labels/new",
    value: "1",
  }]),
  { method: "PATCH", path: `${SERVICES}/a`, body: {}, type: "text/plain" },
  merge(`${SERVICES}/a`, { spec: { ipFamilyPolicy: "PreferDualStack" } }),
  merge(`${SERVICES}/a`, { spec: { ipFamilyPolicy: "SingleStack" } }),
  merge(`${SERVICES}/a`, { spec: { clusterIP: "10.96.77.77" } }),
  merge(`${SERVICES}/a`, { spec: { ports: [{ port: 0 }] } }),
  merge(`${SERVICES}/a`, { spec: { type: "NodePort" } }),
  merge(`${SERVICES}/a`, { spec: { type: "ClusterIP" } }),
  merge(`${SERVICES}/a`, {
    spec: { type: "LoadBalancer", loadBalancerClass: "x/y" },
  }),
  merge(`${SERVICES}/a`, { spec: { loadBalancerClass: "x/z" } }),
  put(`${SERVICES}/a`, service("a", {})),
  put(`${SERVICES}/a`, service("b", {})),
  put(`${SERVICES}/new`, service("new", {})),
  merge(`${SERVICES}/new`, { metadata: { finalizers: ["herald-lb.io/x"] } }),
  remove(`${SERVICES}/new`),
  merge(`${SERVICES}/new`, { metadata: { finalizers: null } }),
  get(`${SERVICES}/new`),
  remove(`${SERVICES}/a`, { preconditions: { resourceVersion: "1" } }),
  remove(`${SERVICES}/a`, { preconditions: { uid: "other" } }),
  remove(`${SERVICES}/a`),
  remove(`${SERVICES}/a`),
  post(LEASES, {
    metadata: { name: "l" },
    spec: {
      holderIdentity: "n",
      leaseDurationSeconds: 3,
      renewTime: "2026-01-01T00:00:00.000000Z",
    },
  }),
  post(LEASES, { metadata: { name: "z" }, spec: { leaseDurationSeconds: 0 } }),
  post(LEASES, { metadata: {}, spec: {} }),
  put(`${LEASES}/l`, { metadata: { name: "l" }, spec: {} }),
  put(`${LEASES}/m`, {
    metadata: { name: "m", resourceVersion: "7" },
    spec: {},
  }),
  get(`${LEASES}?fieldSelector=spec.holderIdentity%3Dn`),
  remove(`${LEASES}/l`),
  post(SLICES, {
    metadata: { name: "s", labels: { "kubernetes.io/service-name": "a" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.1.1"], nodeName: "n" }],
    ports: [{ port: 8080 }],
  }),
  merge(`${SLICES}/s`, { endpoints: [] }),
  post(POOLS, {
    ...pool("p", { addresses: ["192.0.2.0/24"] }),
    status: { assignedIPv4: 3 },
  }),
  post(POOLS, { kind: "IPAddressPool", metadata: { name: "q" } }),
  merge(`${POOLS}/p/status`, {
    metadata: { annotations: { x: "1" } },
    spec: { autoAssign: false },
    status: { assignedIPv4: 1 },
  }),
  merge(`${POOLS}/p`, {
    spec: { autoAssign: false },
    status: { assignedIPv4: 9 },
  }),
  merge(`${POOLS}/p`, { metadata: { labels: { a: "b" } } }),
  put(`${POOLS}/p`, pool("p", {})),
  put(`${POOLS}/q`, pool("q", {})),
  get(POOLS),
  remove(`${POOLS}/p`),
];

/** Fields whose values are the server's own business; only whether they are there counts. */
const OWN = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "nodePort",
  "healthCheckNodePort",
]);

function normalizeText(text: string): string {
  return text.replaceAll(/\b10\.96\.\d+\.\d+/g, "<IPv4>")
    .replaceAll(/fd00:10:96::[0-9a-f]+/g, "<IPv6>")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uid>")
    .replaceAll(/record \(\d+\)/g, "record (<version>)");
}

function normalize(value: unknown): unknown {
  if (typeof value === "string") return normalizeText(value);
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value)
    .filter(([key]) => key !== "managedFields")
    .map(([key, field]) => [key, OWN.has(key) ? "<own>" : normalize(field)]);
  return Object.fromEntries(fields);
}

async function answerOf(send: Send, call: Call): Promise<unknown> {
  const response = await send(call.path, {
    method: call.method,
    ...(call.body === undefined ? {} : {
      body: JSON.stringify(call.body),
      headers: { "content-type": call.type ?? "application/json" },
    }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  const body = isJson ? normalize(JSON.parse(text)) : text;
  return { code: response.status, body };
}

await kubernetesTest(
  "the embedded API server answers as a real one",
  async () => {
    await using cluster = await startCluster();
    await applyCrds(cluster, METALLB_KINDS.slice(0, 1).map(openCrd));
    const server = new ApiServer({ now: () => Date.now() });
    const real: Send = (path, init) => cluster.fetch(path, init);
    const embedded: Send = (path, init) =>
      server.handle(new Request(`http://server${path}`, init));
    const namespace = { metadata: { name: "parity" } };
    for (const send of [real, embedded]) {
      await answerOf(send, post("/api/v1/namespaces", namespace));
    }
    let compared = 0;
    for (const call of CALLS) {
      const [expected, actual] = await Promise.all([
        answerOf(real, call),
        answerOf(embedded, call),
      ]);
      const text = `${call.method} ${call.path} ${JSON.stringify(call.body)}`;
      assertEquals(actual, expected, text);
      compared++;
    }
    assertEquals(compared, CALLS.length);
  },
);
