/**
 * Runs all tests in groups, each under its own permission set, and closes with
 * one line that counts them: `N passed, N failed, N skipped`.
 *
 * Usage: deno task test [GROUP…] [--filter=TEXT]
 */
import { type Output, type Page, runSideBySide } from "./side_by_side.ts";

/** Tests that run together because they need the same permissions. */
interface Group {
  readonly name: string;
  /** Name of the permission set in deno.json. */
  readonly permissions: string;
  readonly paths: readonly string[];
  readonly flags?: readonly string[];
  /** Waits for other processes most of the time, so that others may run beside it. */
  readonly waits?: true;
  /** Runs the examples in the documentation of these folders. */
  readonly examples?: true;
}

/** Those that wait come last, and of them the longest first. */
const GROUPS: readonly Group[] = [
  {
    name: "unit",
    permissions: "unit",
    paths: ["mod", "controller", "speaker", "scripts"],
    flags: ["--parallel"],
  },
  {
    name: "docs",
    permissions: "unit",
    paths: ["mod", "ffi", "speaker", "controller"],
    // Deno imports a file's exports into its examples: most stay unused there.
    flags: ["--doc", "--no-check"],
    examples: true,
  },
  {
    name: "conformance",
    permissions: "unit",
    paths: ["tests/conformance"],
    flags: ["--parallel"],
  },
  {
    name: "simulation",
    permissions: "simulate",
    paths: ["tests/simulate"],
    flags: ["--parallel"],
  },
  { name: "lab", permissions: "test", paths: ["tests/lab"], waits: true },
  {
    name: "api",
    permissions: "test",
    paths: ["tests/kubernetes", "tests/contract", "tests/roles"],
    waits: true,
  },
  {
    name: "interop",
    permissions: "test",
    paths: ["tests/interop", "tests/swim"],
    waits: true,
  },
  {
    name: "native",
    permissions: "test",
    paths: ["ffi", "tests/ffi", "tests/packet"],
    waits: true,
  },
];

/** How many tests ended how. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Groups that wait and run at once. */
const AT_ONCE = 2;

const NONE: Count = { passed: 0, failed: 0, skipped: 0 };

const USAGE = "Usage: deno task test [GROUP…] [--filter=TEXT]";

const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/;

/**
 * Reads the line with which `deno test` closes.
 *
 * @returns Nothing for any other line.
 */
export function readSummary(line: string): Count | undefined {
  const match = SUMMARY.exec(line);
  return match === null ? undefined : {
    passed: Number(match[1]),
    failed: Number(match[2]),
    skipped: Number(match[3] ?? 0),
  };
}

/** How one run of `deno test` went. */
export interface GroupRun {
  readonly code: number;
  /** The last summary that it printed. */
  readonly summary: Count | undefined;
  /** Whether the person chose tests, so that a group may have none. */
  readonly chosen: boolean;
}

/**
 * What a group counts for. One that did not get as far as counting, leaked, or
 * lost all of its tests is one failure.
 */
export function judgeGroup({ code, summary, chosen }: GroupRun): Count {
  const count = summary ?? NONE;
  const vanished = summary === undefined ||
    !chosen && count.passed + count.failed + count.skipped === 0;
  const broken = count.failed === 0 && (code !== 0 || vanished);
  return broken ? { ...count, failed: 1 } : count;
}

/** The sources below a folder whose documentation has examples. */
async function filesWithExamples(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesWithExamples(path));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) {
      const text = await Deno.readTextFile(path);
      if (/^ *\* ```ts$/m.test(text)) files.push(path);
    }
  }
  return files.sort();
}

async function pathsOf(group: Group): Promise<readonly string[]> {
  if (group.examples !== true) return group.paths;
  return (await Promise.all(group.paths.map(filesWithExamples))).flat();
}

/** Passes a child's output through and keeps the lines that matter here. */
async function relay(
  stream: ReadableStream<Uint8Array>,
  out: Output,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    out.writeSync(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}

async function runGroup(
  group: Group,
  { extra, skips, page }: {
    /** Flags of `deno test`. */
    readonly extra: readonly string[];
    /** Gets the lines that say what is skipped. */
    readonly skips: string[];
    readonly page: Page;
  },
): Promise<Count> {
  const stdout = page.over(Deno.stdout);
  const heading =
    `\n== ${group.name} (permission set "${group.permissions}")\n`;
  stdout.writeSync(new TextEncoder().encode(heading));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      // Not --quiet: it hides the lines that say why a test is skipped.
      "test",
      "--no-prompt",
      `-P=${group.permissions}`,
      ...group.flags ?? [],
      ...extra,
      ...await pathsOf(group),
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let summary: Count | undefined;
  const onLine = (line: string): void => {
    if (line.startsWith("SKIP ")) skips.push(line);
    summary = readSummary(line) ?? summary;
  };
  await Promise.all([
    relay(child.stdout, stdout, onLine),
    relay(child.stderr, page.over(Deno.stderr), onLine),
  ]);
  const { code } = await child.status;
  const chosen = extra.some((flag) => flag.startsWith("--filter"));
  return judgeGroup({ code, summary, chosen });
}

function chooseGroups(names: readonly string[]): readonly Group[] {
  const unknown = names.find((name) =>
    !GROUPS.some((group) => group.name === name)
  );
  if (unknown !== undefined) {
    const known = GROUPS.map((group) => group.name).join(", ");
    console.error(`Unknown group "${unknown}": there are ${known}`);
    Deno.exit(2);
  }
  return names.length === 0
    ? GROUPS
    : GROUPS.filter((group) => names.includes(group.name));
}

function add(left: Count, right: Count): Count {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

async function main(args: readonly string[]): Promise<number> {
  const flags = args.filter((arg) => arg.startsWith("-"));
  if (flags.includes("--help") || flags.includes("-h")) {
    const names = GROUPS.map(({ name }) => name).join(", ");
    console.info(`${USAGE}\nGroups: ${names}\nFlags go to deno test.`);
    return 0;
  }
  const groups = chooseGroups(args.filter((arg) => !arg.startsWith("-")));
  const skips: string[] = [];
  const counts = await runSideBySide(
    groups.map((group) => ({
      alone: group.waits !== true,
      run: (page) => runGroup(group, { extra: flags, skips, page }),
    })),
    AT_ONCE,
  );
  const total = counts.reduce(add, NONE);
  if (skips.length > 0) console.info(`\n${skips.join("\n")}`);
  console.info(
    `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
  );
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
