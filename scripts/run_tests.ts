/**
 * Runs all tests in groups, each under its own permission set, and closes with
 * one line that counts them: `N passed, N failed, N skipped`.
 *
 * Usage: deno task test [GROUP…] [--filter=TEXT]
 */

/** Tests that run together because they need the same permissions. */
interface Group {
  readonly name: string;
  /** Name of the permission set in deno.json. */
  readonly permissions: string;
  readonly paths: readonly string[];
  readonly flags?: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    name: "unit",
    permissions: "unit",
    paths: ["mod", "controller", "speaker", "scripts"],
    flags: ["--parallel"],
  },
  {
    name: "conformance",
    permissions: "unit",
    paths: ["tests/conformance"],
    flags: ["--parallel"],
  },
  {
    name: "native",
    permissions: "test",
    paths: ["ffi", "tests/ffi", "tests/packet"],
  },
  {
    name: "api",
    permissions: "test",
    paths: ["tests/kubernetes", "tests/contract", "tests/roles"],
  },
  { name: "lab", permissions: "test", paths: ["tests/lab"] },
];

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/;

/** Passes a child's output through and keeps the lines that matter here. */
async function relay(
  stream: ReadableStream<Uint8Array>,
  out: { writeSync(bytes: Uint8Array): number },
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
  extra: readonly string[],
  skips: string[],
): Promise<Count> {
  console.info(`\n== ${group.name} (permission set "${group.permissions}")`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-prompt",
      `-P=${group.permissions}`,
      ...group.flags ?? [],
      ...extra,
      ...group.paths,
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let summary: Count | undefined;
  const onLine = (line: string): void => {
    if (line.startsWith("SKIP ")) skips.push(line);
    const match = SUMMARY.exec(line);
    if (match === null) return;
    summary = {
      passed: Number(match[1]),
      failed: Number(match[2]),
      skipped: Number(match[3] ?? 0),
    };
  };
  await Promise.all([
    relay(child.stdout, Deno.stdout, onLine),
    relay(child.stderr, Deno.stderr, onLine),
  ]);
  const { code } = await child.status;
  const count = summary ?? { passed: 0, failed: 0, skipped: 0 };
  // A group that did not get as far as counting, or leaked, is one failure.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  return count;
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

async function main(args: readonly string[]): Promise<void> {
  const flags = args.filter((arg) => arg.startsWith("--"));
  const groups = chooseGroups(args.filter((arg) => !arg.startsWith("--")));
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const skips: string[] = [];
  for (const group of groups) {
    const count = await runGroup(group, flags, skips);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
  }
  if (skips.length > 0) console.info(`\n${skips.join("\n")}`);
  console.info(
    `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
  );
  Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

await main(Deno.args);
