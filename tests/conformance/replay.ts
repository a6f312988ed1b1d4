/** Replays whole files: from their text to a verdict per row. */
import { EXCEPTIONS } from "./exceptions.ts";
import { FORMATS } from "./formats.ts";
import {
  differences,
  type Exception,
  type Format,
  isJsonObject,
  type JsonObject,
  judge,
  type Row,
  type Verdict,
} from "./runner.ts";

/** A file that cannot be replayed: it is not what it should be. */
export class CorpusError extends SyntaxError {
  /** Name of the class, for logs. */
  override readonly name = "CorpusError";
}

/** What came out for one row. */
export interface Result {
  /** Name of the format that recognised the row. */
  readonly format: string;
  readonly row: string;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly verdict: Verdict;
}

interface Case {
  readonly format: Format;
  readonly row: Row;
  readonly line: number;
}

/**
 * Reads and replays the text of a corpus.
 *
 * @param file Name for messages.
 * @throws {CorpusError} Before anything is replayed, when a line is no JSON
 * object with a name, is in no known format, or repeats a name.
 */
export async function replay(
  text: string,
  file: string,
  tables: {
    readonly formats?: readonly Format[];
    readonly exceptions?: readonly Exception[];
  } = {},
): Promise<readonly Result[]> {
  const { formats = FORMATS, exceptions = EXCEPTIONS } = tables;
  const results: Result[] = [];
  for (const { format, row, line } of readCases(text, file, formats)) {
    const exception = exceptions.find((each) =>
      each.format === format.name && each.row === row.name
    );
    const verdict = judge(await runSafely(format, row), exception);
    results.push({ format: format.name, row: row.name, line, verdict });
  }
  return results;
}

/** How many results are of each kind. */
export function count(
  results: readonly Result[],
): Readonly<Record<Verdict["kind"], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { verdict } of results) counts[verdict.kind]++;
  return counts;
}

/** Several lines about a failed row: expected, got, and where they differ. */
export function describeFailure(
  { format, row, line, verdict }: Result,
  file: string,
): string {
  if (verdict.kind !== "failed") return "";
  const { expected, got } = verdict;
  const places = Object.keys(differences(expected, got)).join(", ");
  return [
    `FAILED ${file}:${line} ${row} (${format}): differs at ${places}`,
    `  expected ${JSON.stringify(expected)}`,
    `  got      ${JSON.stringify(got)}`,
  ].join("\n");
}

/** A row that makes a runner throw has failed, and the others still run. */
async function runSafely(format: Format, row: Row): Promise<Verdict> {
  try {
    return await format.run(row);
  } catch (error) {
    const got = error instanceof Error
      ? error.stack ?? error.message
      : String(error);
    return { kind: "failed", expected: row["expect"], got };
  }
}

function readCases(
  text: string,
  file: string,
  formats: readonly Format[],
): readonly Case[] {
  const cases: Case[] = [];
  const lineOfName = new Map<string, number>();
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = index + 1;
    const at = `${file}:${line}`;
    const row = readRow(content, at);
    const format = formats.find((each) => each.recognises(row));
    if (format === undefined) {
      throw new CorpusError(
        `Cannot replay ${at} (${row.name}): the row is in none of the formats ${
          formats.map(({ name }) => name).join(", ")
        }`,
      );
    }
    const earlier = lineOfName.get(row.name);
    if (earlier !== undefined) {
      throw new CorpusError(
        `Cannot replay ${at}: the name "${row.name}" stands on line ${earlier} already`,
      );
    }
    lineOfName.set(row.name, line);
    cases.push({ format, row, line });
  }
  if (cases.length === 0) {
    throw new CorpusError(`Cannot replay ${file}: it holds no rows`);
  }
  return cases;
}

function readRow(content: string, at: string): Row {
  const value = parseJson(content, at);
  if (!isJsonObject(value) || !isRow(value)) {
    throw new CorpusError(
      `Cannot replay ${at}: the line is no JSON object with a name and a category`,
    );
  }
  return value;
}

function parseJson(content: string, at: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CorpusError(`Cannot replay ${at}: ${reason}`, { cause: error });
  }
}

function isRow(value: JsonObject): value is Row {
  return typeof value["name"] === "string" &&
    typeof value["category"] === "string";
}
