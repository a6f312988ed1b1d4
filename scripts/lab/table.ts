/** Facts as tables of text. */
import { bold, cyan, dim, green, red } from "@std/fmt/colors";
import type { ServiceFacts } from "./outcome.ts";

/** One cell: what it says, and how it is coloured once it is padded. */
interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Most nodes named in one line. */
const WORDS = 3;
/** Most lines about nodes that are no candidates. */
const EXCLUDED_LINES = 3;

const COLUMNS = [
  "SERVICE",
  "ADDRESS",
  "OWNER",
  "STANDBYS",
  "CLIENT RESOLVES",
  "HTTP",
];

/** Joins the first few words and counts the others. */
function shorten(words: readonly string[], separator: string): string {
  const rest = words.length - WORDS;
  const shown = words.slice(0, WORDS).join(separator);
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function mark(ok: boolean): (text: string) => string {
  return ok ? green : red;
}

function cellsOf(facts: ServiceFacts, line: number): Cell[] {
  const first = line === 0;
  const { owner, clientMac, ownerMac, http, answer } = facts;
  const right = clientMac !== null && clientMac === ownerMac;
  return [
    { text: first ? facts.name : "", paint: bold },
    { text: facts.ips[line] ?? (first ? "none" : ""), paint: cyan },
    { text: first ? owner ?? "nobody" : "", paint: mark(owner !== null) },
    { text: first ? shorten(facts.standbys, ", ") : "" },
    {
      text: first ? `${right ? "✓" : "✗"} ${clientMac ?? "nothing"}` : "",
      paint: mark(right),
    },
    { text: first ? `${http ? "✓" : "✗"} ${answer}` : "", paint: mark(http) },
  ];
}

function render(rows: readonly (readonly Cell[])[]): string[] {
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.text.length ?? 0))
  );
  return rows.map((row) =>
    row.map(({ text, paint }, column) => {
      const padded = text.padEnd(widths[column] ?? 0);
      return paint === undefined ? padded : paint(padded);
    }).join("  ").trimEnd()
  );
}

/** The first Services whose addresses fill no more lines than `lines`. */
function fitting(
  services: readonly ServiceFacts[],
  lines: number,
): readonly ServiceFacts[] {
  let used = 0;
  const end = services.findIndex(({ ips }) => {
    used += Math.max(1, ips.length);
    return used > lines;
  });
  return end === -1 ? services : services.slice(0, end);
}

/**
 * Lays out Services: a line per address, under a line of headings.
 *
 * @param services The facts.
 * @param lines Most lines of addresses; one more counts the Services left out.
 * @returns Lines without line ends.
 */
export function formatServices(
  services: readonly ServiceFacts[],
  lines = 24,
): string[] {
  const shown = fitting(services, lines);
  const heading = COLUMNS.map((text): Cell => ({ text, paint: dim }));
  const rows = shown.flatMap((facts) =>
    Array.from(
      { length: Math.max(1, facts.ips.length) },
      (_, line) => cellsOf(facts, line),
    )
  );
  const rest = services.length - shown.length;
  return [
    ...render([heading, ...rows]),
    ...(rest > 0 ? [dim(`and ${rest} more`)] : []),
  ];
}

function formatExcluded({ name, excluded }: ServiceFacts): string[] {
  return excluded.map(({ node, exclusions }) =>
    `${node} is no candidate for ${bold(name)}: ${exclusions.join(", ")}`
  );
}

/**
 * Explains the order of the first Service's candidates, and who is none.
 *
 * @param services The facts.
 * @returns Lines without line ends.
 */
export function formatWhy(services: readonly ServiceFacts[]): string[] {
  const [first] = services;
  if (first === undefined) return [];
  const excluded = services.flatMap(formatExcluded).slice(0, EXCLUDED_LINES);
  return [...formatOrder(first), ...excluded];
}

function formatOrder({ name, ips, why }: ServiceFacts): string[] {
  const order = why.map(({ node, hash }) => `${node} ${hash.slice(0, 8)}…`);
  return [
    `Why this order for ${bold(name)}? Every speaker sorts sha256("<node>#${
      ips[0] ?? ""
    }"):`,
    dim(shorten(order, "  <  ")),
  ];
}
