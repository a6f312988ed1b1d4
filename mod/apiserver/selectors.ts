/** Label and field selectors of lists and watches. */
import { type Json, stringOr, valueAt } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { type ApiObject, nameOf, namespaceOf } from "./object.ts";
import { badRequest } from "./status.ts";

/** Whether an object is selected. */
export type Filter = (object: ApiObject) => boolean;

type Requirement =
  | { readonly operator: "exists" | "notExists"; readonly key: string }
  | {
    readonly operator: "in" | "notIn";
    readonly key: string;
    readonly values: readonly string[];
  };

const KEY = "[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?";
const VALUE = "(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?";
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALS = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

/** Splits at the commas that stand outside of parentheses. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")") depth--;
    else if (text[at] === "," && depth === 0) {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms.map((term) => term.trim()).filter((term) => term !== "");
}

function parseRequirement(term: string): Requirement {
  const exists = EXISTS.exec(term);
  if (exists !== null) {
    const operator = exists[1] === "!" ? "notExists" : "exists";
    return { operator, key: exists[2] ?? "" };
  }
  const equals = EQUALS.exec(term);
  if (equals !== null) {
    const operator = equals[2] === "!=" ? "notIn" : "in";
    return { operator, key: equals[1] ?? "", values: [equals[3] ?? ""] };
  }
  const set = SET.exec(term);
  if (set !== null) {
    const operator = set[2] === "in" ? "in" : "notIn";
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return { operator, key: set[1] ?? "", values };
  }
  throw badRequest(`unable to parse requirement: "${term}"`);
}

function meets(requirement: Requirement, label: Json | undefined): boolean {
  switch (requirement.operator) {
    case "exists":
      return label !== undefined;
    case "notExists":
      return label === undefined;
    case "in":
      return label !== undefined && requirement.values.includes(`${label}`);
    case "notIn":
      return label === undefined || !requirement.values.includes(`${label}`);
  }
}

/** Parses a label selector: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Throws a refusal (400). */
export function parseLabelSelector(text: string): Filter {
  const requirements = splitTerms(text).map(parseRequirement);
  return (object) =>
    requirements.every((requirement) =>
      meets(requirement, valueAt(object.metadata.labels, [requirement.key]))
    );
}

/** The value that a field selector compares: text, `""` for what is not there. */
function fieldText(object: ApiObject, field: string): string {
  switch (field) {
    case "metadata.name":
      return nameOf(object);
    case "metadata.namespace":
      return namespaceOf(object);
    case "spec.unschedulable":
      return String(valueAt(object, field.split(".")) ?? false);
    case "source":
      return stringOr(valueAt(object, ["source", "component"]));
    default:
      return stringOr(valueAt(object, field.split(".")));
  }
}

/** Parses a field selector: `a=b,c!=d`, for the kind's fields. Throws a refusal (400). */
export function parseFieldSelector(kind: Kind, text: string): Filter {
  const known = ["metadata.name", "metadata.namespace", ...kind.fieldSelectors];
  const terms = text.split(",").filter((term) => term !== "").map((term) => {
    const parts = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
    const [, field = "", operator = "", value = ""] = parts ?? [];
    if (parts === null) {
      throw badRequest(
        `invalid selector: '${text}'; can't understand '${term}'`,
      );
    }
    if (!known.includes(field)) {
      throw badRequest(
        `"${field}" is not a known field selector: only ${
          known.map((name) => `"${name}"`).join(", ")
        }`,
      );
    }
    return { field, value, equal: operator !== "!=" };
  });
  return (object) =>
    terms.every(({ field, value, equal }) =>
      (fieldText(object, field) === value) === equal
    );
}

/** What a list or watch asks for: namespace and both selectors together. */
export function parseSelection(
  kind: Kind,
  namespace: string,
  query: URLSearchParams,
): Filter {
  const byLabel = parseLabelSelector(query.get("labelSelector") ?? "");
  const byField = parseFieldSelector(kind, query.get("fieldSelector") ?? "");
  return (object) =>
    (namespace === "" || namespaceOf(object) === namespace) &&
    byField(object) && byLabel(object);
}
