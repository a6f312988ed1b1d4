/** What speakers do wrong while the machine is busy and nothing happens. */
import { suspects } from "../../lab/facts.ts";
import { pause } from "../../lab/waiting.ts";
import { askStatus, stallsIn } from "../../lab/speaker_status.ts";
import { CheckError } from "../../lab/waiting.ts";
import type { World } from "./world.ts";

/** One busy loop for each core, until it is disposed of. */
function busyCores(): Disposable {
  const loops = Array.from(
    { length: navigator.hardwareConcurrency },
    () =>
      new Deno.Command("sh", {
        args: ["-c", "while :; do :; done"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn(),
  );
  return {
    [Symbol.dispose]: () => {
      for (const loop of loops) loop.kill("SIGKILL");
    },
  };
}

/** What all speakers say of themselves, summed up. */
async function look(
  { lab }: World,
): Promise<{ readonly stalls: number; readonly realTime: number }> {
  const found = await Promise.all(
    lab.nodes.map(askStatus),
  );
  const statuses = found.filter((status) => status !== undefined);
  const inClass = statuses.filter(({ worker }) =>
    worker.schedulingClass === "roundRobin"
  );
  const stalls = statuses.reduce((sum, each) => sum + stallsIn(each), 0);
  return { stalls, realTime: inClass.length };
}

/**
 * Keeps all cores busy and counts how often the address is announced by
 * another node than before: each time one took over that had no cause, and
 * each time it went back.
 */
export async function loaded(
  world: World,
): Promise<Readonly<Record<string, number>>> {
  const { lab, ip, owner, minutes } = world;
  let takeOvers = 0;
  let last = owner.plan.mac;
  const end = lab.sightings.listen((seen) => {
    if (seen.kind !== "announcement" || seen.ip !== ip) return;
    if (seen.mac !== last && seen.mac !== owner.plan.mac) takeOvers += 1;
    last = seen.mac;
  });
  const before = await look(world);
  try {
    using _busy = busyCores();
    await pause(minutes * 60_000);
  } finally {
    end();
  }
  const dead = suspects(lab).find(({ died }) => died);
  if (dead !== undefined) throw new CheckError(`"${dead.name}" ended`, [dead]);
  const { stalls, realTime } = await look(world);
  return { takeOvers, stalls: stalls - before.stalls, realTime, minutes };
}
