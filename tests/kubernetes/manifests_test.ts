/** `kubectl apply -k` of everything in `manifests/`, on a real kube-apiserver. */
import { assertEquals, assertGreater } from "@std/assert";
import {
  InstalledCluster,
  MANIFESTS,
  whyNotInstallable,
} from "../installed_cluster.ts";
import { skip } from "../privileges.ts";
import { applyCrds, openCrd } from "./crds.ts";

/** Kinds of the Prometheus operator, without their schemas. */
const OPERATOR = [
  { kind: "ServiceMonitor", plural: "servicemonitors" },
  { kind: "PrometheusRule", plural: "prometheusrules" },
].map((names) =>
  openCrd({
    group: "monitoring.coreos.com",
    version: "v1",
    namespaced: true,
    status: false,
    ...names,
  })
);

/** What each overlay changes, as paths of jsonpath and their values. */
const CHANGES: Readonly<
  Record<string, readonly (readonly [string, string, string])[]>
> = {
  "high-availability": [
    ["poddisruptionbudget/herald-controller", ".spec.minAvailable", "1"],
    ["deployment/herald-controller", ".spec.replicas", "2"],
    [
      "deployment/herald-controller",
      ".spec.template.spec.affinity.podAntiAffinity.*[0].topologyKey",
      "kubernetes.io/hostname",
    ],
  ],
  monitoring: [
    [
      "daemonset/herald-speaker",
      ".spec.template.spec.containers[0].env[?(@.name=='HERALD_METRICS_ADDRESS')].valueFrom.fieldRef.fieldPath",
      "status.podIP",
    ],
    [
      "daemonset/herald-speaker",
      ".spec.template.spec.containers[0].ports[?(@.name=='metricshttps')].containerPort",
      "9120",
    ],
    [
      "deployment/herald-controller",
      ".spec.template.metadata.annotations.prometheus\\.io/scheme",
      "https",
    ],
    [
      "clusterrolebinding/herald-metrics-review",
      ".subjects[*].name",
      "herald-controller herald-speaker",
    ],
    [
      "clusterrole/herald-metrics-reader",
      ".rules",
      '[{"nonResourceURLs":["/metrics"],"verbs":["get"]}]',
    ],
    ["configmap/herald-dashboard", ".metadata.labels.grafana_dashboard", "1"],
  ],
  "network-policy": [
    [
      "networkpolicy/herald-controller",
      ".spec.policyTypes",
      '["Ingress","Egress"]',
    ],
    [
      "networkpolicy/herald-controller",
      ".spec.ingress[0].ports[*].port",
      "7472 9120",
    ],
  ],
  production: [
    ["poddisruptionbudget/herald-controller", ".spec.minAvailable", "1"],
    ["configmap/herald-dashboard", ".metadata.labels.grafana_dashboard", "1"],
  ],
  "prometheus-operator": [
    [
      "prometheusrule/herald",
      ".spec.groups[0].rules[0].alert",
      "MetalLBStaleConfig",
    ],
    [
      "servicemonitor/herald-speaker",
      ".spec.endpoints[0].port",
      "metricshttps",
    ],
    ["service/herald-speaker-metrics", ".spec.ports[0].port", "9120"],
    [
      "clusterrolebinding/herald-metrics-reader",
      ".subjects[0].name",
      "prometheus-k8s",
    ],
  ],
  "real-time": [
    [
      "daemonset/herald-speaker",
      ".spec.template.spec.containers[0].securityContext.capabilities",
      '{"add":["NET_RAW","SYS_NICE"],"drop":["ALL"]}',
    ],
  ],
};

/** What the base says that a cluster relies on. */
const BASE = [
  [
    "daemonset/herald-speaker",
    ".spec.template.spec.priorityClassName",
    "system-node-critical",
  ],
  [
    "deployment/herald-controller",
    ".spec.template.spec.priorityClassName",
    "system-cluster-critical",
  ],
  [
    "daemonset/herald-speaker",
    ".spec.template.spec.containers[0].securityContext.capabilities",
    '{"add":["NET_RAW"],"drop":["ALL"]}',
  ],
  [
    "namespace/metallb-system",
    ".metadata.labels.pod-security\\.kubernetes\\.io/enforce",
    "privileged",
  ],
] as const;

async function assertFields(
  { plane }: InstalledCluster,
  fields: readonly (readonly [string, string, string])[],
): Promise<void> {
  for (const [object, path, wanted] of fields) {
    const { stdout, stderr } = await plane.kubectl([
      "get",
      "--namespace=metallb-system",
      object,
      "-o",
      `jsonpath={${path}}`,
    ]);
    assertEquals(stdout, wanted, `${object} ${path} ${stderr}`);
  }
}

/** Lines of kubectl's output about objects that were changed. */
function changed(printed: string): readonly string[] {
  const done = /(?:serverside-applied|unchanged)$/;
  return printed.trim().split("\n").filter((line) => !done.test(line));
}

const name = "kubectl apply -k installs the base, the samples, every overlay";
const reason = await whyNotInstallable();

if (reason !== undefined) {
  skip(name, reason, { required: false });
} else {
  Deno.test(name, async (context) => {
    await using cluster = await InstalledCluster.start();
    await context.step("base", () => assertFields(cluster, BASE));
    await context.step("samples", async () => {
      const printed = await cluster.apply("samples");
      assertGreater(printed.trim().split("\n").length, 10);
      assertEquals(changed(printed), []);
    });
    const folder = `${MANIFESTS}overlays`;
    const entries = await Array.fromAsync(Deno.readDir(folder));
    const overlays = entries.map((entry) => entry.name).sort();
    assertEquals(overlays, Object.keys(CHANGES).sort());
    await applyCrds(cluster.plane, OPERATOR);
    for (const overlay of overlays) {
      await context.step(overlay, async () => {
        await cluster.apply(`overlays/${overlay}`);
        await assertFields(cluster, CHANGES[overlay] ?? []);
        // An overlay is left as it is entered.
        await cluster.apply("base");
      });
    }
  });
}
