/** Who is trusted to answer as the webhooks: `caBundle` of two objects. */
import {
  defineResource,
  isRecord,
  type KubeObject,
  type Raw,
  record,
  type Resource,
  text,
} from "../kube/mod.ts";

/** Name of the ValidatingWebhookConfiguration. */
export const CONFIGURATION_NAME = "metallb-webhook-configuration";

/** Name of the CustomResourceDefinition with two versions. */
export const CONVERTED_DEFINITION_NAME = "bgppeers.metallb.io";

/** A place in an object at which the API server looks for a bundle. */
export interface BundlePlace {
  /** JSON Pointer (RFC 6901) of the `caBundle`. */
  readonly pointer: string;
  /** What is there, base64 of PEM; absent = the system's authorities. */
  readonly caBundle?: string;
}

/** An object of which only the bundles are of interest. */
export interface BundleHolder extends KubeObject {
  /** Where they are; empty when the object calls no webhook. */
  readonly bundles: readonly BundlePlace[];
}

/** `admissionregistration.k8s.io/v1` ValidatingWebhookConfigurations. */
export const WEBHOOK_CONFIGURATIONS: Resource<BundleHolder> = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
  namespaced: false,
  fields: ({ webhooks }) => ({
    bundles: (Array.isArray(webhooks) ? webhooks : []).map((webhook, index) =>
      place(`/webhooks/${index}/clientConfig`, record(webhook)["clientConfig"])
    ),
  }),
});

/** `apiextensions.k8s.io/v1` CustomResourceDefinitions. */
export const CUSTOM_RESOURCE_DEFINITIONS: Resource<BundleHolder> =
  defineResource({
    group: "apiextensions.k8s.io",
    version: "v1",
    plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    namespaced: false,
    fields: ({ spec }) => ({ bundles: conversionBundles(record(spec)) }),
  });

function conversionBundles({ conversion }: Raw): readonly BundlePlace[] {
  const { strategy, webhook } = record(conversion);
  const { clientConfig } = record(webhook);
  // Without the webhook the API server only changes the version's name.
  return strategy === "Webhook" && isRecord(clientConfig)
    ? [place("/spec/conversion/webhook/clientConfig", clientConfig)]
    : [];
}

function place(pointer: string, clientConfig: unknown): BundlePlace {
  const caBundle = text(record(clientConfig)["caBundle"]);
  return {
    pointer: `${pointer}/caBundle`,
    ...(caBundle === undefined ? {} : { caBundle }),
  };
}

/** A bundle as the objects hold it. */
export function encodeBundle(pem: string): string {
  return btoa(pem);
}

/** Whether an authority is trusted at every place of an object. */
export function trusts({ bundles }: BundleHolder, authority: string): boolean {
  const block = authority.trim();
  return bundles.every(({ caBundle = "" }) => {
    try {
      return atob(caBundle).includes(block);
    } catch (error) {
      if (error instanceof DOMException) return false;
      throw error;
    }
  });
}

/**
 * The JSON Patch that puts a bundle everywhere in an object, if the object is
 * as it was seen.
 *
 * @returns Nothing when it is there already.
 */
export function bundlePatch(
  { metadata, bundles }: BundleHolder,
  bundle: string,
): readonly unknown[] | undefined {
  const wrong = bundles.filter(({ caBundle }) => caBundle !== bundle);
  if (wrong.length === 0) return undefined;
  const { resourceVersion } = metadata;
  return [
    // A version that is not the present one is a conflict.
    { op: "add", path: "/metadata/resourceVersion", value: resourceVersion },
    ...wrong.map(({ pointer }) => ({
      op: "add",
      path: pointer,
      value: bundle,
    })),
  ];
}
