/** The rules that the API server applies by itself, for checks without one. */
import type { Kind } from "./definition.ts";
import {
  type FieldProblem,
  isObject,
  type OpenApiSchema,
  type Report,
} from "./schema.ts";

/** What an API server would refuse about an object. */
export interface SchemaProblem extends FieldProblem {
  /** Whether the kind has no such field, or its value breaks a rule. */
  readonly kind: "unknownField" | "invalidValue";
}

/** Fields that every object has, and that no kind defines. */
const COMMON = ["apiVersion", "kind", "metadata"];

/**
 * Compares an object with the schema of its kind: unknown fields, missing
 * ones, enums, bounds and lengths. Wrong types are found by the decoder, and
 * rules in the Common Expression Language by `mod/config`.
 */
export function checkSchema(
  { definition, older }: Kind,
  raw: unknown,
): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  if (!isObject(raw)) return problems;
  const version = String(raw["apiVersion"]).split("/")[1];
  const chosen = older !== undefined && older.definition.version === version
    ? older.definition
    : definition;
  const { spec, status, specPresence } = chosen;
  const properties = {
    ...Object.fromEntries(COMMON.map((field) => [field, {}])),
    ...(specPresence === "none" ? {} : { spec: spec.openApi }),
    status: status.openApi,
  };
  const required = specPresence === "required" ? ["spec"] : [];
  const schema = { type: "object", properties, required };
  check(
    schema,
    raw,
    "",
    (kind, problem) => problems.push({ ...problem, kind }),
  );
  return problems;
}

type Note = (
  kind: SchemaProblem["kind"],
  problem: Parameters<Report>[0],
) => void;

function check(
  schema: OpenApiSchema,
  value: unknown,
  path: string,
  note: Note,
): void {
  if (value === null || value === undefined) return;
  if (isObject(value)) checkObject(schema, value, path, note);
  else if (Array.isArray(value)) checkList(schema, value, path, note);
  else checkScalar(schema, value, path, note);
}

function checkObject(
  { properties, required }: OpenApiSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  note: Note,
): void {
  // Maps, and what is no object by the schema, have no properties.
  if (!isObject(properties)) return;
  const at = (field: string) => path === "" ? field : `${path}.${field}`;
  for (const [field, entry] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, field)
      ? properties[field]
      : undefined;
    if (isObject(schema)) check(schema, entry, at(field), note);
    else {
      const known = Object.keys(properties);
      note("unknownField", {
        path: at(field),
        message: `Is no field of this kind${suggestion(field, known)}`,
      });
    }
  }
  for (const field of Array.isArray(required) ? required : []) {
    if (value[field] !== undefined && value[field] !== null) continue;
    note("invalidValue", { path: at(field), message: "Is missing" });
  }
}

function checkList(
  { items, minItems }: OpenApiSchema,
  value: readonly unknown[],
  path: string,
  note: Note,
): void {
  if (typeof minItems === "number" && value.length < minItems) {
    note("invalidValue", {
      path,
      message: `Has ${value.length} entries and needs at least ${minItems}`,
    });
  }
  if (!isObject(items)) return;
  value.forEach((entry, index) =>
    check(items, entry, `${path}[${index}]`, note)
  );
}

function checkScalar(
  schema: OpenApiSchema,
  value: unknown,
  path: string,
  note: Note,
): void {
  const broken = brokenRule(schema, value);
  if (broken === undefined) return;
  note("invalidValue", {
    path,
    message: `Cannot use ${JSON.stringify(value)}: it has to be ${broken}`,
  });
}

/** What the value has to be and is not. */
function brokenRule(
  { enum: choices, minimum, maximum, pattern }: OpenApiSchema,
  value: unknown,
): string | undefined {
  if (Array.isArray(choices) && !choices.includes(value)) {
    return `one of ${choices.join(", ")}`;
  }
  if (typeof value === "number") {
    const tooLow = typeof minimum === "number" && value < minimum;
    const tooHigh = typeof maximum === "number" && value > maximum;
    if (!tooLow && !tooHigh) return undefined;
    if (maximum === undefined) return `${minimum} or more`;
    return `from ${minimum ?? 0} to ${maximum}`;
  }
  if (typeof value !== "string" || typeof pattern !== "string") {
    return undefined;
  }
  return new RegExp(pattern).test(value) ? undefined : `like ${pattern}`;
}

/** The field that was meant, when one differs in upper and lower case only. */
function suggestion(field: string, known: readonly string[]): string {
  const plain = (name: string) => name.toLowerCase().replace(/s$/, "");
  const meant = known.find((name) => plain(name) === plain(field));
  return meant === undefined
    ? `: there are ${known.join(", ")}`
    : `: did you mean "${meant}"?`;
}
