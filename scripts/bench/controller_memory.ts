import { ControllerLab } from "./controller_lab.ts";
import type { Row } from "./figure.ts";

/** Services, and the memory that a controller may have with them, in MB. */
const LIMITS = [[1000, 120], [10_000, 250]] as const;
/** Time for collections after the last write, in ms. */
const SETTLING_MS = 3000;

/** Resident memory with many Services: after a backlog, and after a restart. */
export async function controllerMemory(): Promise<readonly Row[]> {
  await using lab = await ControllerLab.make();
  const rows: Row[] = [];
  const names: string[] = [];
  for (const [count, limit] of LIMITS) {
    const more = count - names.length;
    names.push(...await lab.create(`s${count}`, more));
    const backlog = await measure(lab, names);
    const restarted = await measure(lab, names);
    const value = Math.max(backlog, restarted);
    rows.push({
      name: `${count} Services`,
      values: { "after a backlog": backlog, "after a restart": restarted },
      bound: { value, limit, what: "MB" },
    });
  }
  return rows;
}

async function measure(
  lab: ControllerLab,
  names: readonly string[],
): Promise<number> {
  await using controller = lab.controller("bundled");
  await lab.served(names);
  await controller.until(
    "/metrics",
    ({ text }) =>
      text.includes("herald_leader 1\n") &&
      text.includes("herald_controller_queue_depth 0\n") &&
      text.includes("herald_controller_events_waiting 0\n") &&
      text.includes(`services_allocated_total{pool="p"} ${names.length}\n`),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  return await controller.residentMegabytes();
}
