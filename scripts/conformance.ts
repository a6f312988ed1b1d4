/**
 * `deno task conformance FILE…`: replays corpora of recorded behaviour.
 *
 * Prints every failing case and closes with `N passed, N failed, N skipped`.
 * Exit code 0 = all passed or skipped, 1 = some failed, 2 = nothing replayed
 * because of a wrong argument, an unreadable file or a malformed row.
 */
import {
  CorpusError,
  count,
  describeFailure,
  replay,
  type Result,
} from "../tests/conformance/replay.ts";

const USAGE = `Usage: deno task conformance FILE...

Replays corpora of recorded behaviour (JSON Lines). The format is told by the
rows, not by the name of the file.
`;

interface ReplayedFile {
  readonly file: string;
  readonly results: readonly Result[];
}

/** A usage error or an unreadable file. */
class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArgumentError(`Cannot read ${file}: ${reason}`, { cause: error });
  }
}

async function replayFiles(
  files: readonly string[],
): Promise<readonly ReplayedFile[]> {
  const replayed: ReplayedFile[] = [];
  for (const file of files) {
    const results = await replay(await readText(file), file);
    replayed.push({ file, results });
  }
  return replayed;
}

/** One line per reason for which rows of a file were skipped. */
function skipLines({ file, results }: ReplayedFile): readonly string[] {
  const rows = new Map<string, number>();
  for (const { verdict, format } of results) {
    if (verdict.kind !== "skipped") continue;
    const reason = `${format}: ${verdict.reason}`;
    rows.set(reason, (rows.get(reason) ?? 0) + 1);
  }
  return [...rows].map(([reason, number]) =>
    `SKIPPED ${file}: ${number} rows, ${reason}`
  );
}

function report(replayed: readonly ReplayedFile[]): number {
  const lines = replayed.flatMap((each) => [
    ...each.results
      .filter(({ verdict }) => verdict.kind === "failed")
      .map((result) => describeFailure(result, each.file)),
    ...skipLines(each),
  ]);
  const { passed, failed, skipped } = count(
    replayed.flatMap(({ results }) => results),
  );
  lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  print(Deno.stdout, lines.join("\n") + "\n");
  return failed > 0 ? 1 : 0;
}

function print(
  stream: { writeSync(p: Uint8Array): number },
  text: string,
): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    print(Deno.stdout, USAGE);
    return 0;
  }
  const flag = args.find((arg) => arg.startsWith("-"));
  const wrong = flag !== undefined
    ? `Cannot use ${flag}: there are no options but --help`
    : args.length === 0
    ? "Cannot replay anything: name at least one file"
    : undefined;
  try {
    if (wrong !== undefined) throw new ArgumentError(`${wrong}\n\n${USAGE}`);
    return report(await replayFiles(args));
  } catch (error) {
    if (!(error instanceof CorpusError || error instanceof ArgumentError)) {
      throw error;
    }
    print(Deno.stderr, `${error.message.trimEnd()}\n`);
    return 2;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
