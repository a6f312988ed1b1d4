/** Watches who holds which address, and whether anybody ever may not. */
import {
  type Change,
  type KubeClient,
  Reflector,
  type Service,
  SERVICES,
} from "../../mod/kube/mod.ts";
import { parsePrefix, prefixContains, tryParseIp } from "../../mod/net/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";

/** The addresses of a Service's status. */
export function addressesOf(service: Service): readonly string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  return ingress.map(({ ip }) => ip ?? "");
}

function ports({ spec }: Service): readonly number[] {
  return (spec.ports ?? []).map(({ port }) => port);
}

function sharingKey({ metadata }: Service): string {
  return metadata.annotations?.["metallb.io/allow-shared-ip"] ?? "";
}

/** Whether two Services of traffic policy Cluster may hold one address. */
export function mayShare(a: Service, b: Service): boolean {
  const key = sharingKey(a);
  return key !== "" && key === sharingKey(b) &&
    !ports(a).some((port) => ports(b).includes(port));
}

/** Follows all Services of a cluster. */
export class AddressLedger {
  /** What ever was wrong, one sentence each. */
  readonly violations: string[] = [];
  readonly #reflector: Reflector<Service>;
  readonly #holders = new Map<string, Map<string, Service>>();
  readonly #pools;
  readonly #mayShare: (a: Service, b: Service) => boolean;
  readonly #waiting = new Set<() => void>();

  /**
   * Follows nothing yet.
   *
   * @param client Where the Services are.
   * @param pools The prefixes that addresses may be of.
   * @param rule Whether two Services may hold one address.
   */
  constructor(
    client: KubeClient,
    pools: readonly string[],
    rule: (a: Service, b: Service) => boolean = mayShare,
  ) {
    this.#pools = pools.map(parsePrefix);
    this.#mayShare = rule;
    this.#reflector = new Reflector(client, SERVICES, {
      clock: SYSTEM_CLOCK,
      random: Math.random,
      onChange: (changes) => {
        for (const change of changes) this.#enter(change);
        for (const wake of this.#waiting) wake();
      },
    });
  }

  /** All Services by key. */
  get services(): ReadonlyMap<string, Service> {
    return this.#reflector.store;
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.start(signal);
  }

  /** Waits until the Services are as wanted; looks after every change. */
  async until(
    isReached: (services: ReadonlyMap<string, Service>) => boolean,
  ): Promise<void> {
    await this.#reflector.synced;
    while (!isReached(this.services)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  #enter(change: Change<Service>): void {
    const { key, object } = change;
    const before = change.type === "MODIFIED" ? change.previous : object;
    for (const ip of addressesOf(before)) this.#holders.get(ip)?.delete(key);
    if (change.type === "DELETED") return;
    for (const ip of addressesOf(object)) this.#hold(ip, key, object);
  }

  #hold(ip: string, key: string, service: Service): void {
    const holders = this.#holders.get(ip) ?? new Map<string, Service>();
    this.#holders.set(ip, holders);
    for (const [other, holder] of holders) {
      if (this.#mayShare(service, holder)) continue;
      this.violations.push(`${ip} is held by ${other} and by ${key}`);
    }
    holders.set(key, service);
    const parsed = tryParseIp(ip);
    const isInside = parsed !== undefined &&
      this.#pools.some((prefix) => prefixContains(prefix, parsed));
    if (!isInside) this.violations.push(`${ip} of ${key} is in no pool`);
  }
}
