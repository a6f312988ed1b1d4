/**
 * A small declarative schema language: one definition of a resource's fields
 * decodes it and generates its OpenAPI schema.
 *
 * Decoding is as tolerant as the API's own clients: unknown fields are
 * ignored, `null` and absence are the same, and a missing value becomes the
 * default or the zero value. Ranges and required fields are the API server's
 * business and stand only in the OpenAPI schema.
 */

/** A node of an OpenAPI v3 structural schema, as it stands in the YAML. */
export type OpenApiSchema = { readonly [keyword: string]: unknown };

/** A value that does not have the type of its field. */
export interface FieldProblem {
  /** Where, for example `spec.addresses[1]`. */
  readonly path: string;
  /** What is there and what is wanted. */
  readonly message: string;
}

/** Collects the problems of one resource while it is decoded. */
export type Report = (problem: FieldProblem) => void;

/** How values of one type are decoded and described. */
export interface Schema<T> {
  /** How the values look to the API server; without a description. */
  readonly openApi: OpenApiSchema;
  /** What absence means when the field has no default. */
  readonly zero: () => T;
  /** Decodes; reports a wrong type and gives the zero value then. */
  readonly decode: (value: unknown, path: string, report: Report) => T;
}

/** A field that decoded values always have. */
export interface PresentField<T> {
  readonly schema: Schema<T>;
  readonly description: string;
  /** Written by the API server and used by the decoder when it is absent. */
  readonly default?: T;
  /** Whether the API server refuses objects without it. */
  readonly required?: true;
}

/** A field that decoded values lack when the resource lacks it. */
export interface OptionalField<T> {
  readonly schema: Schema<T>;
  readonly description: string;
  readonly optional: true;
}

/** One field per key of `T`, of the kind that the key's optionality asks for. */
export type Fields<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? OptionalField<Exclude<T[K], undefined>>
    : PresentField<T[K]>;
};

/** A piece of text. */
export const text: Schema<string> = {
  openApi: { type: "string" },
  zero: () => "",
  decode: (value, path, report) => {
    if (typeof value === "string") return value;
    report({ path, message: unexpected("a string", value) });
    return "";
  },
};

/** True or false. */
export const boolean: Schema<boolean> = {
  openApi: { type: "boolean" },
  zero: () => false,
  decode: (value, path, report) => {
    if (typeof value === "boolean") return value;
    report({ path, message: unexpected("true or false", value) });
    return false;
  },
};

/** A whole number; the bounds are for the API server, the format is checked. */
export function integer(
  options: {
    readonly format?: "int32" | "int64";
    readonly minimum?: number;
    readonly maximum?: number;
  } = {},
): Schema<number> {
  const limit = options.format === "int32" ? 2 ** 31 : 2 ** 53;
  return {
    openApi: { type: "integer", ...options },
    zero: () => 0,
    decode: (value, path, report) => {
      if (
        typeof value === "number" && Number.isInteger(value) &&
        value >= -limit && value < limit
      ) return value;
      report({ path, message: unexpected("a whole number", value) });
      return 0;
    },
  };
}

/**
 * A whole number without a sign, of so many bits. The bounds among the
 * keywords are for the API server.
 */
export function unsigned(
  bits: 8 | 16 | 32,
  keywords: {
    readonly format?: "int32" | "int64";
    readonly minimum?: number;
    readonly maximum?: number;
  } = {},
): Schema<number> {
  const whole = integer(keywords);
  return {
    ...whole,
    decode: (value, path, report) => {
      if (typeof value !== "number" || value >= 0 && value < 2 ** bits) {
        return whole.decode(value, path, report);
      }
      const wanted = `a number from 0 to ${2 ** bits - 1}`;
      report({ path, message: unexpected(wanted, value) });
      return 0;
    },
  };
}

