/** Columns of text. */

/**
 * Sets rows under headings, with two spaces between the columns. Nothing is
 * padded at the end of a line.
 *
 * @returns Lines, the headings first.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? "").length))
  );
  return all.map((row) =>
    row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2)).join("")
      .trimEnd()
  );
}
