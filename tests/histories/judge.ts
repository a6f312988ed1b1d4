/** What must be so whenever a cluster has settled. */
import type { Service } from "../../mod/kube/mod.ts";
import {
  formatIp,
  type Ip,
  parseIp,
  parsePrefix,
  type Prefix,
  prefixContains,
} from "../../mod/net/mod.ts";
import { addressesOf, mayShare } from "../roles/address_ledger.ts";
import type { PoolLayout } from "./actions.ts";

const POOL_ANNOTATION = "metallb.io/ip-allocated-from-pool";

/** The pools in force, by name. */
export type Pools = Readonly<Record<string, PoolLayout>>;

function annotation({ metadata }: Service, name: string): string {
  return metadata.annotations?.[name] ?? "";
}

function contains({ addresses }: PoolLayout, ip: Ip): boolean {
  return addresses.map(parsePrefix).some((one) => prefixContains(one, ip));
}

function addressesIn(prefix: Prefix): readonly Ip[] {
  const { family, value } = prefix.ip;
  const bits = (family === "IPv4" ? 32 : 128) - prefix.length;
  return Array.from(
    { length: 2 ** bits },
    (_, index): Ip => ({ family, value: value + BigInt(index) }),
  );
}

/** The addresses of a pool that nobody holds, as text. */
function freeIn(
  { addresses }: PoolLayout,
  family: string,
  held: ReadonlySet<string>,
): readonly string[] {
  return addresses.map(parsePrefix).filter(({ ip }) => ip.family === family)
    .flatMap(addressesIn).map(formatIp).filter((ip) => !held.has(ip));
}

function misplaced(service: Service, pools: Pools): string[] {
  const { name } = service.metadata;
  const pool = annotation(service, POOL_ANNOTATION);
  return addressesOf(service).flatMap((text) => {
    const layout = pools[pool];
    return layout !== undefined && contains(layout, parseIp(text))
      ? []
      : [`${name} holds ${text}, which is not in its pool "${pool}"`];
  });
}

/** Why a Service that lacks what it asks for should have it. */
function neglected(
  service: Service,
  pools: Pools,
  held: ReadonlySet<string>,
): string[] {
  const { spec, metadata } = service;
  const families = spec.ipFamilies ?? [];
  const wantedPool = annotation(service, "metallb.io/address-pool");
  const open = Object.entries(pools)
    .filter(([name]) => wantedPool === "" || name === wantedPool)
    .map(([, layout]) => layout);
  const wanted = spec.loadBalancerIP ?? "";
  if (wanted !== "") {
    const isFree = families.join() === parseIp(wanted).family &&
      !held.has(wanted) && open.some((one) => contains(one, parseIp(wanted)));
    return isFree
      ? [`${metadata.name} does not get ${wanted}, it is free`]
      : [];
  }
  // Of a preference one family may do.
  if (spec.ipFamilyPolicy === "PreferDualStack") return [];
  const source = open.find((one) =>
    families.every((family) => freeIn(one, family, held).length > 0)
  );
  return addressesOf(service).length > 0 || source === undefined
    ? []
    : [`${metadata.name} waits, ${source.addresses.join()} has addresses`];
}

function doubled(services: readonly Service[]): string[] {
  const holders = services.flatMap((service) =>
    addressesOf(service).map((ip) => ({ ip, service }))
  );
  return [...Map.groupBy(holders, ({ ip }) => ip)].flatMap(([ip, all]) =>
    all.flatMap(({ service }, index) =>
      all.slice(0, index).filter((other) => !mayShare(service, other.service))
        .map((other) =>
          `${ip} is held by ${other.service.metadata.name} and ` +
          service.metadata.name
        )
    )
  );
}

/**
 * Judges Services of the load balancer that have settled.
 *
 * @param services The Services.
 * @param pools The pools in force.
 * @returns What is wrong, one sentence each.
 */
export function judgeSettled(
  services: readonly Service[],
  pools: Pools,
): string[] {
  const held = new Set(services.flatMap(addressesOf));
  const wrong = services.flatMap((service) => {
    const { spec, metadata } = service;
    if (spec.type === "LoadBalancer") {
      return [
        ...misplaced(service, pools),
        ...neglected(service, pools, held),
      ];
    }
    const kept = addressesOf(service);
    return kept.length === 0 ? [] : [`${metadata.name} still holds ${kept}`];
  });
  return [...wrong, ...doubled(services)];
}
