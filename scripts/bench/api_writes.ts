import {
  L2_ADVERTISEMENTS,
  SERVICE_L2_STATUSES,
} from "../../mod/config/mod.ts";
import {
  ENDPOINT_SLICES,
  EVENTS,
  type KubeObject,
  NODES,
  type Resource,
} from "../../mod/kube/mod.ts";
import { SYSTEM_NAMESPACE } from "../../tests/controller_cluster.ts";
import { sliceOf } from "../../tests/endpoint_slices.ts";
import { NetworkNamespace } from "../../tests/network_namespace.ts";
import { ControllerLab } from "./controller_lab.ts";
import type { Row } from "./figure.ts";
import { startSpeaker } from "./real_speaker.ts";

const SERVICES = 300;
const SPEAKERS = ["node-a", "node-b", "node-c"];
/** What a Service costs at most, whoever writes. */
const LIMIT = 5;
/** Writes that are timed for comparison. */
const BARE_WRITES = 1000;
/** How many times the bare time all writes may take together. */
const SETTLED_LIMIT = 3;
/** Milliseconds between two looks at what is not watched. */
const LOOK_INTERVAL = 500;

/** Kinds that are written for each Service; the rest is for the roles themselves. */
const PER_SERVICE = new Set(["services", "events", "servicel2statuses"]);

/** Writes of the controller and three speakers until everything about all Services is told. */
export async function apiWrites(): Promise<readonly Row[]> {
  using namespace = NetworkNamespace.enter();
  namespace.wire("eth0", "peer");
  await using lab = await ControllerLab.make();
  const bare = await lab.bareTime(BARE_WRITES);
  await furnish(lab);
  await using speakers = new AsyncDisposableStack();
  for (const node of SPEAKERS) {
    const speaker = speakers.use(startSpeaker(lab, node));
    await speaker.until("/readyz", ({ status }) => status === 200);
  }
  await lab.create("s", SERVICES);
  const before = await writes(lab);
  await using _controller = lab.controller("bundled");
  const begun = performance.now();
  await settled(lab);
  const took = performance.now() - begun;
  const after = await writes(lab);
  const made = new Map(
    [...after].map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)]),
  );
  const sum = (isCounted: (kind: string) => boolean): number =>
    [...made].filter(([kind]) => isCounted(kind))
      .reduce((total, [, count]) => total + count, 0);
  const perService = sum((kind) => PER_SERVICE.has(kind));
  return [
    { name: "by kind", values: Object.fromEntries(made) },
    {
      name: "for the roles",
      values: { all: sum((kind) => !PER_SERVICE.has(kind)) },
    },
    {
      name: "settled",
      values: { ms: took, "bare writes per s": BARE_WRITES / bare * 1000 },
      bound: {
        value: took / (bare * perService / BARE_WRITES),
        limit: SETTLED_LIMIT,
        what: "time from the controller's start / bare time of as many writes",
      },
    },
    {
      name: "for Services",
      values: { all: perService },
      bound: {
        value: perService / SERVICES,
        limit: LIMIT,
        what: "per Service, controller and three speakers",
      },
    },
  ];
}

/** Nodes, an advertisement, and a Pod behind every Service that is to come. */
async function furnish(lab: ControllerLab): Promise<void> {
  const { client } = lab.cluster;
  for (const name of SPEAKERS) {
    await client.create(NODES, { metadata: { name } });
  }
  await client.create(L2_ADVERTISEMENTS, {
    metadata: { name: "l2", namespace: SYSTEM_NAMESPACE },
    // The other end of the cable is there too.
    spec: { interfaces: ["eth0"] },
  });
  const indexes = Array.from({ length: SERVICES }, (_, index) => index);
  await lab.each(indexes, async (index) => {
    await client.create(ENDPOINT_SLICES, sliceOf(`s-${index}`, "node-a"));
  });
}

/** Waits until every Service has a status object that says something, and both Events. */
async function settled(lab: ControllerLab): Promise<void> {
  for (;;) {
    const statuses = await count(lab, SERVICE_L2_STATUSES, isStated);
    const given = await count(lab, EVENTS, of("IPAllocated"));
    const assigned = await count(lab, EVENTS, of("nodeAssigned"));
    if ([statuses, given, assigned].every((each) => each >= SERVICES)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}

function isStated({ status }: KubeObject & { readonly status?: unknown }) {
  return typeof status === "object" && status !== null && "node" in status;
}

function of(reason: string): (event: { readonly reason: string }) => boolean {
  return (event) => event.reason === reason;
}

async function count<T extends KubeObject>(
  lab: ControllerLab,
  resource: Resource<T>,
  isCounted: (object: T) => boolean,
): Promise<number> {
  const { items } = await lab.cluster.client.list(resource, { limit: 5000 });
  return items.filter(isCounted).length;
}

/** Writes that the API server has counted so far, by the kind in URLs. */
async function writes(
  lab: ControllerLab,
): Promise<ReadonlyMap<string, number>> {
  const answer = await lab.cluster.plane.fetch("/metrics");
  const text = await answer.text();
  const line =
    /^apiserver_request_total\{(.*\bresource="([a-z0-9]+)".*verb="(?:POST|PUT|PATCH|DELETE)".*)\} (\d+)$/gm;
  const found = new Map<string, number>();
  for (const [, labels = "", kind = "", times] of text.matchAll(line)) {
    // What the server writes for itself.
    const isOurs = PER_SERVICE.has(kind) ||
      ["ipaddresspools", "configurationstates", "leases"].includes(kind);
    if (!isOurs || labels.includes('dry_run="All"')) continue;
    found.set(kind, (found.get(kind) ?? 0) + Number(times));
  }
  return found;
}
