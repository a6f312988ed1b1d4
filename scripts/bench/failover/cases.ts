/** What happens to the nodes, and what is measured then. */
import { wallClock } from "../../lab/history.ts";
import { startProbes } from "../../lab/measurement.ts";
import { LAN_BRIDGE, lanPort } from "../../lab/network.ts";
import { run } from "../../lab/process.ts";
import { pause, until } from "../../lab/waiting.ts";
import { answeringWhile } from "./faults.ts";
import { idle } from "./idle.ts";
import { connections } from "./connections.ts";
import { loaded } from "./loaded.ts";
import { drained, excluded, preferred, returned } from "./maintenance.ts";
import type { CaseName } from "./protocol.ts";
import { ready, soon, watch, type World } from "./world.ts";

/** What one run measured, by name; times in milliseconds. */
export type Values = Readonly<Record<string, number>>;

const PROBES = { by: "datagrams", everyMs: 5 } as const;
/** How long a fault lasts that is over after a while. */
const FAULT_MS = 1500;
/** How long is watched what comes after it. */
const AFTERMATH_MS = 2500;
/**
 * How long, when the owner is to get its address back then: longer than every
 * bound, shorter than the hold time, for a hand-back is another case.
 */
const BEFORE_HAND_BACK_MS = 900;

/** Node death: the owner's processes are killed and its links go down. */
async function death(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const probes = await startProbes(lab, { ...PROBES, ip });
  const claim = lab.sightings.next(ip, owner.plan.mac);
  const killedMs = wallClock();
  await owner.kill(lab.dataPlane);
  const { atMs } = await soon(world, "somebody takes over", claim);
  await probes.steady();
  const { outageMs, lost } = await probes.stop();
  return { outageMs, announcedMs: atMs - killedMs, lost };
}

/** The owner's speaker is killed, its node lives. */
async function killed(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const probes = await startProbes(lab, { ...PROBES, ip });
  const claim = lab.sightings.next(ip, owner.plan.mac);
  const killedMs = wallClock();
  await owner.speaker?.stop();
  const { atMs } = await soon(world, "somebody takes over", claim);
  await probes.steady();
  const { lost } = await probes.stop();
  // The client goes on with the node that it knows: it forwards still.
  return { announcedMs: atMs - killedMs, lost };
}

/** The owner's speaker ends by SIGTERM and is started again. */
async function restart(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const probes = await startProbes(lab, { ...PROBES, ip });
  const handedOver = lab.sightings.next(ip, owner.plan.mac);
  const toldMs = wallClock();
  await owner.speaker?.stop("SIGTERM");
  const exitMs = wallClock() - toldMs;
  const { atMs, mac } = await soon(world, "it is handed over", handedOver);
  await probes.steady();
  const away = await probes.stop();
  const again = await startProbes(lab, { ...PROBES, ip });
  const handedBack = lab.sightings.next(ip, mac);
  owner.startSpeaker();
  await ready(owner);
  await soon(world, "it is handed back", handedBack);
  await again.steady();
  const back = await again.stop();
  return {
    lost: away.lost + back.lost,
    announcedMs: atMs - toldMs,
    exitMs,
  };
}

/** The owner's speaker stands still past the take-over, then goes on. */
async function paused(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const pid = owner.speaker?.pid ?? 0;
  const seen = await watch(world);
  const claim = lab.sightings.next(ip, owner.plan.mac);
  Deno.kill(pid, "SIGSTOP");
  await soon(world, "somebody takes over", claim);
  await pause(FAULT_MS);
  const resumedMs = wallClock();
  Deno.kill(pid, "SIGCONT");
  await pause(BEFORE_HAND_BACK_MS);
  const stray = seen.answers.filter(({ mac, atMs }) =>
    mac === owner.plan.mac && atMs >= resumedMs
  );
  const { twoMs } = await seen.stop();
  return { twoMs, strayAnswers: stray.length };
}

/** The owner's cable leads nowhere for a while; its carrier stays. */
async function partition(world: World): Promise<Values> {
  const { lab, ip, owner } = world;
  const port = lanPort(owner.name);
  const seen = await watch(world);
  const claim = lab.sightings.next(ip, owner.plan.mac);
  await run(["ip", "link", "set", port, "nomaster"]);
  await soon(world, "somebody takes over", claim);
  await pause(FAULT_MS);
  await run(["ip", "link", "set", port, "master", LAN_BRIDGE]);
  const healedMs = wallClock();
  await pause(BEFORE_HAND_BACK_MS);
  const { twoMs, lastTwoMs } = await seen.stop();
  return { healMs: Math.max(0, lastTwoMs - healedMs), twoMs };
}

/** The nodes do not hear each other's IP for a while; ARP passes. */
function cut(world: World): Promise<Values> {
  return answeringWhile(world, FAULT_MS * 2, AFTERMATH_MS);
}

/** Node death with many addresses; a third of them is on the dead node. */
async function many(world: World): Promise<Values> {
  const { lab, owner, facts } = world;
  const lost = facts.filter((each) => each.owner === owner.name);
  const open = new Set(lost.flatMap(({ ips }) => ips));
  const count = open.size;
  const times: number[] = [];
  const end = lab.sightings.listen(({ kind, ip, mac, atMs }) => {
    if (kind !== "announcement" || mac === owner.plan.mac) return;
    if (open.delete(ip)) times.push(atMs);
  });
  const killedMs = wallClock();
  await owner.kill(lab.dataPlane);
  await until({
    what: "every address of the dead node is announced by another",
    timeoutMs: 15_000,
    suspects: [],
    look: () => open.size === 0 || `${open.size} of ${count} are not`,
  });
  end();
  return {
    firstMs: Math.min(...times) - killedMs,
    lastMs: Math.max(...times) - killedMs,
    addresses: count,
  };
}

/** All cases. */
export const CASES: Readonly<
  Record<CaseName, (world: World) => Promise<Values>>
> = {
  ...{ death, killed, restart, paused, partition, cut, many, idle },
  ...{ drained, returned, preferred, excluded },
  ...{ loaded, loadedRealTime: loaded, connections },
};
