import { ControllerLab, type Variant } from "./controller_lab.ts";
import { median, type Row } from "./figure.ts";

const SERVICES = 200;
const ROUNDS = 5;
const LIMIT_MS = 1500;

/** From the start of the process to the address of a Service that waits. */
export async function controllerStart(): Promise<readonly Row[]> {
  await using lab = await ControllerLab.make();
  const names = await lab.create("s", SERVICES);
  {
    await using _first = lab.controller("bundled");
    await lab.served(names);
  }
  const rows: Row[] = [];
  for (const variant of ["bundled", "from source"] as const) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      times.push(await startOnce(lab, variant, round));
    }
    const value = median(times);
    rows.push({
      name: variant,
      values: { p50: value, max: Math.max(...times) },
      bound: { value, limit: LIMIT_MS, what: "ms" },
    });
  }
  return rows;
}

async function startOnce(
  lab: ControllerLab,
  variant: Variant,
  round: number,
): Promise<number> {
  const prefix = `wait-${variant.replace(" ", "-")}-${round}`;
  const names = await lab.create(prefix, 1);
  const begun = performance.now();
  await using _controller = lab.controller(variant);
  return await lab.served(names) - begun;
}
