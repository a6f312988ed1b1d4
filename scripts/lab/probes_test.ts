import { assertEquals } from "@std/assert";
import { measureOutage, type Outage, type Probe } from "./probes.ts";

/** One probe every 5 ms: "+" was answered 1 ms later, "-" was not. */
function series(marks: string): Probe[] {
  return [...marks].map((mark, index) => ({
    sentMs: index * 5,
    answeredMs: mark === "+" ? index * 5 + 1 : null,
  }));
}

const CASES: readonly (Outage & { name: string; marks: string })[] = [
  {
    name: "nothing sent",
    marks: "",
    probes: 0,
    lost: 0,
    outageMs: 0,
    recovered: false,
  },
  {
    name: "nothing lost",
    marks: "+++++",
    probes: 5,
    lost: 0,
    outageMs: 0,
    recovered: true,
  },
  {
    name: "one lost",
    marks: "++-++",
    probes: 5,
    lost: 1,
    outageMs: 10,
    recovered: true,
  },
  {
    name: "the longest gap counts, the losses add up",
    marks: "+-+---+-+",
    probes: 9,
    lost: 5,
    outageMs: 20,
    recovered: true,
  },
  {
    name: "not recovered",
    marks: "++----",
    probes: 6,
    lost: 4,
    outageMs: 20,
    recovered: false,
  },
  {
    name: "never answered",
    marks: "----",
    probes: 4,
    lost: 4,
    outageMs: 15,
    recovered: false,
  },
];

for (const { name, marks, ...expected } of CASES) {
  Deno.test(`measureOutage(): ${name}`, { permissions: "none" }, () => {
    assertEquals(measureOutage(series(marks)), expected);
  });
}
