/**
 * The rules of the schemas, derived from the definitions: for every keyword of
 * every field an object that breaks it and nothing else.
 */
import {
  type Kind,
  type KindDefinition,
  KINDS,
  type OpenApiSchema,
} from "../../mod/crd/mod.ts";

/** An object that breaks one rule of its schema. */
export interface SchemaBreach {
  /** Which rule: `BGPPeer v1beta2 spec.peerPort maximum`. */
  readonly rule: string;
  /** The kind in this version. */
  readonly definition: KindDefinition<unknown>;
  /** `spec` or `status`. */
  readonly part: "spec" | "status";
  /** The part, with the fault in it. */
  readonly value: unknown;
  /** Where the API server should see the fault. */
  readonly path: string;
}

/** A rule in the Common Expression Language. */
export interface CelRuleOf {
  /** Which one: kind, version and path. */
  readonly place: string;
  /** The expression. */
  readonly rule: string;
}

/** One way in which a value of a schema is wrong. */
interface Fault {
  readonly keyword: string;
  /** Path from the value to what is wrong. */
  readonly path: string;
  readonly value: unknown;
}

function isSchema(value: unknown): value is OpenApiSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The smallest value that keeps to a schema. */
export function minimal(schema: OpenApiSchema): unknown {
  const { type, properties, required, items, minItems, minimum } = schema;
  switch (type) {
    case "object": {
      const names = Array.isArray(required) ? required.map(String) : [];
      const known = isSchema(properties) ? properties : {};
      return Object.fromEntries(names.map((name) => {
        const property = known[name];
        return [name, minimal(isSchema(property) ? property : {})];
      }));
    }
    case "array":
      return isSchema(items) && typeof minItems === "number"
        ? Array.from({ length: minItems }, () => minimal(items))
        : [];
    case "integer":
      return typeof minimum === "number" ? minimum : 1;
    case "boolean":
      return true;
    default:
      return text(schema);
  }
}

/** Texts that keep to the formats and patterns in use. */
function text({ enum: words, format, pattern }: OpenApiSchema): string {
  if (Array.isArray(words)) return String(words[0]);
  if (format === "date-time") return "2026-01-01T00:00:00Z";
  return pattern === undefined ? "x" : "Good";
}

/** All ways in which one rule of a schema can be broken. */
function faultsOf(schema: OpenApiSchema): readonly Fault[] {
  return [...ownFaults(schema), ...innerFaults(schema)];
}

const WRONG_TYPE: Readonly<Record<string, unknown>> = {
  object: "text",
  array: "text",
  integer: "text",
  boolean: "text",
  string: 7,
};

function ownFaults(schema: OpenApiSchema): readonly Fault[] {
  const { type, minimum, maximum, minItems, minLength, maxLength } = schema;
  const values: Readonly<Record<string, unknown>> = {
    type: WRONG_TYPE[String(type)],
    enum: Array.isArray(schema["enum"]) ? "other" : undefined,
    minimum: typeof minimum === "number" ? minimum - 1 : undefined,
    maximum: typeof maximum === "number" ? maximum + 1 : undefined,
    minItems: typeof minItems === "number" ? [] : undefined,
    minLength: typeof minLength === "number" ? "" : undefined,
    maxLength: typeof maxLength === "number"
      ? "x".repeat(maxLength + 1)
      : undefined,
    pattern: schema["pattern"] === undefined ? undefined : "not one!",
    format: schema["format"] === "date-time" ? "yesterday" : undefined,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([keyword, value]) => ({ keyword, path: "", value }));
}

function innerFaults(schema: OpenApiSchema): readonly Fault[] {
  const { properties, items, required, additionalProperties } = schema;
  const base = minimal(schema);
  const fields = isSchema(properties) ? Object.entries(properties) : [];
  const inside = fields.flatMap(([name, property]) =>
    (isSchema(property) ? faultsOf(property) : []).map((fault) => ({
      ...fault,
      path: `.${name}${fault.path}`,
      value: { ...base as object, [name]: fault.value },
    }))
  );
  const missing = (Array.isArray(required) ? required : []).map((name) => {
    const { [name]: _, ...rest } = base as Record<string, unknown>;
    return { keyword: "required", path: `.${name}`, value: rest };
  });
  const entries = isSchema(items)
    ? faultsOf(items).map((fault) => ({
      ...fault,
      path: `[0]${fault.path}`,
      value: [fault.value],
    }))
    : [];
  const mapped = isSchema(additionalProperties)
    ? faultsOf(additionalProperties).map((fault) => ({
      ...fault,
      path: `.key${fault.path}`,
      value: { key: fault.value },
    }))
    : [];
  return [...inside, ...missing, ...entries, ...mapped];
}

function definitionsOf({ definition, older }: Kind): readonly KindDefinition<
  unknown
>[] {
  return [definition, ...older === undefined ? [] : [older.definition]];
}

const ALL = KINDS.flatMap(definitionsOf);

function parts(
  definition: KindDefinition<unknown>,
): readonly (readonly ["spec" | "status", OpenApiSchema])[] {
  const { spec, specPresence, status } = definition;
  return [
    ...(specPresence === "none" ? [] : [["spec", spec.openApi] as const]),
    ["status", status.openApi],
  ];
}

/** A breach of every rule of every schema, in the order of the definitions. */
export const SCHEMA_BREACHES: readonly SchemaBreach[] = ALL.flatMap(
  (definition) =>
    parts(definition).flatMap(([part, schema]) =>
      faultsOf(schema).map(({ keyword, path, value }): SchemaBreach => ({
        rule:
          `${definition.kind} ${definition.version} ${part}${path} ${keyword}`,
        definition,
        part,
        value,
        path: part + path,
      }))
    ),
);

/** Every rule in the Common Expression Language. */
export const CEL_RULES: readonly CelRuleOf[] = ALL.flatMap((definition) =>
  parts(definition).flatMap(([part, schema]) =>
    celRules(schema, `${definition.kind} ${definition.version} ${part}`)
  )
);

function celRules(
  schema: OpenApiSchema,
  place: string,
): readonly CelRuleOf[] {
  const { properties, items, "x-kubernetes-validations": rules } = schema;
  const own = (Array.isArray(rules) ? rules : []).map((rule) => ({
    place,
    rule: String(isSchema(rule) ? rule["rule"] : rule),
  }));
  const fields = Object.entries(isSchema(properties) ? properties : {});
  return [
    ...own,
    ...fields.flatMap(([name, property]) =>
      isSchema(property) ? celRules(property, `${place}.${name}`) : []
    ),
    ...isSchema(items) ? celRules(items, `${place}[0]`) : [],
  ];
}
