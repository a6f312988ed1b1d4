/** Collects what the API, the speakers, the LAN and the client say. */
import type { Service } from "../../mod/kube/mod.ts";
import { collection } from "./api.ts";
import type { Lab } from "./lab.ts";
import { neighbours } from "./network_driver.ts";
import { SERVICE_NAMESPACE, type ServicePlan } from "./objects.ts";
import type { ServiceStatus } from "../../speaker/status.ts";
import { faultsOf, type ServiceFacts } from "./outcome.ts";
import { type Agreement, askSpeakers } from "./speaker_status.ts";
import { SERVICE_HTTP_PORT } from "./topology.ts";
import { forEachOf, lookEvery, patience, until } from "./waiting.ts";

/** Requests that the client has under way at a time. */
const CONCURRENT = 32;
/** Time that one HTTP request may take. */
const HTTP_TIMEOUT_MS = 400;

interface HttpFacts {
  readonly ok: boolean;
  readonly answer: string;
}

/** The addresses of all Services, by name. */
export async function serviceAddresses(
  lab: Lab,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { items } = await lab.api.list<Service>(
    collection("v1", "services", SERVICE_NAMESPACE),
  );
  return new Map(items.map(({ metadata, status }) => [
    metadata.name,
    (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []),
  ]));
}

async function fetchFrom(lab: Lab, host: string): Promise<HttpFacts> {
  const result = await lab.client.ask<"http">({
    kind: "http",
    host,
    port: SERVICE_HTTP_PORT,
    timeoutMs: HTTP_TIMEOUT_MS,
  });
  if (!result.ok) return { ok: false, answer: `${host}: ${result.error}` };
  const { pod, client } = result.answer;
  const own = [lab.topology.lan.client.v4, lab.topology.lan.client.v6];
  const kept = own.includes(client) ? " (source kept)" : "";
  return { ok: true, answer: `${pod}${kept}` };
}

async function fetchAll(
  lab: Lab,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, HttpFacts>> {
  const results = new Map<string, HttpFacts>();
  const fetchOne = async (host: string): Promise<void> => {
    results.set(host, await fetchFrom(lab, host));
  };
  await forEachOf(hosts, fetchOne, CONCURRENT);
  return results;
}

/** The one MAC address of several addresses; null when they are not at one. */
function commonMac(
  ips: readonly string[],
  table: ReadonlyMap<string, string>,
): string | null {
  const macs = new Set(ips.map((ip) => table.get(ip) ?? null));
  const [only] = macs;
  return macs.size === 1 ? only ?? null : null;
}

interface Sources {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly agreement: Agreement;
  readonly http: ReadonlyMap<string, HttpFacts>;
  readonly neighbours: ReadonlyMap<string, string>;
}

function combine(
  lab: Lab,
  { name, note }: ServicePlan,
  sources: Sources,
): ServiceFacts {
  const ips = sources.addresses.get(name) ?? [];
  const status = sources.agreement.kind === "agreed"
    ? sources.agreement.services.get(`${SERVICE_NAMESPACE}/${name}`)
    : undefined;
  const owner = status?.owner ?? null;
  const answers = ips.map((ip) => sources.http.get(ip));
  const failed = answers.find((each) => each?.ok !== true);
  return {
    name,
    note,
    ips,
    owner,
    standbys: status?.standbys ?? [],
    why: status?.order ?? [],
    excluded: status?.excluded ?? [],
    clientMac: commonMac(ips, sources.neighbours),
    ownerMac: lab.topology.nodes.find((node) => node.name === owner)?.mac ??
      null,
    http: ips.length > 0 && failed === undefined,
    answer: (failed ?? answers.at(-1))?.answer ?? "it has no address",
  };
}

/**
 * Looks at all Services once. The client's requests make it resolve the
 * addresses; only then its neighbour table says something.
 *
 * @param lab The lab.
 * @returns The facts in the order of the Services, and whether the speakers agree.
 */
export async function collectFacts(
  lab: Lab,
): Promise<{
  readonly agreement: Agreement;
  readonly services: readonly ServiceFacts[];
}> {
  const addresses = await serviceAddresses(lab);
  const http = await fetchAll(lab, [...addresses.values()].flat());
  const [agreement, table] = await Promise.all([
    askSpeakers(lab.nodes),
    neighbours("client"),
  ]);
  const sources = { addresses, agreement, http, neighbours: table };
  return {
    agreement,
    services: lab.services.map((plan) => combine(lab, plan, sources)),
  };
}

/** The processes whose logs explain why the facts are not as they should be. */
export function suspects(lab: Lab): Lab["controller"][] {
  const speakers = lab.nodes.flatMap(({ speaker }) => speaker ?? []);
  return [lab.controller, ...speakers, ...lab.dataPlane.processes];
}

/** Where a Service is, and who may have it. */
type Place = Pick<ServiceFacts, "name" | "owner" | "why">;

function placeOf({ service, owner, order }: ServiceStatus): Place {
  return { name: service, owner, why: order };
}

/**
 * The Services that are not where they belong: speakers that start together may
 * own them in another order for a moment, and give them back.
 */
function misplaced(lab: Lab, services: readonly Place[]): string[] {
  const up = new Set(
    lab.nodes.filter((node) => node.up).map(({ name }) => name),
  );
  return services.flatMap(({ name, owner, why }) => {
    const first = why.find(({ node }) => up.has(node))?.node ?? null;
    return owner === first
      ? []
      : [`"${name}" is at ${owner ?? "no node"}, not at ${first}`];
  });
}

/**
 * Waits until the speakers agree, every Service is at the first of its order,
 * the client resolves every owner's MAC address and every Service answers.
 *
 * @param lab The lab.
 * @param what When that should be, for the message.
 * @param faults What more must hold: says what is wrong with the facts.
 * @returns The facts.
 * @throws {CheckError} With the first fault.
 */
export async function settle(
  lab: Lab,
  what: string,
  faults: (facts: readonly ServiceFacts[]) => readonly string[] = () => [],
): Promise<readonly ServiceFacts[]> {
  let facts: readonly ServiceFacts[] = [];
  await until({
    what,
    timeoutMs: patience(lab.nodes.length, lab.services.length),
    everyMs: lookEvery(lab.services.length, 100),
    suspects: suspects(lab),
    look: async () => {
      // Nobody need ask every address before the speakers say that all is well.
      const early = await askSpeakers(lab.nodes);
      if (early.kind === "open") return early.why;
      const [stray] = misplaced(lab, [...early.services.values()].map(placeOf));
      if (stray !== undefined) return stray;
      const { agreement, services } = await collectFacts(lab);
      facts = services;
      if (agreement.kind === "open") return agreement.why;
      const found = [
        ...services.flatMap(faultsOf),
        ...misplaced(lab, services),
        ...faults(services),
      ];
      return found[0] ?? true;
    },
  });
  return facts;
}
