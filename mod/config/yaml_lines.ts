/** Finds the line on which a field stands in the text of a manifest. */

/** One step of a path: the name of a field, or a place in a list. */
type Step = string | number;

interface Region {
  /** First line of what is inside. */
  readonly from: number;
  /** Line after the last one. */
  readonly to: number;
}

/**
 * The line, from 0, of a field in YAML of the usual block form, for example of
 * `spec.addresses[1]`. A field that stands on the line of its parent, as in
 * `[a, b]`, has that line; so has one that is not there.
 */
export function lineOf(lines: readonly string[], path: string): number {
  let line = firstContent(lines, { from: 0, to: lines.length });
  let region: Region = { from: line, to: lines.length };
  for (const step of stepsOf(path)) {
    const found = typeof step === "number"
      ? findItem(lines, region, step)
      : findField(lines, region, step);
    if (found === undefined) return line;
    ({ line, region } = found);
  }
  return line;
}

function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  for (
    const [, index, quoted, name] of path.matchAll(
      /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g,
    )
  ) {
    if (index !== undefined) steps.push(Number(index));
    else steps.push(quoted ?? name ?? "");
  }
  return steps;
}

interface Found {
  readonly line: number;
  readonly region: Region;
}

function findField(
  lines: readonly string[],
  region: Region,
  name: string,
): Found | undefined {
  const start = firstContent(lines, region);
  const column = keyColumn(lines[start] ?? "");
  for (let at = start; at < region.to; at++) {
    const text = lines[at] ?? "";
    if (at > start && (isEmpty(text) || indentOf(text) !== column)) continue;
    const key = /^["']?([^"':{]+)["']?\s*:/.exec(
      text.slice(keyColumn(text)),
    )?.[1];
    if (key?.trim() === name) {
      const to = endOf(lines, at, column, region);
      return { line: at, region: { from: at + 1, to } };
    }
  }
  return undefined;
}

/** The lines of an entry: from its dash to the next one. */
function findItem(
  lines: readonly string[],
  { from, to }: Region,
  index: number,
): Found | undefined {
  const first = firstContent(lines, { from, to });
  const column = indentOf(lines[first] ?? "");
  const dashes: number[] = [];
  for (let at = first; at < to; at++) {
    const text = lines[at] ?? "";
    if (isEmpty(text) || indentOf(text) > column) continue;
    if (!/^-(\s|$)/.test(text.slice(column))) break;
    dashes.push(at);
  }
  const at = dashes[index];
  if (at === undefined) return undefined;
  return { line: at, region: { from: at, to: dashes[index + 1] ?? to } };
}

/** The lines of a field end at the next one that is not further in. */
function endOf(
  lines: readonly string[],
  at: number,
  column: number,
  { to }: Region,
): number {
  for (let next = at + 1; next < to; next++) {
    const text = lines[next] ?? "";
    if (isEmpty(text) || indentOf(text) > column) continue;
    // A list may stand as far out as its key.
    if (indentOf(text) === column && /^-(\s|$)/.test(text.trimStart())) {
      continue;
    }
    return next;
  }
  return to;
}

function firstContent(
  lines: readonly string[],
  { from, to }: Region,
): number {
  for (let at = from; at < to; at++) {
    if (!isEmpty(lines[at] ?? "")) return at;
  }
  return from;
}

function isEmpty(line: string): boolean {
  return /^\s*(#|$|[{}[\]],?\s*$)/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Column of the key on a line, behind dashes. */
function keyColumn(line: string): number {
  return /^\s*(-\s+)*/.exec(line)?.[0].length ?? 0;
}
