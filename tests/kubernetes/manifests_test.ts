/** `kubectl apply -k` of everything in `manifests/`, on a real kube-apiserver. */
import { assertEquals, assertGreater } from "@std/assert";
import {
  InstalledCluster,
  MANIFESTS,
  whyNotInstallable,
} from "../installed_cluster.ts";
import { skip } from "../privileges.ts";
import { applyCrds, openCrd } from "./crds.ts";

/** Kinds of other projects' operators, without their schemas. */
const OPERATORS = [
  ["monitoring.coreos.com", "ServiceMonitor", "servicemonitors"],
  ["monitoring.coreos.com", "PrometheusRule", "prometheusrules"],
  ["cert-manager.io", "Issuer", "issuers"],
  ["cert-manager.io", "Certificate", "certificates"],
].map(([group = "", kind = "", plural = ""]) =>
  openCrd({
    ...{ group, kind, plural },
    version: "v1",
    namespaced: true,
    status: false,
  })
);

/** What each overlay changes, as paths of jsonpath and their values. */
const CHANGES: Readonly<
  Record<string, readonly (readonly [string, string, string])[]>
> = {
  "cert-manager": [
    [
      "deployment/herald-controller",
      ".spec.template.spec.containers[0].volumeMounts[0].mountPath",
      "/tmp/k8s-webhook-server/serving-certs",
    ],
    [
      "validatingwebhookconfiguration/metallb-webhook-configuration",
      ".metadata.annotations.cert-manager\\.io/inject-ca-from",
      "metallb-system/metallb-webhook",
    ],
    ["certificate/metallb-webhook", ".spec.secretName", "metallb-webhook-tls"],
  ],
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
      "7472 9120 9443",
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
  "without-webhooks": [
    [
      "deployment/herald-controller",
      ".spec.template.spec.containers[0].env[?(@.name=='HERALD_WEBHOOK_MODE')].value",
      "disabled",
    ],
    ["crd/bgppeers.metallb.io", ".spec.conversion", '{"strategy":"None"}'],
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

/** What the README says to do when the controllers have told whom to trust. */
async function freeOfWebhooks({ plane }: InstalledCluster): Promise<void> {
  const clientConfig = { caBundle: btoa(plane.caPem) };
  const conversions = [
    { webhook: { clientConfig } },
    { strategy: "None", webhook: null },
  ];
  for (const conversion of conversions) {
    const { code, stderr } = await plane.kubectl([
      ...["patch", "crd", "bgppeers.metallb.io", "--type", "merge"],
      ...["--patch", JSON.stringify({ spec: { conversion } })],
    ]);
    assertEquals(code, 0, stderr);
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
      // Nobody answers the webhooks here; tests/roles/webhook_test.ts does.
      await cluster.plane.kubectl([
        ...["delete", "validatingwebhookconfiguration"],
        "metallb-webhook-configuration",
      ]);
      const printed = await cluster.apply("samples");
      assertGreater(printed.trim().split("\n").length, 10);
      assertEquals(changed(printed), []);
    });
    const folder = `${MANIFESTS}overlays`;
    const entries = await Array.fromAsync(Deno.readDir(folder));
    const overlays = entries.map((entry) => entry.name).sort();
    assertEquals(overlays, Object.keys(CHANGES).sort());
    await applyCrds(cluster.plane, OPERATORS);
    for (const overlay of overlays) {
      await context.step(overlay, async () => {
        if (overlay === "without-webhooks") await freeOfWebhooks(cluster);
        await cluster.apply(`overlays/${overlay}`);
        await assertFields(cluster, CHANGES[overlay] ?? []);
        // An overlay is left as it is entered.
        // kubectl patch has made itself the owner of the conversion.
        await cluster.apply(
          "base",
          ...overlay === "without-webhooks" ? ["--force-conflicts"] : [],
        );
      });
    }
  });
}
