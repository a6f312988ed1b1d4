/** Lists of label selectors in a resource: duplicates, and compiling them all. */
import type { LabelSelector } from "../crd/mod.ts";
import type { Note, ProblemClass } from "./problem.ts";
import {
  compareText,
  compileSelector,
  type Selector,
  SelectorError,
} from "./selector.ts";

/** A list of selectors and where it stands. */
export interface SelectorList {
  /** Path of the list in its resource, for example `spec.nodeSelectors`. */
  readonly field: string;
  /** The selectors. */
  readonly selectors: readonly LabelSelector[];
}

/**
 * Notes every selector that a list holds twice (as `duplicate`) and every
 * expression or value that a selector holds twice.
 */
export function checkDuplicates(
  { field, selectors }: SelectorList,
  duplicate: ProblemClass,
  note: Note,
): void {
  const texts = selectors.map(identityOf);
  selectors.forEach((selector, index) => {
    checkExpressions(selector, `${field}[${index}]`, note);
    const later = texts.indexOf(identityOf(selector), index + 1);
    if (later >= 0) {
      note({
        class: duplicate,
        field: `${field}[${later}]`,
        message: `Cannot use the selector ${
          JSON.stringify(shown(selector))
        } of ${field}[${index}] twice`,
      });
    }
  });
}

/** Compiles all selectors of a list; notes those that cannot be used. */
export function compileAll(
  { field, selectors }: SelectorList,
  note: Note,
): Selector[] {
  return selectors.flatMap((selector, index) =>
    compileOne(selector, `${field}[${index}]`, note) ?? []
  );
}

/** Compiles a selector; notes it and gives nothing when it cannot be used. */
export function compileOne(
  selector: LabelSelector,
  field: string,
  note: Note,
): Selector | undefined {
  try {
    return compileSelector(selector);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    note({ class: "selectorInvalid", field, message: error.message });
    return undefined;
  }
}

/** The first entry of a list that stands there twice, with its second place. */
export function firstDuplicate(
  entries: readonly string[],
): { readonly index: number; readonly value: string } | undefined {
  const seen = new Set<string>();
  for (const [index, value] of entries.entries()) {
    if (seen.has(value)) return { index, value };
    seen.add(value);
  }
  return undefined;
}

function checkExpressions(
  { matchExpressions }: LabelSelector,
  field: string,
  note: Note,
): void {
  const duplicate = firstDuplicate(
    matchExpressions.map((each) => JSON.stringify(expressionIdentity(each))),
  );
  const repeated = matchExpressions.findIndex(({ values }) =>
    firstDuplicate(values) !== undefined
  );
  const at = repeated >= 0 ? repeated : duplicate?.index;
  const expression = at === undefined ? undefined : matchExpressions[at];
  if (expression === undefined) return;
  const value = firstDuplicate(expression.values)?.value;
  note({
    class: "duplicateMatchExpressions",
    field: `${field}.matchExpressions[${at}]`,
    message: value === undefined
      ? `Cannot use the expression ${JSON.stringify(expression)} twice`
      : `Cannot use the value "${value}" twice in one expression`,
  });
}

/** The parts of a selector that say something. */
function shown({ matchLabels, matchExpressions }: LabelSelector): unknown {
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

/** Equal for selectors that say the same with their expressions in one order. */
function identityOf(selector: LabelSelector): string {
  return JSON.stringify([
    Object.entries(selector.matchLabels).sort(([a], [b]) => compareText(a, b)),
    selector.matchExpressions.map(expressionIdentity),
  ]);
}

function expressionIdentity(
  { key, operator, values }: LabelSelector["matchExpressions"][number],
): unknown {
  return [key, operator, [...values].sort()];
}
