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

/** What the command needs of its surroundings. */
export interface ConformanceIo {
  /** Reads a file as text. */
  readonly readText: (file: string) => Promise<string>;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
}

interface ReplayedFile {
  readonly file: string;
  readonly results: readonly Result[];
}

/** Wrong usage, or a file that cannot be read. */
class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
}

/** Runs the command and gives its exit code. */
export async function conformance(
  args: readonly string[],
  io: ConformanceIo,
): Promise<0 | 1 | 2> {
  if (args.includes("--help") || args.includes("-h")) {
    io.out(USAGE);
    return 0;
  }
  try {
    checkArguments(args);
    return report(await replayFiles(args, io), io);
  } catch (error) {
    if (!(error instanceof CorpusError || error instanceof ArgumentError)) {
      throw error;
    }
    io.err(`${error.message.trimEnd()}\n`);
    return 2;
  }
}

function checkArguments(args: readonly string[]): void {
  const option = args.find((arg) => arg.startsWith("-"));
  if (option !== undefined) {
    throw new ArgumentError(
      `Cannot use ${option}: there are no options but --help\n\n${USAGE}`,
    );
  }
  if (args.length === 0) {
    throw new ArgumentError(
      `Cannot replay anything: name at least one file\n\n${USAGE}`,
    );
  }
}

async function replayFiles(
  files: readonly string[],
  { readText }: ConformanceIo,
): Promise<readonly ReplayedFile[]> {
  const replayed: ReplayedFile[] = [];
  for (const file of files) {
    const text = await readText(file).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ArgumentError(`Cannot read ${file}: ${reason}`, {
        cause: error,
      });
    });
    replayed.push({ file, results: await replay(text, file) });
  }
  return replayed;
}

function report(
  replayed: readonly ReplayedFile[],
  { out }: ConformanceIo,
): 0 | 1 {
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
  out(`${lines.join("\n")}\n`);
  return failed > 0 ? 1 : 0;
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

function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

if (import.meta.main) {
  Deno.exitCode = await conformance(Deno.args, {
    readText: Deno.readTextFile,
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
  });
}
