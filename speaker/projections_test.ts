import { assert, assertEquals } from "@std/assert";
import {
  type CustomResource,
  ownershipView,
  resolveConfig,
} from "../mod/config/mod.ts";
import type { EndpointSlice, Node, Service } from "../mod/kube/mod.ts";
import { decideGroup } from "../mod/ownership/mod.ts";
import {
  differs,
  SPEAKER_NODES,
  SPEAKER_SERVICES,
  SPEAKER_SLICES,
} from "./projections.ts";

type Raw = Readonly<Record<string, unknown>>;

/** A row of the corpus, as far as decisions depend on it. */
interface Row {
  readonly name: string;
  readonly nodes: readonly Raw[];
  readonly speakers: readonly string[] | null;
  readonly pools: readonly CustomResource[];
  readonly l2advertisements: readonly CustomResource[];
  readonly service: Raw;
  readonly endpointSlices: readonly Raw[];
  readonly ignoreExcludeLB?: boolean;
}

interface Objects {
  readonly service: Service;
  readonly endpointSlices: readonly EndpointSlice[];
  readonly nodes: readonly Node[];
}

function outcome(
  row: Row,
  objects: Objects,
): { readonly kind: string; readonly decision?: unknown } {
  const { config } = resolveConfig({
    pools: row.pools,
    l2Advertisements: row.l2advertisements,
    nodes: objects.nodes,
    namespaces: [],
  });
  const result = ownershipView(config, {
    ...objects,
    members: row.speakers,
    ignoreExcludeLB: row.ignoreExcludeLB === true,
  });
  if (result.kind === "refused") return result;
  const decision = decideGroup(result.parts.map(({ view }) => view));
  return { ...result, decision };
}

async function rows(): Promise<Row[]> {
  const url = new URL("../tests/conformance/layer2.jsonl", import.meta.url);
  const text = await Deno.readTextFile(url);
  return text.trim().split("\n").map((line) => JSON.parse(line) as Row);
}

Deno.test("the projections keep all that decides about a Service", async () => {
  const all = await rows();
  assert(all.length > 100, `only ${all.length} rows`);
  const kinds = new Set<string>();
  for (const row of all) {
    // The corpus has the API's JSON, which is what the record types describe.
    const full = outcome(row, row as unknown as Objects);
    const kept = outcome(row, {
      service: SPEAKER_SERVICES.project(row.service),
      endpointSlices: row.endpointSlices.map(SPEAKER_SLICES.project),
      nodes: row.nodes.map(SPEAKER_NODES.project),
    });
    assertEquals(kept, full, row.name);
    kinds.add(full.kind);
  }
  assertEquals(kinds.size, 2);
});

Deno.test("the projection of a Service of another type keeps its name only", {
  permissions: "none",
}, () => {
  const kept = SPEAKER_SERVICES.project({
    metadata: {
      name: "web",
      namespace: "default",
      resourceVersion: "7",
      labels: { app: "web" },
    },
    spec: { type: "ClusterIP", ports: [{ port: 80 }] },
  });
  assertEquals(kept, {
    metadata: { name: "web", namespace: "default", resourceVersion: "7" },
    spec: { type: "other" },
  });
});

Deno.test("the projection of a Service keeps its class and what shares", {
  permissions: "none",
}, () => {
  const names = [
    "metallb.io/allow-shared-ip",
    "metallb.universe.tf/allow-shared-ip",
    "herald-lb.io/families-from-two-pools",
  ];
  for (const name of names) {
    const sharing = { [name]: "key" };
    const { metadata, spec } = SPEAKER_SERVICES.project({
      metadata: { name: "web", annotations: { note: "x", ...sharing } },
      spec: { type: "LoadBalancer", loadBalancerClass: "example.com/c" },
    });
    assertEquals(metadata.annotations, sharing);
    assertEquals(spec.loadBalancerClass, "example.com/c");
  }
});

Deno.test("the projections take whatever the API sends", {
  permissions: "none",
}, () => {
  for (const bad of [null, 7, "x", [], [null], { ingress: 7 }]) {
    const raw = {
      metadata: { name: "x", labels: bad, annotations: bad },
      spec: bad,
      status: bad,
      endpoints: bad,
      addressType: bad,
    };
    for (
      const { project } of [SPEAKER_SERVICES, SPEAKER_SLICES, SPEAKER_NODES]
    ) {
      assertEquals(project(raw).metadata.name, "x");
    }
  }
});

Deno.test("differs() ignores the version and nothing else", {
  permissions: "none",
}, () => {
  const node = (version: string, more: Raw = {}) =>
    SPEAKER_NODES.project({
      metadata: { name: "a", uid: "1", resourceVersion: version, ...more },
    });
  const change = (object: Node) => ({
    type: "MODIFIED" as const,
    key: "a",
    object,
    previous: node("1"),
  });
  assertEquals(differs(change(node("2"))), false);
  assertEquals(differs(change(node("2", { labels: { zone: "z" } }))), true);
  assertEquals(differs(change(node("2", { uid: "2" }))), true);
  assertEquals(differs({ type: "ADDED", key: "a", object: node("1") }), true);
  assertEquals(differs({ type: "DELETED", key: "a", object: node("1") }), true);
});
