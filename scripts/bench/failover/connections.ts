/** What new connections meet with when a node with Pods dies. */
import type { Probe } from "../../lab/probes.ts";
import { wallClock } from "../../lab/history.ts";
import { SERVICE_HTTP_PORT } from "../../lab/topology.ts";
import { pause } from "../../lab/waiting.ts";
import { rulesFollow, setEndpoints } from "../../lab/workload.ts";
import { soon, type World } from "./world.ts";

/** How long is looked at, in milliseconds. */
const WINDOW_MS = 60_000;
/**
 * After so long without a word from the kubelet the node lifecycle controller
 * takes a node's Pods out of the endpoints: the default of
 * `--node-monitor-grace-period` in Kubernetes 1.36.
 */
const GRACE_MS = 50_000;
/** A new connection so often. */
const EVERY_MS = 20;

function share(probes: readonly Probe[]): number {
  const failed = probes.filter(({ answeredMs }) => answeredMs === null);
  return probes.length === 0 ? 0 : 100 * failed.length / probes.length;
}

/** Node death with a Pod on every node; the owner's Pod stays an endpoint for a while. */
export async function connections(
  world: World,
): Promise<Readonly<Record<string, number>>> {
  const { lab, ip, owner } = world;
  const [plan] = lab.services;
  if (plan === undefined) return {};
  await setEndpoints(lab, plan, lab.nodes);
  // The rules follow within a second; what comes of it is the reason to be here.
  await pause(2000);
  await lab.client.ask<"startProbes">({
    ...{ kind: "startProbes", by: "connections", host: ip },
    ...{ port: SERVICE_HTTP_PORT, everyMs: EVERY_MS },
  });
  await pause(2000);
  const taken = lab.sightings.next(ip, owner.plan.mac);
  const killedMs = wallClock();
  await owner.kill(lab.dataPlane);
  const { atMs } = await soon(world, "somebody takes over", taken);
  await pause(killedMs + GRACE_MS - wallClock());
  const left = lab.nodes.filter((node) => node !== owner);
  await setEndpoints(lab, plan, left);
  const removedMs = wallClock();
  await rulesFollow(lab, plan, left);
  const followMs = wallClock();
  await pause(killedMs + WINDOW_MS - wallClock());
  const { probes } = await lab.client.ask<"stopProbes">({ kind: "stopProbes" });
  const between = (from: number, to: number): number =>
    share(probes.filter(({ sentMs }) => sentMs >= from && sentMs < to));
  return {
    failed: between(killedMs, killedMs + WINDOW_MS),
    beforeTakeOver: between(killedMs, atMs),
    beforeRemoval: between(atMs, followMs),
    afterRemoval: between(followMs, killedMs + WINDOW_MS),
    rulesMs: followMs - removedMs,
  };
}
