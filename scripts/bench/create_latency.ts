import { ControllerLab, serviceNamed } from "./controller_lab.ts";
import { median, type Row } from "./figure.ts";

const SERVICES = 200;
const LIMIT = 2;

/** From the call that creates a Service to the address in its status. */
export async function createLatency(): Promise<readonly Row[]> {
  await using lab = await ControllerLab.make();
  await using controller = lab.controller("bundled");
  await controller.until("/readyz", ({ status }) => status === 200);
  const [created, served]: [number[], number[]] = [[], []];
  for (let index = 0; index < SERVICES; index++) {
    const name = `s-${index}`;
    const begun = performance.now();
    const address = lab.served([name]);
    await lab.send("POST", "", serviceNamed(name));
    created.push(performance.now() - begun);
    served.push(await address - begun);
  }
  const [bare, whole] = [median(created), median(served)];
  return [
    { name: "create call", values: { p50: bare } },
    {
      name: "create → address",
      values: { p50: whole, max: Math.max(...served) },
      bound: { value: whole / bare, limit: LIMIT, what: "p50 / create call" },
    },
  ];
}
