/** CustomResourceDefinitions for test clusters. */
import { parseAll } from "@std/yaml";
import type { Cluster } from "./cluster.ts";

/** A kind to define without a schema of its own. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly status: boolean;
}

/** A definition, or any object, as it goes to the API. */
export type Manifest = Readonly<Record<string, unknown>>;

/** A structural definition that keeps every field. */
export function openCrd(custom: CustomKind): Manifest {
  const { group, version, kind, plural } = custom;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural, singular: kind.toLowerCase() },
      scope: custom.namespaced ? "Namespaced" : "Cluster",
      versions: [{
        name: version,
        served: true,
        storage: true,
        ...(custom.status ? { subresources: { status: {} } } : {}),
        schema: {
          openAPIV3Schema: {
            type: "object",
            "x-kubernetes-preserve-unknown-fields": true,
          },
        },
      }],
    },
  };
}

function metallb(
  version: string,
  kind: string,
  plural: string,
  status: boolean,
): CustomKind {
  const group = "metallb.io";
  return { group, version, kind, plural, namespaced: true, status };
}

/** The `metallb.io` kinds, as MetalLB 0.15 and later serve them. */
export const METALLB_KINDS: readonly CustomKind[] = [
  metallb("v1beta1", "IPAddressPool", "ipaddresspools", true),
  metallb("v1beta1", "L2Advertisement", "l2advertisements", true),
  metallb("v1beta1", "BGPAdvertisement", "bgpadvertisements", true),
  metallb("v1beta2", "BGPPeer", "bgppeers", true),
  metallb("v1beta1", "BFDProfile", "bfdprofiles", true),
  metallb("v1beta1", "Community", "communities", true),
  metallb("v1beta1", "ServiceL2Status", "servicel2statuses", true),
  metallb("v1beta1", "ServiceBGPStatus", "servicebgpstatuses", true),
  metallb("v1beta1", "ConfigurationState", "configurationstates", true),
];

/** Whether a value is an object. */
export function isManifest(value: unknown): value is Manifest {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Objects of a YAML or JSON text; throws `TypeError` for anything else in it. */
export function parseManifests(text: string): Manifest[] {
  const documents = parseAll(text).filter((document) => document !== null);
  return documents.map((document) => {
    if (isManifest(document)) return document;
    throw new TypeError("Cannot read a manifest: a document is not an object");
  });
}

/** Path of the definitions. */
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

function nameOf(crd: Manifest): string {
  const { metadata } = crd;
  const name = isManifest(metadata) ? metadata.name : undefined;
  if (typeof name === "string") return name;
  throw new TypeError("Cannot apply a definition without metadata.name");
}

/** Answers of the paths at which a new kind's objects are listed. */
function listPaths(crd: Manifest): string[] {
  const spec = isManifest(crd.spec) ? crd.spec : {};
  const names = isManifest(spec.names) ? spec.names : {};
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  return versions.filter(isManifest)
    .map(({ name }) => `/apis/${spec.group}/${name}/${names.plural}`);
}

async function waitServed(cluster: Cluster, path: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const response = await cluster.fetch(`${path}?limit=1`);
    await response.body?.cancel();
    if (response.ok) return;
    if (performance.now() > deadline) {
      throw new Error(
        `Cannot use the new kind: ${path} still answers ${response.status}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Creates a definition and waits until its objects are served; one that exists stays. */
export async function applyCrd(cluster: Cluster, crd: Manifest): Promise<void> {
  const response = await cluster.fetch(DEFINITIONS, {
    method: "POST",
    body: JSON.stringify(crd),
  });
  const answer = await response.text();
  if (!response.ok && response.status !== 409) {
    throw new Error(
      `Cannot create the definition "${
        nameOf(crd)
      }" (${response.status}): ${answer}`,
    );
  }
  for (const path of listPaths(crd)) await waitServed(cluster, path);
}

/** Applies several at once, which takes little longer than one. */
export async function applyCrds(
  cluster: Cluster,
  crds: readonly Manifest[],
): Promise<void> {
  await Promise.all(crds.map((crd) => applyCrd(cluster, crd)));
}
