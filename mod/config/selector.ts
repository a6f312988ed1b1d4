/** Label selectors: compiled for matching, with a canonical text. */
import type { LabelSelector, LabelSelectorRequirement } from "../crd/mod.ts";

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** A compiled label selector. */
export interface Selector {
  /** Requirements sorted by key: `a=b,c in (d,e),!f`; `""` matches everything. */
  readonly text: string;
  /** Whether labels fulfil all requirements. */
  readonly matches: (labels: Labels) => boolean;
}

/** The selector that matches everything. */
export const EVERYTHING: Selector = { text: "", matches: () => true };

/** A selector that breaks the rules of Kubernetes. */
export class SelectorError extends SyntaxError {
  /** Name of the class, for logs. */
  override readonly name = "SelectorError";
}

interface Requirement {
  readonly key: string;
  readonly text: string;
  readonly matches: (labels: Labels) => boolean;
}

/**
 * Compiles a selector.
 *
 * @throws {SelectorError} For an unknown operator, values that do not go with
 * the operator, or text that is no label key or value.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compileSelector } from "./mod.ts";
 *
 * const selector = compileSelector({
 *   matchLabels: { zone: "z1" },
 *   matchExpressions: [{ key: "app", operator: "In", values: ["b", "a"] }],
 * });
 * assertEquals(selector.text, "app in (a,b),zone=z1");
 * assertEquals(selector.matches({ app: "a", zone: "z1" }), true);
 * ```
 */
export function compileSelector(selector: LabelSelector): Selector {
  const requirements = [
    ...Object.entries(selector.matchLabels).map(equality),
    ...selector.matchExpressions.map(compileRequirement),
  ].sort((a, b) => compareText(a.key, b.key));
  return {
    text: requirements.map(({ text }) => text).join(","),
    matches: (labels) => requirements.every(({ matches }) => matches(labels)),
  };
}

/** Whether any of the selectors matches; an empty list matches everything. */
export function matchesAny(
  selectors: readonly Selector[],
  labels: Labels,
): boolean {
  return selectors.length === 0 ||
    selectors.some((selector) => selector.matches(labels));
}

/** Orders text by code units, as `sort()` does. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function equality([key, value]: [string, string]): Requirement {
  checkKey(key);
  checkValue(key, value);
  return {
    key,
    text: `${key}=${value}`,
    matches: (labels) => Object.hasOwn(labels, key) && labels[key] === value,
  };
}

function compileRequirement(
  { key, operator, values }: LabelSelectorRequirement,
): Requirement {
  checkKey(key);
  for (const value of values) checkValue(key, value);
  switch (operator) {
    case "In":
    case "NotIn":
      return membership(key, operator, values);
    case "Exists":
    case "DoesNotExist":
      return presence(key, operator, values);
    default:
      throw new SelectorError(
        `Cannot use operator "${operator}" for label "${key}": it is none of In, NotIn, Exists and DoesNotExist`,
      );
  }
}

function membership(
  key: string,
  operator: "In" | "NotIn",
  values: readonly string[],
): Requirement {
  if (values.length === 0) {
    throw new SelectorError(
      `Cannot use operator ${operator} for label "${key}" without values`,
    );
  }
  const wanted = operator === "In";
  const word = wanted ? "in" : "notin";
  const set = new Set(values);
  return {
    key,
    text: `${key} ${word} (${[...values].sort().join(",")})`,
    matches: (labels) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return (value !== undefined && set.has(value)) === wanted;
    },
  };
}

function presence(
  key: string,
  operator: "Exists" | "DoesNotExist",
  values: readonly string[],
): Requirement {
  if (values.length > 0) {
    throw new SelectorError(
      `Cannot use operator ${operator} for label "${key}" with values`,
    );
  }
  const wanted = operator === "Exists";
  return {
    key,
    text: wanted ? key : `!${key}`,
    matches: (labels) => Object.hasOwn(labels, key) === wanted,
  };
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MAX_NAME_LENGTH = 63;
const MAX_PREFIX_LENGTH = 253;

function checkKey(key: string): void {
  const [name = "", prefix, ...rest] = key.split("/").reverse();
  const valid = rest.length === 0 && isName(name) &&
    (prefix === undefined || isDnsSubdomain(prefix));
  if (!valid) {
    throw new SelectorError(
      `Cannot use "${key}" as a label key: it has to be a name of letters, digits, "-", "_" and ".", at most ${MAX_NAME_LENGTH} long, with a DNS name and "/" before it or not`,
    );
  }
}

function checkValue(key: string, value: string): void {
  if (value !== "" && !isName(value)) {
    throw new SelectorError(
      `Cannot use "${value}" as a value of label "${key}": it has to be empty or of letters, digits, "-", "_" and ".", at most ${MAX_NAME_LENGTH} long`,
    );
  }
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

function isDnsSubdomain(text: string): boolean {
  return text.length <= MAX_PREFIX_LENGTH &&
    text.split(".").every((label) => DNS_LABEL.test(label));
}
