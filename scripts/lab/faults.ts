/**
 * Faults in the lab: real speakers in network namespaces are killed, stopped
 * and cut off, one fault after the other, and the simulator's checker judges
 * what a client saw on its wire. Exits with 1 when something must not be.
 *
 * usage: deno task lab:faults [--seed N] [--faults N | --minutes N] [FAULT…]
 */
import {
  choiceFlag,
  type Command,
  type FlagValues,
  numberFlag,
  parseCommand,
  textFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import { FAULT_KINDS, type FaultKind } from "./faults/plan.ts";
import type { Order } from "./faults/inside.ts";
import { runIsolated } from "./isolation.ts";
import { LabError } from "./lab_error.ts";
import { defaultIsolation, prepareLab } from "./session.ts";
import { FAMILIES } from "./topology.ts";

const INSIDE = new URL("faults/inside.ts", import.meta.url).pathname;
const LARGEST_SEED = 2 ** 32 - 1;

const FLAGS = {
  seed: numberFlag({
    help: "Chooses the faults, so that they can be made again.",
    fallback: undefined,
    fallbackText: "any",
    min: 0,
    max: LARGEST_SEED,
  }),
  faults: numberFlag({
    help: "How many.",
    fallback: undefined,
    fallbackText: "each kind once",
    min: 1,
    max: 100_000,
  }),
  minutes: numberFlag({
    help: "Goes on for so long instead.",
    fallback: undefined,
    fallbackText: "not",
    min: 1,
    max: 10_000,
  }),
  longest: numberFlag({
    help: "The longest that a fault lasts, in milliseconds.",
    fallback: 3000,
    min: 700,
    max: 60_000,
  }),
  late: numberFlag({
    help:
      "How late frames and processes may be on this machine, in milliseconds: bounds are so much longer.",
    fallback: 100,
    min: 0,
    max: 5000,
  }),
  nodes: numberFlag({ help: "How many nodes.", fallback: 3, min: 3, max: 9 }),
  services: numberFlag({
    help: "How many Services; two have one address of each family.",
    fallback: 2,
    min: 1,
    max: 10,
  }),
  families: choiceFlag(FAMILIES, {
    help: "Address families of the cluster, as of the lab.",
    fallback: "dual",
  }),
  logs: textFlag({
    placeholder: "DIR",
    help: "Keep every process's log, and the client's records, there.",
    fallback: undefined,
    fallbackText: "a directory that goes away with the lab",
  }),
};

const COMMAND: Command<typeof FLAGS> = {
  name: "lab:faults",
  summary: "Makes faults in the lab and judges what a client sees.",
  positionals: "[FAULT…]",
  description: `Faults: ${FAULT_KINDS.join(", ")}.`,
  flags: FLAGS,
};

/** Names of faults, all when there are none. */
function kindsOf(words: readonly string[]): readonly FaultKind[] {
  const kinds = FAULT_KINDS.filter((kind) => words.includes(kind));
  const unknown = words.find((word) => !kinds.some((kind) => kind === word));
  if (unknown === undefined) return kinds.length > 0 ? kinds : FAULT_KINDS;
  throw new UsageError(
    `There is no fault "${unknown}": there are ${FAULT_KINDS.join(", ")}`,
  );
}

/** What the part inside the lab has to do. */
function orderOf(
  values: FlagValues<typeof FLAGS>,
  kinds: readonly FaultKind[],
): Order {
  const { seed, faults, minutes, longest, late } = values;
  const { nodes, services, families, logs } = values;
  return {
    seed: seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    count: faults ?? (minutes === undefined ? kinds.length : LARGEST_SEED),
    minutes: minutes ?? null,
    ...{ kinds, nodes, services, families, logs: logs ?? null },
    ...{ longestMs: longest, lateMs: late },
  };
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseCommand(COMMAND, args, () => undefined);
  if (parsed.kind === "help") {
    console.info(parsed.text);
    return 0;
  }
  const order = orderOf(parsed.values, kindsOf(parsed.positionals));
  const isolation = defaultIsolation();
  await prepareLab({ apiserver: "embedded", proxy: "lab" }, isolation);
  return await runIsolated(isolation, [
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "-P=lab"],
    ...[INSIDE, JSON.stringify(order)],
  ]);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof LabError)) throw error;
  console.error(`lab:faults: ${error.message}`);
  if (error instanceof LabError && error.detail !== "") {
    console.error(error.detail);
  }
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
