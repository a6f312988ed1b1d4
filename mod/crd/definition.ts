/** The CustomResourceDefinition of a kind. */
import type { KindDefinition } from "./kind.ts";
import type { OpenApiSchema } from "./schema.ts";

/** A manifest as plain JSON values. */
export type Manifest = { readonly [field: string]: unknown };

/**
 * The `apiextensions.k8s.io/v1` CustomResourceDefinition of a kind: namespaced,
 * with a structural schema, defaults, printer columns and status subresource.
 */
export function customResourceDefinition(
  definition: KindDefinition<unknown>,
): Manifest {
  const { group, kind, plural, singular, version } = definition;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular },
      scope: "Namespaced",
      versions: [{
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: definition.columns,
        schema: { openAPIV3Schema: schemaOf(definition) },
      }],
    },
  };
}

function schemaOf(
  { description, spec, specDescription, status, statusDescription }:
    KindDefinition<unknown>,
): OpenApiSchema {
  return {
    type: "object",
    description,
    required: ["spec"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: { ...spec.openApi, description: specDescription },
      status: { ...status.openApi, description: statusDescription },
    },
  };
}
