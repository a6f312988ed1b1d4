/** `main.ts validate FILE…`: checks manifests without a cluster. */
import {
  type Command,
  type Flags,
  parseCommand,
  switchFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import {
  type ManifestFile,
  validateManifests,
  type ValidationReport,
} from "../../mod/config/mod.ts";

const FLAGS = {
  json: switchFlag({ help: "Print the result as JSON (also: -o json)." }),
  strict: switchFlag({
    help:
      "Take references to objects that are in none of the files for errors.",
  }),
} as const satisfies Flags;

const VALIDATE: Command<typeof FLAGS> = {
  name: "validate",
  summary: "Checks manifests by the rules of a running Herald, offline.",
  description:
    `Takes YAML and JSON files, folders (with all files in them that end in .yaml,
.yml or .json) and /dev/stdin. All of them together are one configuration.

Exit code: 0 = usable, 1 = there are errors, 2 = nothing was checked.
Without Nodes among the files, nothing is said about which nodes are selected.`,
  positionals: "FILE...",
  flags: FLAGS,
};

/** What the verb needs of its surroundings. */
export interface ValidateIo {
  /** Reads a file as text. */
  readonly readText: (file: string) => Promise<string>;
  /** Files of a folder and the folders in it, by path; `undefined` for a file. */
  readonly listFolder: (path: string) => Promise<readonly string[] | undefined>;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
}

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments and for files that cannot be read.
 */
export async function runValidate(
  args: readonly string[],
  io: ValidateIo,
): Promise<number> {
  const parsed = parseCommand(VALIDATE, withOutput(args), () => undefined);
  if (parsed.kind === "help") {
    io.write(`${parsed.text}\n`);
    return 0;
  }
  const { positionals, values } = parsed;
  if (positionals.length === 0) {
    throw new UsageError(
      'Nothing to check: name files or folders; see "validate --help"',
    );
  }
  const files = await readAll(positionals, io);
  const report = validateManifests(files, { strict: values.strict });
  io.write(
    values.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : formatReport(report, files.length),
  );
  return report.valid ? 0 : 1;
}

/** The other verbs choose their output by `-o`. */
function withOutput(args: readonly string[]): readonly string[] {
  const at = args.indexOf("-o");
  if (at < 0) return args;
  const rest = args.toSpliced(at, 2);
  switch (args[at + 1]) {
    case "json":
      return [...rest, "--json"];
    case "table":
      return rest;
    default:
      throw new UsageError(
        `-o takes json or table, not "${args[at + 1] ?? ""}"`,
      );
  }
}

async function readAll(
  paths: readonly string[],
  io: ValidateIo,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const path of paths) {
    try {
      const listed = await io.listFolder(path);
      const found = listed?.filter((name) => /\.(ya?ml|json)$/.test(name));
      for (const name of found?.toSorted() ?? [path]) {
        files.push({ name, text: await io.readText(name) });
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`Cannot read "${path}": ${why}`, { cause });
    }
  }
  if (files.length > 0) return files;
  throw new UsageError(
    `Nothing to check: ${paths.join(", ")} has no .yaml, .yml or .json file`,
  );
}

/** Lines as compilers write them, and a count. */
function formatReport(
  { findings, ignored, checked }: ValidationReport,
  files: number,
): string {
  const lines = [
    ...findings.map(({ file, line, severity, resource, path, message }) => {
      const place = [resource, path].filter((part) => part !== "").join(" ");
      const at = place === "" ? "" : `${place}: `;
      return `${file}:${line}: ${severity}: ${at}${message}`;
    }),
    ...ignored.map(({ file, line, kind, name }) =>
      `${file}:${line}: ignored: ${kind} ${name}`.trimEnd()
    ),
  ];
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const counts = [
    `${count(checked, "object")} in ${count(files, "file")}`,
    count(errors, "error"),
    count(warnings, "warning"),
    `${ignored.length} ignored`,
  ];
  return `${[...lines, counts.join(", ")].join("\n")}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
