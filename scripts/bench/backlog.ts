import { EVENTS } from "../../mod/kube/mod.ts";
import { ControllerLab } from "./controller_lab.ts";
import type { Row } from "./figure.ts";

const SERVICES = 1000;
/** A rate of 0.7 of the bare client's. */
const RATE_LIMIT = 1 / 0.7;
const SETTLED_LIMIT = 3;
const WRITES_LIMIT = 2.1;
/** Milliseconds between two looks at what is not watched. */
const LOOK_INTERVAL = 50;

/** A backlog of Services, made while no controller runs, against bare PUTs. */
export async function backlog(): Promise<readonly Row[]> {
  await using lab = await ControllerLab.make();
  const bare = await lab.bareTime(SERVICES);
  const names = await lab.create("s", SERVICES);
  const writesBefore = await writes(lab);
  const started = performance.now();
  await using _controller = lab.controller("bundled");
  const first = await lab.begun(names);
  const last = await lab.served(names);
  const settled = await eventsAre(lab, SERVICES);
  const written = await writes(lab) - writesBefore;
  const took = last - first;
  return [
    { name: "bare PUTs", values: { ms: bare, "per s": perSecond(bare) } },
    {
      name: "controller",
      values: {
        ms: took,
        "per s": perSecond(took),
        "from its start": last - started,
      },
      bound: { value: took / bare, limit: RATE_LIMIT, what: "time / bare" },
    },
    {
      name: "all settled",
      values: { ms: settled - first },
      bound: {
        value: (settled - first) / (bare * written / SERVICES),
        limit: SETTLED_LIMIT,
        what: "time / bare time of as many writes",
      },
    },
    {
      name: "writes",
      values: { all: written },
      bound: {
        value: written / SERVICES,
        limit: WRITES_LIMIT,
        what: "per Service",
      },
    },
  ];
}

function perSecond(ms: number): number {
  return SERVICES / ms * 1000;
}

async function eventsAre(lab: ControllerLab, count: number): Promise<number> {
  for (;;) {
    const page = await lab.cluster.client.list(EVENTS, {
      fieldSelector: "reason=IPAllocated",
      limit: count,
    });
    if (page.items.length >= count) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}

/** Writes that the API server has counted so far, the nodes' and its own left out. */
async function writes(lab: ControllerLab): Promise<number> {
  const answer = await lab.cluster.plane.fetch("/metrics");
  const text = await answer.text();
  const line =
    /^apiserver_request_total\{.*resource="(?:services|events|ipaddresspools|configurationstates)".*verb="(?:POST|PUT|PATCH)".*\} (\d+)$/gm;
  let total = 0;
  for (const [, count] of text.matchAll(line)) total += Number(count);
  return total;
}
