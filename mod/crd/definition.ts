/** The CustomResourceDefinition of a kind. */
import type { KindDefinition } from "./kind.ts";
import type { OpenApiSchema } from "./schema.ts";

/** A manifest as plain JSON values. */
export type Manifest = { readonly [field: string]: unknown };

/** A version of a kind that is still served but no longer stored. */
export interface OlderVersion {
  /** The kind as it was then. */
  readonly definition: KindDefinition<unknown>;
  /** What a client that uses it is told. */
  readonly deprecationWarning: string;
}

/** A kind with all of its versions: what one CustomResourceDefinition holds. */
export interface Kind {
  /** The version that is stored. */
  readonly definition: KindDefinition<unknown>;
  /**
   * The version before it. The manifests add the conversion webhook; without
   * it the API server changes nothing but the version's name.
   */
  readonly older?: OlderVersion;
}

/**
 * The `apiextensions.k8s.io/v1` CustomResourceDefinition of a kind: namespaced,
 * with structural schemas, defaults, printer columns and status subresource.
 */
export function customResourceDefinition(
  { definition, older }: Kind,
): Manifest {
  const { group, kind, plural, singular } = definition;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular },
      scope: "Namespaced",
      versions: [
        ...(older === undefined ? [] : [{
          ...versionOf(older.definition),
          storage: false,
          deprecated: true,
          deprecationWarning: older.deprecationWarning,
        }]),
        versionOf(definition),
      ],
    },
  };
}

function versionOf(definition: KindDefinition<unknown>): Manifest {
  const { columns } = definition;
  return {
    name: definition.version,
    served: true,
    storage: true,
    subresources: { status: {} },
    ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
    schema: { openAPIV3Schema: schemaOf(definition) },
  };
}

function schemaOf(definition: KindDefinition<unknown>): OpenApiSchema {
  const { description, spec, specPresence, status } = definition;
  const { specDescription, statusDescription } = definition;
  return {
    type: "object",
    description,
    ...(specPresence === "required" ? { required: ["spec"] } : {}),
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      ...(specPresence === "none"
        ? {}
        : { spec: { ...spec.openApi, description: specDescription } }),
      status: { ...status.openApi, description: statusDescription },
    },
  };
}
