import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { VALIDATING_WEBHOOKS } from "../mod/webhook/mod.ts";
import { generateCrds, staleFiles } from "./manifests.ts";

const crds = new URL("../manifests/crds/", import.meta.url);

Deno.test("manifests/crds is what the definitions generate", {
  permissions: { read: [crds] },
}, async () => {
  assertEquals(await staleFiles(crds), []);
});

Deno.test("the generated files are plain YAML with one CRD per kind", {
  permissions: "none",
}, () => {
  const files = generateCrds();
  assertEquals([...files.keys()], [
    "metallb.io_ipaddresspools.yaml",
    "metallb.io_l2advertisements.yaml",
    "metallb.io_bgpadvertisements.yaml",
    "metallb.io_bgppeers.yaml",
    "metallb.io_bfdprofiles.yaml",
    "metallb.io_communities.yaml",
    "metallb.io_servicel2statuses.yaml",
    "metallb.io_servicebgpstatuses.yaml",
    "metallb.io_configurationstates.yaml",
    "kustomization.yaml",
  ]);
  for (const text of files.values()) assert(!/[&*]ref_/.test(text));
  const pools = parse(files.get("metallb.io_ipaddresspools.yaml") ?? "");
  const { spec } = pools as { spec: { names: unknown; scope: string } };
  assertEquals(spec.scope, "Namespaced");
  assertEquals(spec.names, {
    kind: "IPAddressPool",
    listKind: "IPAddressPoolList",
    plural: "ipaddresspools",
    singular: "ipaddresspool",
  });
});

const webhooks = new URL(
  "../manifests/components/webhooks/validating_webhook_configuration.yaml",
  import.meta.url,
);

Deno.test("the API server asks what the webhooks answer, and nothing else", {
  permissions: { read: [webhooks] },
}, async () => {
  const configuration = parse(await Deno.readTextFile(webhooks));
  const clientConfig = (path: string) => ({
    service: {
      namespace: "metallb-system",
      name: "metallb-webhook-service",
      path,
    },
  });
  assertEquals(configuration, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "metallb-webhook-configuration" },
    webhooks: VALIDATING_WEBHOOKS.map(
      ({ name, path, definition, operations }) => ({
        name,
        admissionReviewVersions: ["v1"],
        clientConfig: clientConfig(path),
        failurePolicy: "Fail",
        sideEffects: "None",
        timeoutSeconds: 10,
        rules: [{
          apiGroups: [definition.group],
          apiVersions: [definition.version],
          operations,
          resources: [definition.plural],
        }],
      }),
    ),
  });
});