/** How the API server takes a list: which of its entries are the same. */
export interface ListOptions {
  /** Fewest entries. */
  readonly minItems?: number;
  /** `atomic`: replaced as a whole; `map`: entries are told apart by their keys. */
  readonly "x-kubernetes-list-type"?: "atomic" | "map";
  /** Fields that tell the entries of a `map` apart. */
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/** A list of equal things. */
export function list<T>(
  item: Schema<T>,
  options: ListOptions = {},
): Schema<readonly T[]> {
  return {
    openApi: { type: "array", items: item.openApi, ...options },
    zero: () => [],
    decode: (value, path, report) => {
      if (!Array.isArray(value)) {
        report({ path, message: unexpected("a list", value) });
        return [];
      }
      return value.map((entry: unknown, index) =>
        decodeOr(item, entry, `${path}[${index}]`, report)
      );
    },
  };
}

/**
 * The same values with more keywords for the API server, such as `pattern`.
 * The decoder does not look at them.
 */
export function withKeywords<T>(
  schema: Schema<T>,
  keywords: OpenApiSchema,
): Schema<T> {
  return { ...schema, openApi: { ...schema.openApi, ...keywords } };
}

/** A rule in the Common Expression Language, which the API server applies. */
export interface CelRule {
  /** The expression that has to be true; `self` is the value. */
  readonly rule: string;
  /** What a user is told when it is not. */
  readonly message: string;
}

/** The same values under rules that the API server applies. */
export function withRules<T>(
  schema: Schema<T>,
  rules: readonly CelRule[],
): Schema<T> {
  return withKeywords(schema, { "x-kubernetes-validations": rules });
}

/** A map from text to text, such as labels. */
export const textMap: Schema<Readonly<Record<string, string>>> = {
  openApi: { type: "object", additionalProperties: { type: "string" } },
  zero: () => ({}),
  decode: (value, path, report) => {
    if (!isObject(value)) {
      report({ path, message: unexpected("a map of strings", value) });
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        key,
        decodeOr(text, entry, `${path}[${JSON.stringify(key)}]`, report),
      ]),
    );
  },
};

/** An object with the given fields; any others are ignored. */
export function object<T>(
  fields: Fields<T>,
  options: { readonly "x-kubernetes-map-type"?: "atomic" } = {},
): Schema<T> {
  const table: readonly (readonly [string, AnyField])[] = Object.entries(
    fields,
  );
  return {
    openApi: { ...openApiOf(table), ...options },
    zero: () => decodeFields<T>({}, "", () => {}, table),
    decode: (value, path, report) => {
      if (isObject(value)) return decodeFields<T>(value, path, report, table);
      report({ path, message: unexpected("an object", value) });
      return decodeFields<T>({}, path, report, table);
    },
  };
}

type AnyField = PresentField<unknown> | OptionalField<unknown>;

function decodeFields<T>(
  value: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
  table: readonly (readonly [string, AnyField])[],
): T {
  const decoded: [string, unknown][] = [];
  for (const [key, field] of table) {
    const entry = Object.hasOwn(value, key) ? value[key] : undefined;
    if (entry !== undefined && entry !== null) {
      const at = path === "" ? key : `${path}.${key}`;
      decoded.push([key, field.schema.decode(entry, at, report)]);
    } else if (!("optional" in field)) {
      decoded.push([key, field.default ?? field.schema.zero()]);
    }
  }
  // `Fields<T>` has one field for every key of T, so the entries make up a T.
  return Object.fromEntries(decoded) as T;
}

function decodeOr<T>(
  schema: Schema<T>,
  value: unknown,
  path: string,
  report: Report,
): T {
  return value === null || value === undefined
    ? schema.zero()
    : schema.decode(value, path, report);
}

function openApiOf(
  table: readonly (readonly [string, AnyField])[],
): OpenApiSchema {
  const required = table
    .filter(([, field]) => "required" in field)
    .map(([key]) => key);
  const properties = table.map(([key, field]) => [key, {
    ...field.schema.openApi,
    description: field.description,
    ...("default" in field ? { default: field.default } : {}),
  }]);
  return {
    type: "object",
    ...(properties.length > 0
      ? { properties: Object.fromEntries(properties) }
      : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** Whether a value is an object, neither a list nor null. */
export function isObject(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unexpected(wanted: string, value: unknown): string {
  const json = JSON.stringify(value) ?? typeof value;
  const shown = json.length > 60 ? `${json.slice(0, 57)}…` : json;
  return `Cannot read ${shown} as ${wanted}`;
}
