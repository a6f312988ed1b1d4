/**
 * The webhooks, as a user meets them: kubectl, a real kube-apiserver with
 * `manifests/base` as it is, and a controller under its permission set with the
 * rights of its service account.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PROBLEM_CLASSES } from "../../mod/config/mod.ts";
import type { KindDefinition } from "../../mod/crd/mod.ts";
import { CEL_ROWS } from "../admission/cel_rules.ts";
import { NAMESPACE, STORED } from "../admission/objects.ts";
import type { Row } from "../admission/row.ts";
import { RULES } from "../admission/rules.ts";
import {
  CEL_RULES,
  SCHEMA_BREACHES,
  type SchemaBreach,
} from "../admission/schema_rules.ts";
import { whyNotInstallable } from "../installed_cluster.ts";
import type { Cluster, Manifest } from "../kubernetes/mod.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { WebhookCluster } from "../webhook_cluster.ts";

type Json = Readonly<Record<string, unknown>>;

/** Path of a kind's objects. */
function pathOf(
  { group, version, plural }: KindDefinition<unknown>,
): string {
  return `/apis/${group}/${version}/namespaces/${NAMESPACE}/${plural}`;
}

async function send(
  plane: Cluster,
  method: "POST" | "PATCH",
  path: string,
  body: unknown,
): Promise<{ readonly code: number; readonly message: string }> {
  const type = method === "POST" ? "json" : "merge-patch+json";
  const answer = await plane.fetch(path, {
    method,
    headers: { "content-type": `application/${type}` },
    body: JSON.stringify(body),
  });
  const { message = "" } = await answer.json();
  return { code: answer.status, message };
}

/** `kubectl VERB -f -` with an object. */
async function kubectl(
  plane: Cluster,
  verb: "apply" | "create" | "delete",
  object: Manifest,
): Promise<{ readonly code: number; readonly says: string }> {
  const text = JSON.stringify(object);
  const { code, stderr } = await plane.kubectl([verb, "-f", "-"], text);
  return { code, says: stderr };
}

function assertSays(text: string, parts: readonly string[]): void {
  for (const part of parts) assertStringIncludes(text, part);
}

async function stores(plane: Cluster, object: Manifest): Promise<string> {
  const { code, says } = await kubectl(plane, "apply", object);
  assertEquals(code, 0, says);
  return says;
}

async function breakRule(plane: Cluster, row: Row): Promise<void> {
  if ("refused" in row) {
    const { code, says } = await kubectl(plane, "apply", row.refused);
    assertEquals(code, 1, `${JSON.stringify(row.refused)} was stored`);
    assertSays(says, row.says);
  } else if ("exists" in row) {
    const { code, says } = await kubectl(plane, "create", row.exists);
    assertEquals(code, 1);
    assertStringIncludes(says, "already exists");
  } else if ("posted" in row) {
    const { apiVersion, kind } = row.posted;
    const plural = `${String(kind).toLowerCase()}s`;
    const path = `/apis/${apiVersion}/namespaces/${NAMESPACE}/${plural}`;
    const { code, message } = await send(plane, "POST", path, row.posted);
    assertEquals(code, 422, message);
    assertSays(message, row.says);
  } else if ("kept" in row) {
    const { code, stderr } = await plane.kubectl([
      ...["delete", "-n", NAMESPACE, ...row.kept],
    ]);
    assertEquals(code, 1);
    assertSays(stderr, row.says);
  } else {
    const object = "warned" in row ? row.warned : row.stored;
    const says = await stores(plane, object);
    const warnings = "warned" in row ? row.says : [];
    assertSays(says, warnings.map((each) => `Warning: ${each}`));
    if (warnings.length === 0) assertEquals(says, "");
    const { code } = await kubectl(plane, "delete", object);
    assertEquals(code, 0);
  }
}

/** An object with a fault in its schema, as it goes to the API server. */
async function breach(
  plane: Cluster,
  { definition, part, value }: SchemaBreach,
): Promise<{ readonly code: number; readonly message: string }> {
  const path = pathOf(definition);
  const { group, version, kind } = definition;
  const options = "dryRun=All&fieldValidation=Strict";
  if (part === "status") {
    const at = `${path}/sample/status?${options}`;
    return await send(plane, "PATCH", at, { status: value });
  }
  return await send(plane, "POST", `${path}?${options}`, {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: "bad", namespace: NAMESPACE },
    spec: value,
  });
}

/** An object of every kind, to have a status. */
async function createSamples(plane: Cluster): Promise<void> {
  const definitions = new Map(
    SCHEMA_BREACHES.map(({ definition }) => [definition.kind, definition]),
  );
  for (const definition of definitions.values()) {
    const { group, version, kind, specPresence } = definition;
    const specs: Json = {
      IPAddressPool: { addresses: ["198.51.100.0/24"] },
      BGPPeer: { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1" },
      BGPAdvertisement: { ipAddressPools: ["later"] },
    };
    const { code, message } = await send(plane, "POST", pathOf(definition), {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name: "sample", namespace: NAMESPACE },
      ...specPresence === "none" ? {} : { spec: specs[kind] ?? {} },
    });
    assertEquals(code, 201, message);
  }
  for (const plural of ["servicel2statuses", "servicebgpstatuses"]) {
    const path =
      `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/${plural}/sample/status`;
    const status = { node: "n", serviceName: "s", serviceNamespace: "d" };
    const { code, message } = await send(plane, "PATCH", path, { status });
    assertEquals(code, 200, message);
  }
}

async function breakCelRules(plane: Cluster): Promise<void> {
  for (const { place, rule } of CEL_RULES) {
    const rows = CEL_ROWS.filter((row) =>
      row.place === place && rule.includes(row.about)
    );
    assert(rows.length > 0, `no row for ${place} ${rule}`);
    for (const { object, change, says } of rows) {
      const [version, rest] = object.split(" ");
      const path =
        `/apis/metallb.io/${version}/namespaces/${NAMESPACE}/${rest}`;
      const { code, message } = await send(plane, "PATCH", path, change);
      assertEquals(code, 422, message);
      assertSays(message, says);
    }
  }
}

async function breakSchemas(plane: Cluster): Promise<void> {
  for (const each of SCHEMA_BREACHES) {
    const { code, message } = await breach(plane, each);
    assertEquals([400, 422].includes(code), true, `${each.rule}: ${code}`);
    assertStringIncludes(message, each.path, each.rule);
  }
}

const name = "kubectl apply of what breaks a rule is refused, for every rule";
const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async (context) => {
    using namespace = NetworkNamespace.enter();
    await using cluster = await WebhookCluster.start(namespace);
    const { plane } = cluster.installed;
    await using controller = await cluster.controller();
    await cluster.untilAnswered();
    const node = { metadata: { name: "node-a", labels: { rack: "b" } } };
    await send(plane, "POST", "/api/v1/nodes", node);
    for (const object of STORED) assertEquals(await stores(plane, object), "");
    assertEquals(PROBLEM_CLASSES.filter((each) => !RULES[each].length), []);
    for (const [rule, rows] of Object.entries(RULES)) {
      await context.step(rule, async () => {
        for (const row of rows) await breakRule(plane, row);
      });
    }
    await createSamples(plane);
    await context.step("schemas", () => breakSchemas(plane));
    await context.step("CEL rules", () => breakCelRules(plane));
    assertEquals(await controller.stop(), 0);
  });
});
