/**
 * Runs inside the lab: the verb as people run it drains the owner of a Service
 * that a client uses all the while, and ends the drain again.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Lab } from "../../scripts/lab/lab.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import { SERVICE_NAMESPACE } from "../../scripts/lab/objects.ts";
import { TextLineStream } from "../../scripts/lab/text_lines.ts";
import { reportChecks } from "./in_lab.ts";
import { addressesOf, createService, heirOf, ownerOf } from "./traffic.ts";
import { runVerb, verb } from "./verbs.ts";

const NAME = "wide";
/** Drains the owner and ends it, while the client uses one of the addresses. */
async function losesNothing(lab: Lab, place: number): Promise<void> {
  const ip = (await addressesOf(lab, NAME))[place] ?? "";
  const owner = await ownerOf(lab, NAME);
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  const report = JSON.parse(
    await runVerb("drain", owner.name, "--grace", "1", "-o", "json"),
  );
  const heir = await heirOf(lab, NAME, owner);
  assertEquals(lab.sightings.macOf(ip), heir.plan.mac);
  assertEquals(report.outcome, "drained");
  assertEquals(
    report.services.map(({ service, to }: Record<string, string>) => [
      service,
      to,
    ]),
    [[`${SERVICE_NAMESPACE}/${NAME}`, heir.name]],
  );
  await probes.steady();
  await runVerb("drain", owner.name, "--undo");
  assertEquals((await ownerOf(lab, NAME)).name, owner.name);
  await probes.steady();
  const { probes: sent, lost, recovered } = await probes.stop();
  console.error(
    `${ip}: ${lost} of ${sent} probes lost, given away within ${report.handOverMs} ms`,
  );
  assert(recovered);
  assertEquals(lost, 0, `of ${sent} probes to ${ip}`);
  assertEquals(lab.sightings.macOf(ip), owner.plan.mac);
}

/** Ctrl-C during the grace. */
async function staysDrained(lab: Lab): Promise<void> {
  const owner = await ownerOf(lab, NAME);
  const child = verb("drain", owner.name, "--grace", "3600").spawn();
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  let last = "";
  for await (const line of lines) {
    if (line.startsWith("Waiting 3600 s")) child.kill("SIGINT");
    if (line !== "") last = line;
  }
  const { code } = await child.status;
  assertEquals(code, 1, await errors);
  assertStringIncludes(last, `the drain of ${owner.name} stays in force`);
  await heirOf(lab, NAME, owner);
  await runVerb("drain", owner.name, "--undo");
  assertEquals((await ownerOf(lab, NAME)).name, owner.name);
}

await reportChecks([
  ["a Service is created", async (lab) => {
    await createService(lab, NAME, "Cluster", lab.nodes);
    await ownerOf(lab, NAME);
  }],
  ["a drained owner loses no IPv4 probe", (lab) => losesNothing(lab, 0)],
  ["a drained owner loses no IPv6 probe", (lab) => losesNothing(lab, 1)],
  ["Ctrl-C ends the waiting, not the drain", staysDrained],
]);
