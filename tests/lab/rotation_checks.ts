/**
 * Runs inside the lab: the Secret of the members is replaced in the three steps
 * of the README while a client uses a Service. The speakers notice each step at
 * different times, as on nodes of their own. Then the settings change.
 */
import { assert, assertEquals } from "@std/assert";
import type { Lab } from "../../scripts/lab/lab.ts";
import { startProbes } from "../../scripts/lab/measurement.ts";
import { askStatuses } from "../../scripts/lab/speaker_status.ts";
import {
  fingerprintsOf,
  type SecretFingerprints,
} from "../../speaker/members/member_files.ts";
import type { SpeakerStatus } from "../../speaker/status.ts";
import { reportChecks } from "./in_lab.ts";
import { MEMBERLIST_CONFIG } from "../swim/memberlist_config.ts";
import { addressesOf, createService, eventually, ownerOf } from "./traffic.ts";

const NAME = "wide";
const NEW = "another one";

interface Step {
  readonly files: Readonly<Record<string, string>>;
  readonly primary: string;
  readonly accepted: readonly string[];
}

/** The steps of the README. */
function stepsFrom(old: string): readonly Step[] {
  return [
    {
      files: { "secretkey": old, "secretkey-next": NEW },
      primary: old,
      accepted: [NEW],
    },
    {
      files: { "secretkey": NEW, "secretkey-previous": old },
      primary: NEW,
      accepted: [old],
    },
    { files: { "secretkey": NEW }, primary: NEW, accepted: [] },
  ];
}

/** Waits until all speakers have these keys. */
async function allHave(lab: Lab, keys: SecretFingerprints): Promise<void> {
  const wanted = JSON.stringify(keys);
  await eventually(lab, `all speakers have ${wanted}`, async () => {
    const statuses = await askStatuses(lab.nodes);
    const other = statuses.find(({ memberKeys }) =>
      JSON.stringify(memberKeys) !== wanted
    );
    return other === undefined ||
      `${other.node} has ${JSON.stringify(other.memberKeys)}`;
  });
}

/** What must not have happened, by node; all of it grows if it does. */
function harm(statuses: readonly SpeakerStatus[]): unknown {
  return statuses.map(({ node, members, claims, gossipDrops, beats }) => ({
    node,
    members,
    claims,
    undecryptable: gossipDrops["undecryptable"] ?? 0,
    badSeals: Object.values(beats).map(({ badSeal = 0 }) => badSeal),
  }));
}

function beatsOf({ beats }: SpeakerStatus): number {
  return Object.values(beats).reduce(
    (sum, { received = 0 }) => sum + received,
    0,
  );
}

/** Waits until each speaker has heard so many beats more. */
async function hearMore(lab: Lab, count: number): Promise<void> {
  const before = new Map(
    (await askStatuses(lab.nodes)).map((each) => [each.node, beatsOf(each)]),
  );
  await eventually(lab, "all speakers hear beats", async () => {
    const deaf = (await askStatuses(lab.nodes)).find((each) =>
      beatsOf(each) < (before.get(each.node) ?? 0) + count
    );
    return deaf === undefined || `${deaf.node} does not`;
  });
}

async function rotates(lab: Lab): Promise<void> {
  await createService(lab, NAME, "Cluster", lab.nodes);
  const owner = await ownerOf(lab, NAME);
  const ips = await addressesOf(lab, NAME);
  const [ip = ""] = ips;
  const probes = await startProbes(lab, { ip, by: "datagrams", everyMs: 5 });
  const before = harm(await askStatuses(lab.nodes));
  const old = await Deno.readTextFile(`${lab.memberSecret.path}/secretkey`);
  for (const { files, primary, accepted } of stepsFrom(old)) {
    await lab.memberSecret.replace(files);
    await allHave(lab, fingerprintsOf({ primary, accepted }));
    await hearMore(lab, 10);
  }
  assertEquals(harm(await askStatuses(lab.nodes)), before);
  await probes.steady();
  const { probes: sent, lost, recovered } = await probes.stop();
  console.error(`${ip}: ${lost} of ${sent} probes lost`);
  assert(recovered);
  assertEquals(lost, 0, `of ${sent} probes to ${ip}`);
  for (const each of ips) {
    assertEquals(lab.sightings.macOf(each), owner.plan.mac);
  }
}

/** Waits until all speakers are ready, and have remarks about the settings or none. */
async function allSay(lab: Lab, remark: RegExp | undefined): Promise<void> {
  const what = `all speakers say ${remark ?? "nothing"}`;
  await eventually(lab, what, async () => {
    const statuses = await askStatuses(lab.nodes);
    const other = statuses.find(({ ready, problems }) =>
      !ready || problems.length !== (remark === undefined ? 0 : 1) ||
      remark?.test(problems[0] ?? "") === false
    );
    return other === undefined || `${other.node} says "${other.problems}"`;
  });
}

/** MetalLB's ConfigMap is mounted into the same folder here. */
async function followsSettings(lab: Lab): Promise<void> {
  const mount = (config: Readonly<Record<string, unknown>>): Promise<void> =>
    lab.memberSecret.replace({
      "secretkey": NEW,
      "config.json": JSON.stringify(config),
    });
  await mount({ ...MEMBERLIST_CONFIG, ProbeInterval: "1" });
  await allSay(
    lab,
    /^members: .*config\.json .*: ProbeInterval is "1": it must/,
  );
  await mount({ ...MEMBERLIST_CONFIG, SuspicionMult: 3 });
  await allSay(lab, undefined);
  const node = lab.nodes.at(-1);
  assert(node);
  await node.kill(lab.dataPlane);
  await eventually(lab, `${node.name} is no member`, async () => {
    const members = (await askStatuses(lab.nodes)).map((each) => each.members);
    return members.every((each) => !each.includes(node.name)) || "it is";
  });
}

await reportChecks([
  ["next, primary, gone: nobody notices", rotates],
  ["wrong settings are told, right ones work", followsSettings],
]);
