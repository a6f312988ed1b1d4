/** Structured logs: one JSON object per line, through LogTape. */
import {
  configure,
  dispose,
  getJsonLinesFormatter,
  type LogLevel,
  type LogRecord,
  reset,
} from "@logtape/logtape";

/** Words of `--log-level`; MetalLB's `all` and `none` are understood too. */
export const LOG_LEVELS = [
  "all",
  "debug",
  "info",
  "warn",
  "error",
  "none",
] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevelName = typeof LOG_LEVELS[number];

const LOWEST: Readonly<Record<LogLevelName, LogLevel | null>> = {
  all: "trace",
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
  none: null,
};

/**
 * Sends everything at or above a level to `write`, one line an event.
 *
 * @param level The lowest level that is written.
 * @param write Takes one line with its newline, for example standard output.
 */
export async function startLogging(
  level: LogLevelName,
  write: (line: string) => void,
): Promise<void> {
  const format = getJsonLinesFormatter({ properties: "flatten" });
  await configure({
    reset: true,
    sinks: { lines: (record: LogRecord): void => write(format(record)) },
    loggers: [
      { category: ["herald"], sinks: ["lines"], lowestLevel: LOWEST[level] },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: null },
    ],
  });
}

/** Ends logging, so that a process or a test leaves nothing behind. */
export async function stopLogging(): Promise<void> {
  await dispose();
  await reset();
}

/**
 * What an error says, with its causes, as one line for a log or a status.
 *
 * @param error Anything that was thrown.
 * @returns Messages from the outside in, joined by `: `.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  while (current !== undefined && parts.length < 5) {
    const text = current instanceof Error ? current.message : String(current);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(": ").replaceAll("\n", " ");
}
