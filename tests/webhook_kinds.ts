/** The kinds that the webhooks' certificates need, and objects of them. */
import { customKind } from "../mod/apiserver/mod.ts";
import type { BundleHolder } from "../mod/webhook/mod.ts";

const BUILT_IN = { status: false, custom: false } as const;

/** For an embedded API server. */
export const WEBHOOK_KINDS = [
  customKind({
    ...BUILT_IN,
    group: "",
    version: "v1",
    kind: "Secret",
    plural: "secrets",
  }),
  customKind({
    ...BUILT_IN,
    group: "admissionregistration.k8s.io",
    version: "v1",
    kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations",
    namespaced: false,
  }),
  customKind({
    ...BUILT_IN,
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
  }),
] as const;

/** An object in the shape of the API. */
type ApiObject = BundleHolder & Readonly<Record<string, unknown>>;

/** A ValidatingWebhookConfiguration with two webhooks. */
export function webhookConfiguration(name: string): ApiObject {
  const clientConfig = {
    service: { namespace: "metallb-system", name: "metallb-webhook-service" },
  };
  const webhooks = ["a", "b"].map((name) => ({ name, clientConfig }));
  return { metadata: { name }, bundles: [], webhooks };
}

/** A CustomResourceDefinition that converts by a webhook, or not. */
export function convertedDefinition(
  name: string,
  strategy: "Webhook" | "None",
): ApiObject {
  const webhook = {
    clientConfig: { service: { name: "metallb-webhook-service" } },
  };
  const conversion = { strategy, ...strategy === "None" ? {} : { webhook } };
  return { metadata: { name }, bundles: [], spec: { conversion } };
}
