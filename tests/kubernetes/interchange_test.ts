/**
 * Objects written for MetalLB's CRDs and for ours are interchangeable, on a
 * real kube-apiserver. MetalLB's definitions come from its Go module.
 */
import { assert, assertEquals } from "@std/assert";
import { customResourceDefinition, KINDS } from "../../mod/crd/mod.ts";
import { skip } from "../privileges.ts";
import { kubernetesAvailability } from "./available.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { applyCrds, type Manifest } from "./crds.ts";
import { invalidObjects, statusObjects } from "./interchange_objects.ts";
import {
  type MetallbModule,
  readFolder,
  readMetallbModule,
} from "./metallb_module.ts";

const NAMESPACE = "metallb-system";
const SAMPLES = new URL("../../manifests/samples/", import.meta.url);

const OURS = KINDS.map(customResourceDefinition);

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathOf({ apiVersion, kind }: Manifest): string {
  const found = KINDS.find(({ definition }) => definition.kind === kind);
  assert(found !== undefined, `no kind "${kind}"`);
  const { plural } = found.definition;
  return `/apis/${apiVersion}/namespaces/${NAMESPACE}/${plural}`;
}

/** Sends an object; gives the status code and what the server made of it. */
async function send(
  cluster: Cluster,
  path: string,
  method: "POST" | "PATCH",
  body: unknown,
): Promise<{ readonly code: number; readonly answer: Json }> {
  const type = method === "POST"
    ? "application/json"
    : "application/merge-patch+json";
  const response = await cluster.fetch(path, {
    method,
    headers: { "content-type": type },
    body: JSON.stringify(body),
  });
  return { code: response.status, answer: await response.json() };
}

/** An object without what differs from one cluster to the next. */
function essence({ metadata, ...rest }: Json): Json {
  const { name, labels } = isJson(metadata) ? metadata : {};
  return { ...rest, metadata: { name, labels } };
}

/** What a cluster makes of the objects: spec and status as stored. */
async function storeAll(
  cluster: Cluster,
  objects: readonly Manifest[],
): Promise<readonly Json[]> {
  const stored: Json[] = [];
  for (const [index, object] of objects.entries()) {
    const path = pathOf(object);
    const given = isJson(object["metadata"]) ? object["metadata"] : {};
    // Samples of different origin may have equal names.
    const name = `${given["name"]}-${index}`;
    const metadata = { ...given, name, namespace: NAMESPACE };
    const { status, ...rest } = object;
    const created = await send(cluster, path, "POST", { ...rest, metadata });
    assertEquals(created.code, 201, JSON.stringify(created.answer));
    if (status === undefined) {
      stored.push(essence(created.answer));
      continue;
    }
    const at = `${path}/${name}/status`;
    const updated = await send(cluster, at, "PATCH", { status });
    assertEquals(updated.code, 200, JSON.stringify(updated.answer));
    stored.push(essence(updated.answer));
  }
  return stored;
}

/** Codes with which a cluster answers objects that break a rule of the schema. */
async function refuseAll(cluster: Cluster): Promise<Json> {
  const codes: Record<string, number> = {};
  for (const [why, object] of Object.entries(invalidObjects())) {
    const metadata = { name: "invalid", namespace: NAMESPACE };
    const { code } = await send(cluster, pathOf(object), "POST", {
      ...object,
      metadata,
    });
    codes[why] = code;
  }
  return codes;
}

/** Codes with which a cluster answers changes of what cannot be changed. */
async function changeFixed(cluster: Cluster): Promise<readonly number[]> {
  const path = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}`;
  const status = await send(
    cluster,
    `${path}/servicel2statuses/l2-0/status`,
    "PATCH",
    { status: { node: "another" } },
  );
  const same = await send(
    cluster,
    `${path}/servicel2statuses/l2-0/status`,
    "PATCH",
    { status: { interfaces: [] } },
  );
  return [status.code, same.code];
}

/** Everything that the test compares, for one set of definitions. */
async function observe(
  crds: readonly Manifest[],
  samples: readonly Manifest[],
): Promise<Json> {
  await using cluster = await startCluster();
  const namespace = { metadata: { name: NAMESPACE } };
  const created = await send(cluster, "/api/v1/namespaces", "POST", namespace);
  assertEquals(created.code, 201);
  // apiextensions.k8s.io/v1 refuses definitions without a structural schema.
  await applyCrds(cluster, crds);
  return {
    statuses: await storeAll(cluster, statusObjects()),
    changes: await changeFixed(cluster),
    stored: await storeAll(cluster, samples),
    refused: await refuseAll(cluster),
  };
}

/** A definition without the words that people read, and without conversion. */
function bare(crd: Manifest): unknown {
  const { spec } = crd;
  assert(isJson(spec));
  const { conversion: _, ...rest } = spec;
  return withoutWords(rest);
}

function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (!isJson(value)) return value;
  const entries = Object.entries(value).filter(([key, entry]) =>
    !(typeof entry === "string" &&
      ["description", "message", "deprecationWarning"].includes(key))
  );
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      // The order of the names means nothing.
      key === "required" && Array.isArray(entry)
        ? [...entry].sort()
        : withoutWords(entry),
    ]),
  );
}

function byName(crds: readonly Manifest[]): Json {
  return Object.fromEntries(
    crds.map((crd) => {
      assert(isJson(crd["metadata"]));
      return [String(crd["metadata"]["name"]), bare(crd)];
    }),
  );
}

function register(module: MetallbModule, cluster: boolean): void {
  const structure = "our CRDs differ from MetalLB's only in words";
  const objects = "a kube-apiserver makes the same of any object by both CRDs";
  if (module.kind === "unavailable") {
    for (const name of [structure, objects]) {
      skip(name, module.reason, { required: false });
    }
    return;
  }
  Deno.test(structure, () => {
    assertEquals(module.crds.length, 9);
    assertEquals(byName(OURS), byName(module.crds));
  });
  if (!cluster) return skip(objects, "no kube-apiserver", { required: false });
  Deno.test(objects, async () => {
    const samples = [...await readFolder(SAMPLES), ...module.samples]
      .filter(({ apiVersion }) => String(apiVersion).startsWith("metallb.io/"));
    assert(module.samples.length > 20);
    assert(samples.length - module.samples.length > 10);
    const ours = await observe(OURS, samples);
    assertEquals(ours["changes"], [422, 200]);
    const codes = Object.values(invalidObjects()).map(() => 422);
    assert(isJson(ours["refused"]));
    assertEquals(Object.values(ours["refused"]), codes);
    assertEquals(ours, await observe(module.crds, samples));
  });
}

const availability = await kubernetesAvailability();
register(await readMetallbModule(), availability.kind === "available");
