/** What people do to nodes on purpose: no probe may be lost. */
import { DRAIN_ANNOTATION, EXCLUDE_LABEL } from "../../../mod/config/mod.ts";
import { collection } from "../../lab/api.ts";
import { wallClock } from "../../lab/history.ts";
import { startProbes } from "../../lab/measurement.ts";
import { SYSTEM_NAMESPACE } from "../../lab/objects.ts";
import type { TimedSighting } from "../../lab/sighting.ts";
import { nodeNamed } from "../../lab/workload.ts";
import { soon, type World } from "./world.ts";

type Values = Readonly<Record<string, number>>;

const PROBES = { by: "datagrams", everyMs: 5 } as const;
const NODES = collection("v1", "nodes");
const ADVERTISEMENTS = collection(
  "metallb.io/v1beta1",
  "l2advertisements",
  SYSTEM_NAMESPACE,
);
/** Label of the node that is preferred. */
const PREFERRED = "lab.herald-lb.io/preferred";

/** Waits until the owner announces the address. */
function announcedByOwner({ lab, ip, owner }: World): Promise<TimedSighting> {
  return new Promise((resolve) => {
    const end = lab.sightings.listen((seen) => {
      if (seen.kind !== "announcement" || seen.ip !== ip) return;
      if (seen.mac !== owner.plan.mac) return;
      end();
      resolve(seen);
    });
  });
}

/**
 * Makes the address move by a change of the API, and back by its end, while
 * the client probes.
 */
async function thereAndBack(
  world: World,
  change: () => Promise<void>,
  undo: () => Promise<void>,
): Promise<Values> {
  const { lab, ip, owner } = world;
  const probes = await startProbes(lab, { ...PROBES, ip });
  const given = lab.sightings.next(ip, owner.plan.mac);
  const changedMs = wallClock();
  try {
    await change();
    const { atMs } = await soon(world, "it is handed over", given);
    await probes.steady();
    const back = announcedByOwner(world);
    const undoneMs = wallClock();
    await undo();
    const { atMs: backMs } = await soon(world, "it is handed back", back);
    await probes.steady();
    const { lost } = await probes.stop();
    return { lost, awayMs: atMs - changedMs, backMs: backMs - undoneMs };
  } finally {
    // The next run begins without it, whatever became of this one.
    await undo();
  }
}

/** Merges into the metadata of a Node. */
function annotate(
  { lab }: World,
  node: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<void> {
  return lab.api.merge(`${NODES}/${node}`, { metadata });
}

/** The owner is drained by its annotation, as `main.ts drain` does it, and takes part again. */
export function drained(world: World): Promise<Values> {
  const set = (value: string | null) => () =>
    annotate(world, world.owner.name, {
      annotations: { [DRAIN_ANNOTATION]: value },
    });
  return thereAndBack(world, set("true"), set(null));
}

/** The owner is excluded by its label, and no more. */
export function excluded(world: World): Promise<Values> {
  const set = (value: string | null) => () =>
    annotate(world, world.owner.name, {
      labels: { [EXCLUDE_LABEL]: value },
    });
  return thereAndBack(world, set(""), set(null));
}

/** The advertisement prefers another node, and no more. */
export async function preferred(world: World): Promise<Values> {
  const { lab, facts } = world;
  const heir = nodeNamed(lab, facts[0]?.standbys[0]);
  await annotate(world, heir.name, { labels: { [PREFERRED]: "yes" } });
  const preference = { matchLabels: { [PREFERRED]: "yes" } };
  const set = (preferredNodeSelectors: readonly unknown[] | null) => () =>
    lab.api.merge(`${ADVERTISEMENTS}/lab`, {
      spec: { preferredNodeSelectors },
    });
  return await thereAndBack(
    world,
    set([{ weight: 100, preference }]),
    set(null),
  );
}

/** A dead node boots, and gets its address back. */
export async function returned(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const taken = lab.sightings.next(ip, owner.plan.mac);
  await owner.kill(lab.dataPlane);
  await soon(world, "somebody takes over", taken);
  const probes = await startProbes(lab, { ...PROBES, ip });
  const back = announcedByOwner(world);
  const bootedMs = wallClock();
  await owner.start(lab.dataPlane);
  const { atMs } = await soon(world, "it is handed back", back);
  await probes.steady();
  const { lost } = await probes.stop();
  return { lost, backMs: atMs - bootedMs };
}
