/** Alerts and dashboard name metrics and labels that the roles really export. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { ControllerMetrics } from "../../controller/metrics.ts";
import { WebhookMetrics } from "../../controller/webhook/metrics.ts";
import { registerRoleMetrics, Registry } from "../../mod/telemetry/mod.ts";
import { registerMetrics } from "../../speaker/metrics.ts";
import { parseManifests } from "./crds.ts";

const COMPONENTS = new URL("../../manifests/components/", import.meta.url);

/** Labels of a target that Prometheus adds, and of histograms. */
const GIVEN = ["pod", "le"];

/** Metrics by name, with the labels that they may have. */
function exported(): ReadonlyMap<string, readonly string[]> {
  const registries = [new Registry(), new Registry()] as const;
  registerRoleMetrics(registries[0]);
  new ControllerMetrics(registries[0]);
  new WebhookMetrics(registries[0]);
  registerMetrics(registries[1], {
    node: "node-a",
    announced: () => [],
    forwarding: () => ({ kind: "forwards", reason: "healthy" }),
    members: () => [],
    rival: () => false,
    waiting: () => ({ statuses: 0, events: 0 }),
    config: () => ({ loaded: true, stale: false }),
    // Names and labels are known without a worker to read from.
    worker: {
      addressCounters: () => undefined,
      beatCounters: () => new Map(),
      beatLateness: () => new Map(),
      claimCounts: () => [],
      counters: () => ({ frames: [], captures: [] }),
      health: () => {
        throw new Error("nothing is read");
      },
    },
  });
  const names = new Map<string, readonly string[]>();
  for (const metric of registries.flatMap((one) => one.getMetricsAsArray())) {
    const labels = "labelNames" in metric ? metric.labelNames : [];
    assert(Array.isArray(labels));
    const isHistogram = `${metric.type}` === "histogram";
    const suffixes = isHistogram ? ["_bucket", "_sum", "_count"] : [""];
    for (const suffix of suffixes) names.set(metric.name + suffix, labels);
  }
  return names;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every text under a key, however deep. */
function* texts(value: unknown, key: string): Generator<string> {
  if (Array.isArray(value)) { for (const one of value) yield* texts(one, key); }
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key && typeof inner === "string") yield inner;
    else yield* texts(inner, key);
  }
}

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, COMPONENTS));
}

/** Names of metrics in an expression. */
function metricsIn(expression: string): readonly string[] {
  return expression.match(/\b(?:metallb|herald)_\w+/g) ?? [];
}

/** Labels that an expression groups by or selects. */
function labelsIn(expression: string): readonly string[] {
  const groups = expression.matchAll(/\b(?:by|on|without) \(([^)]*)\)/g);
  const selectors = expression.matchAll(/[{,]\s*(\w+)\s*(?:=|!)/g);
  return [
    ...[...groups].flatMap(([, list = ""]) => list.split(/,\s*/)),
    ...[...selectors].map(([, label = ""]) => label),
  ];
}

function check(expression: string): void {
  const known = exported();
  const metrics = metricsIn(expression);
  assertGreater(metrics.length, 0, `no metric in ${expression}`);
  const unknown = metrics.filter((name) => !known.has(name));
  assertEquals(unknown, [], `nobody exports them: ${expression}`);
  const labels = [
    ...metrics.flatMap((name) => known.get(name) ?? []),
    ...GIVEN,
  ];
  const absent = labelsIn(expression).filter((name) => !labels.includes(name));
  assertEquals(absent, [], `no such labels: ${expression}`);
}

Deno.test("every alert is made of exported metrics, under MetalLB's names", async () => {
  const text = await read("prometheus-operator/prometheus_rule.yaml");
  const rule = parseManifests(text);
  const expressions = [...texts(rule, "expr")];
  const alerts = [...texts(rule, "alert")];
  assertEquals(alerts.filter((name) => name.startsWith("MetalLB")), [
    "MetalLBStaleConfig",
    "MetalLBConfigNotLoaded",
    "MetalLBAddressPoolExhausted",
    "MetalLBAddressPoolUsage75Percent",
    "MetalLBAddressPoolUsage85Percent",
    "MetalLBAddressPoolUsage95Percent",
  ]);
  assertEquals(expressions.length, alerts.length);
  expressions.forEach(check);
});

Deno.test("every panel is made of exported metrics", async () => {
  const dashboard = JSON.parse(await read("monitoring/dashboard.json"));
  const expressions = [...texts(dashboard, "expr")];
  assertGreater(expressions.length, 20);
  expressions.forEach(check);
});

Deno.test("an expression with an unknown name does not pass", () => {
  for (
    const expression of [
      "sum(metallb_allocator_addresses_free)",
      "max by (node) (metallb_allocator_addresses_total)",
      'metallb_speaker_announced{iface="eth0"}',
    ]
  ) {
    let passed = true;
    try {
      check(expression);
    } catch {
      passed = false;
    }
    assertEquals(passed, false, expression);
  }
});
