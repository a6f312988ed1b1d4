/** Cluster IPs and node ports: what the Services of the store hold, and what is free. */
import { arrayOr, type JsonObject, objectOr, strings } from "./json.ts";
import type { ApiObject } from "./object.ts";

/** The two address families, in the order in which a dual-stack Service gets them. */
export type Family = "IPv4" | "IPv6";

/** Where cluster IPs come from: an IPv4 `/16` and an IPv6 `/112`, in canonical text. */
export interface ServiceRanges {
  /** For example `"10.96.0.0/16"`. */
  readonly IPv4: string;
  /** For example `"fd00:10:96::/112"`. */
  readonly IPv6: string;
}

const FIRST_NODE_PORT = 30_000;
const NODE_PORTS = 2_768;
/** The first address of a range belongs to the server's own Service. */
const FIRST_HOST = 2;
const HOSTS = 65_534;

function rangePrefix(ranges: ServiceRanges, family: Family): string {
  const pattern = family === "IPv4"
    ? /^(\d{1,3}\.\d{1,3})\.0\.0\/16$/
    : /^([0-9a-f:]+::)\/112$/;
  const prefix = pattern.exec(ranges[family])?.[1];
  if (prefix !== undefined) return prefix;
  throw new RangeError(
    `Cannot use "${
      ranges[family]
    }" as the ${family} Service range: it must be ${
      family === "IPv4" ? "A.B.0.0/16" : "PREFIX::/112"
    }`,
  );
}

/** Node ports of a Service's specification, the health check's among them. */
function portsOf(spec: JsonObject): number[] {
  const ports = arrayOr(spec.ports).map((port) => objectOr(port).nodePort);
  return [...ports, spec.healthCheckNodePort]
    .filter((port) => typeof port === "number");
}

function addressesOf(spec: JsonObject): string[] {
  return strings(spec.clusterIPs).filter((ip) => ip !== "None");
}

/** Hands out the lowest free values after the last one given, so that names come back late. */
export class ServiceAllocations {
  readonly #prefixes: Readonly<Record<Family, string>>;
  readonly #addresses = new Set<string>();
  readonly #ports = new Set<number>();
  readonly #next: Record<Family | "port", number> = {
    IPv4: 0,
    IPv6: 0,
    port: 0,
  };

  /** Starts with everything free. Throws `RangeError` for ranges of another size. */
  constructor(ranges: ServiceRanges) {
    this.#prefixes = {
      IPv4: rangePrefix(ranges, "IPv4"),
      IPv6: rangePrefix(ranges, "IPv6"),
    };
    this.#addresses.add(`${this.#prefixes.IPv4}.0.1`);
  }

  /** Takes what a stored Service holds. */
  claim(service: ApiObject): void {
    const spec = objectOr(service.spec);
    for (const address of addressesOf(spec)) this.#addresses.add(address);
    for (const port of portsOf(spec)) this.#ports.add(port);
  }

  /** Gives back what a Service held. */
  release(service: ApiObject): void {
    const spec = objectOr(service.spec);
    for (const address of addressesOf(spec)) this.#addresses.delete(address);
    for (const port of portsOf(spec)) this.#ports.delete(port);
  }

  /** Whether another Service holds an address. */
  holdsAddress(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Whether another Service holds a port. */
  holdsPort(port: number): boolean {
    return this.#ports.has(port);
  }

  /** Whether an address is of a Service range. */
  inRange(address: string): boolean {
    return address.startsWith(`${this.#prefixes.IPv4}.`) ||
      address.startsWith(this.#prefixes.IPv6);
  }

  /** A free cluster IP, not yet claimed. Throws `RangeError` when none is left. */
  nextAddress(family: Family): string {
    return this.#pick(family, HOSTS, (index) => {
      const host = FIRST_HOST + index;
      const address = family === "IPv4"
        ? `${this.#prefixes.IPv4}.${host >> 8}.${host & 0xff}`
        : `${this.#prefixes.IPv6}${host.toString(16)}`;
      return this.#addresses.has(address) ? undefined : address;
    });
  }

  /** A free node port besides those in `taken`, not yet claimed. Throws `RangeError`. */
  nextPort(taken: readonly number[]): number {
    return this.#pick("port", NODE_PORTS, (index) => {
      const port = FIRST_NODE_PORT + index;
      return this.#ports.has(port) || taken.includes(port) ? undefined : port;
    });
  }

  #pick<T>(
    what: Family | "port",
    size: number,
    tryAt: (index: number) => T | undefined,
  ): T {
    for (let step = 0; step < size; step++) {
      const index = (this.#next[what] + step) % size;
      const found = tryAt(index);
      if (found === undefined) continue;
      this.#next[what] = (index + 1) % size;
      return found;
    }
    throw new RangeError(`Cannot allocate another ${what}: all are in use`);
  }
}
