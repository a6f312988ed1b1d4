/**
 * What the lab shows: Services get addresses and answer, the owner of one dies
 * and another node takes over, the node comes back. Each step checks what it
 * shows.
 */
import { settle } from "./facts.ts";
import { failOver, handBack, showFailover } from "./failover.ts";
import { effectiveCapabilities, type Lab } from "./lab.ts";
import type { Outcome, ServiceFacts } from "./outcome.ts";
import { formatServices, formatWhy } from "./table.ts";
import { CheckError } from "./waiting.ts";
import { createServices, refreshEndpoints } from "./workload.ts";

/** `CapEff` of a process that holds one capability and nothing else. */
function only(capability: number): string {
  return (1n << BigInt(capability)).toString(16).padStart(16, "0");
}

const NOTHING = "0".repeat(16);
const ONLY_NET_ADMIN = only(12);
const ONLY_NET_RAW = only(13);

/** Checks that the roles hold the capabilities of the manifests and no others. */
async function checkCapabilities(lab: Lab): Promise<void> {
  const held = async (
    process: Lab["controller"],
    expected: string,
  ): Promise<void> => {
    const found = await effectiveCapabilities(process);
    if (found === expected) return;
    throw new CheckError(
      `"${process.name}" holds the capabilities ${found}, not ${expected}`,
      [process],
    );
  };
  await held(lab.controller, NOTHING);
  for (const { speaker } of lab.nodes) {
    if (speaker !== undefined) await held(speaker, ONLY_NET_RAW);
  }
  const { processes } = lab.dataPlane;
  for (const process of processes) await held(process, ONLY_NET_ADMIN);
  lab.progress.done(
    "capabilities",
    "speakers hold CAP_NET_RAW only, the controller none" +
      (processes.length > 0 ? ", kube-proxies CAP_NET_ADMIN only" : ""),
  );
}

/** Shows where everything is. */
function showServices(
  lab: Lab,
  facts: readonly ServiceFacts[],
): void {
  lab.progress.plain("");
  for (const line of formatServices(facts)) lab.progress.plain(`  ${line}`);
  lab.progress.plain("");
}

/**
 * Runs the whole scenario.
 *
 * @param lab The lab, without Services.
 * @returns What was found.
 * @throws {CheckError} When something does not hold.
 */
export async function runScenario(lab: Lab): Promise<Outcome> {
  await checkCapabilities(lab);
  await createServices(lab);
  const before = await settle(lab, "every Service answers");
  lab.progress.done(
    "checks",
    "all speakers agree; the client resolves each owner's MAC; all answer HTTP",
  );
  showServices(lab, before);
  for (const line of formatWhy(before)) lab.progress.plain(`  ${line}`);

  lab.progress.heading("A node dies");
  const failover = await failOver(lab, before);
  showFailover(lab, failover);
  await refreshEndpoints(lab);
  const during = await settle(
    lab,
    `every Service answers without ${failover.killed}`,
  );
  lab.progress.done("checks", `all Services answer without ${failover.killed}`);
  showServices(lab, during);

  lab.progress.heading("It comes back");
  await handBack(lab, before);
  const after = await settle(
    lab,
    "every Service is where it was",
    (now) => changes(before, now),
  );
  lab.progress.done("checks", "every Service is where it was, and answers");
  return {
    proxy: lab.proxy,
    nodes: lab.nodes.map(({ name }) => name),
    services: after,
    failover,
    events: lab.history.events,
  };
}

function changes(
  before: readonly ServiceFacts[],
  after: readonly ServiceFacts[],
): string[] {
  return before.flatMap(({ name, ips, owner }, index) => {
    const now = after[index];
    if (now?.owner === owner && now.ips.join() === ips.join()) return [];
    return [
      `"${name}" was ${ips.join()} at ${owner} and is ${now?.ips.join()} at ${now?.owner}`,
    ];
  });
}
