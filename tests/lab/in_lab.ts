/**
 * Tests inside the lab's namespaces. A test file registers one with
 * {@linkcode labTest}; the module that it names runs inside, starts a lab,
 * makes its checks and reports each with {@linkcode reportChecks}.
 */
import type { Lab } from "../../scripts/lab/lab.ts";
import type { Isolation } from "../../scripts/lab/isolation.ts";
import { kubeProxyObstacle } from "../../scripts/lab/kube_proxy_needs.ts";
import { LabError } from "../../scripts/lab/lab_error.ts";
import type { LabSettings } from "../../scripts/lab/options.ts";
import {
  defaultIsolation,
  prepareLab,
  runInLab,
  startQuietLab,
} from "../../scripts/lab/session.ts";
import { CheckError } from "../../scripts/lab/waiting.ts";
import {
  findProgram,
  judgeAvailability,
  kubernetesAvailability,
} from "../kubernetes/mod.ts";
import { privilege, skip } from "../privileges.ts";

/** What a lab test needs besides namespaces. */
export type LabParts =
  & Pick<LabSettings, "apiserver" | "proxy" | "speakerFlags">
  & Partial<Pick<LabSettings, "services" | "speakers" | "families">>;

/** A check: its name, and what throws when it does not hold. */
export type LabCheck = readonly [
  name: string,
  run: (lab: Lab) => Promise<void>,
];

interface Report {
  readonly check: string;
  /** Why it does not hold; null when it does. */
  readonly failure: string | null;
}

/** Why a lab test cannot run here. */
export interface Obstacle {
  /** In words. */
  readonly reason: string;
  /** Whether CI must be able to run it all the same. */
  readonly required: boolean;
}

/**
 * Looks for what keeps a lab from running on this machine.
 *
 * @param parts What it is made of.
 * @param isolation How its namespaces are made.
 */
export async function labObstacle(
  parts: LabParts,
  isolation: Isolation = defaultIsolation(),
): Promise<Obstacle | undefined> {
  const found = privilege();
  if (found.kind === "missing") return { reason: found.reason, required: true };
  const ci = Deno.env.get("CI") === "true";
  const needed = [
    ...(parts.apiserver === "real" ? [await kubernetesAvailability()] : []),
    ...(parts.proxy === "kube-proxy"
      ? [judgeAvailability(await findProgram("kube-proxy"), ci)]
      : []),
  ];
  for (const need of needed) {
    if (need.kind === "available") continue;
    return { reason: need.reason, required: need.kind === "required" };
  }
  if (parts.proxy === "lab") return undefined;
  const reason = await kubeProxyObstacle(isolation);
  return reason === undefined ? undefined : { reason, required: true };
}

/** All that an error says, with what explains it. */
function describe(error: unknown): string {
  if (!(error instanceof LabError)) return Deno.inspect(error);
  return error.detail === ""
    ? error.message
    : `${error.message}\n${error.detail}`;
}

async function relay(
  context: Deno.TestContext,
  lines: AsyncIterable<string>,
): Promise<void> {
  for await (const line of lines) {
    const { check, failure }: Report = JSON.parse(line);
    await context.step(check, () => {
      if (failure !== null) throw new Error(failure);
    });
  }
}

/**
 * Registers a test that runs a module inside the lab's namespaces and shows
 * its checks as steps. Where it cannot run it is ignored and says why.
 *
 * @param name Name of the test.
 * @param parts What its lab is made of.
 * @param module The module, which calls {@linkcode reportChecks}.
 * @param prepare Builds what the module needs besides: inside the lab there is
 * no way to the network any more.
 * @param args More arguments of the module, after the first.
 */
export async function labTest(
  name: string,
  parts: LabParts,
  module: URL,
  prepare: () => Promise<void> = () => Promise.resolve(),
  ...args: readonly string[]
): Promise<void> {
  const obstacle = await labObstacle(parts);
  if (obstacle !== undefined) {
    skip(name, obstacle.reason, { required: obstacle.required });
    return;
  }
  Deno.test(name, async (context) => {
    const isolation = defaultIsolation();
    try {
      await prepare();
      await prepareLab(parts, isolation);
      const lines = runInLab(isolation, module, JSON.stringify(parts), ...args);
      await relay(context, lines);
    } catch (error) {
      throw new Error(describe(error), { cause: error });
    }
  });
}

async function withLogs(error: unknown): Promise<string> {
  if (!(error instanceof CheckError)) return describe(error);
  const tails = await Promise.all(
    error.suspects.map(async (process) =>
      `\nthe end of ${process.log}:\n${await process.tail()}`
    ),
  );
  return describe(error) + tails.join("");
}

/**
 * Starts a lab of the parts in the first argument of the command line and
 * makes checks, in order, up to the first that does not hold. Ends the
 * process: 0 when all held.
 *
 * @param checks The checks; each may build on those before.
 */
export async function reportChecks(
  checks: readonly LabCheck[],
): Promise<never> {
  const parts: LabParts = JSON.parse(Deno.args[0] ?? "{}");
  const lab = await startQuietLab(parts);
  for (const [check, run] of checks) {
    let failure: string | null = null;
    try {
      await run(lab);
    } catch (error) {
      failure = await withLogs(error);
    }
    const report: Report = { check, failure };
    console.info(JSON.stringify(report));
    if (failure !== null) Deno.exit(1);
  }
  Deno.exit(0);
}
