/**
 * The contract of the Kubernetes port. The same cases run against the embedded
 * API server and a real kube-apiserver, so that what holds for one is known to
 * hold for the other.
 */
import { LIST_CASES } from "./list_cases.ts";
import { OUTAGE_CASES } from "./outage_cases.ts";
import type { ContractServer } from "./server.ts";
import { WATCH_CASES } from "./watch_cases.ts";
import { WRITE_CASES } from "./write_cases.ts";

/** One promise of the port. */
export interface ContractCase {
  readonly name: string;
  readonly run: (server: ContractServer) => Promise<void>;
}

const CASES: readonly ContractCase[] = [
  ...LIST_CASES,
  ...WRITE_CASES,
  ...WATCH_CASES,
  // These stop the server, so they come last.
  ...OUTAGE_CASES,
];

/** Runs every case as a step, on one server. */
export async function kubeContract(
  context: Deno.TestContext,
  start: () => Promise<ContractServer>,
): Promise<void> {
  await using server = await start();
  for (const { name, run } of CASES) {
    await context.step(name, async () => await run(server));
  }
}
