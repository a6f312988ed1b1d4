/**
 * The lab: a small cluster in network namespaces, with real processes and real
 * packets, that shows what Herald does and checks it.
 *
 * @module
 */
import { setColorEnabled } from "@std/fmt/colors";
import { parseCommand, UsageError } from "../../mod/cli/mod.ts";
import { INSIDE_VARIABLE, runIsolated } from "./isolation.ts";
import { startLab } from "./lab.ts";
import { LabError } from "./lab_error.ts";
import { LAB_COMMAND, type LabOptions } from "./options.ts";
import { formatOutcome, type Outcome } from "./outcome.ts";
import { History } from "./history.ts";
import { Progress } from "./progress.ts";
import { runScenario } from "./scenario.ts";
import { defaultIsolation, prepareLab } from "./session.ts";
import { liveView, RESTORE_TERMINAL } from "./view.ts";
import { CheckError } from "./waiting.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Most logs shown when something fails. */
const LOGS_SHOWN = 4;

function print(line: string): void {
  console.info(line);
}

function printAside(line: string): void {
  console.error(line);
}

async function outside(
  args: readonly string[],
  options: LabOptions,
): Promise<number> {
  const isolation = options.isolation === "auto"
    ? defaultIsolation()
    : options.isolation;
  await prepareLab(options, isolation);
  try {
    return await runIsolated(isolation, [
      ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "-P=lab"],
      ...[MAIN, "lab", ...args],
    ]);
  } finally {
    if (Deno.stdout.isTerminal()) {
      Deno.stdout.writeSync(new TextEncoder().encode(RESTORE_TERMINAL));
    }
  }
}

async function explain(error: LabError, progress: Progress): Promise<void> {
  progress.plain("");
  progress.failed("failed", error.message);
  if (error.detail !== "") progress.plain(error.detail);
  if (!(error instanceof CheckError)) return;
  let shown = 0;
  for (const process of error.suspects) {
    const tail = await process.tail().catch(() => "");
    if (tail.trim() === "" || shown === LOGS_SHOWN) continue;
    shown += 1;
    progress.plain(`\n  the end of ${process.log}:`);
    progress.plain(tail.trimEnd().replaceAll(/^/gm, "    "));
  }
  progress.plain("\n  --logs DIR keeps all logs.");
}

async function inside(options: LabOptions): Promise<number> {
  const once = options.once || options.json || !Deno.stdout.isTerminal();
  const history = new History();
  const progress = new Progress(
    options.json ? printAside : print,
    (text) => history.add({ kind: "step", text }),
  );
  progress.heading(
    `Herald lab: ${options.nodes} nodes, ${options.services} Services`,
  );
  try {
    const lab = await startLab(options, { progress, history });
    const outcome: Outcome = await runScenario(lab);
    if (options.json) print(formatOutcome(outcome));
    if (!once) await liveView(lab, outcome);
    return 0;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    await explain(error, progress);
    return 1;
  }
}

/**
 * Runs the lab.
 *
 * @param args The command line after `lab`.
 * @returns The exit code: 0 when every check held, 1 when one did not.
 * @throws {UsageError} For a command line that it cannot run.
 */
export async function runLab(args: readonly string[]): Promise<number> {
  const parsed = parseCommand(LAB_COMMAND, args, (name) => Deno.env.get(name));
  if (parsed.kind === "help") {
    print(parsed.text);
    return 0;
  }
  const options = parsed.values;
  if (Deno.build.os !== "linux") {
    throw new UsageError("The lab needs Linux: it lives in network namespaces");
  }
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.has("NO_COLOR"));
  if (Deno.env.get(INSIDE_VARIABLE) === "1") return await inside(options);
  try {
    return await outside(args, options);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(`herald: ${error.message}`);
    if (error.detail !== "") console.error(error.detail);
    return 1;
  }
}
