/** Ports of machines whose kernel has no IPv6. */
import type { Address } from "./host.ts";

/** The wildcard of IPv6, which takes IPv4 as well (RFC 3493 §3.7). */
const ANY = "::";
const ANY_IPV4 = "0.0.0.0";

/**
 * Where to listen instead, when that was to be on all addresses and the kernel
 * has no IPv6 at all (booted with `ipv6.disable=1`; with the sysctl
 * `disable_ipv6` alone the wildcard works).
 *
 * @param error Why the address could not be bound.
 * @returns `undefined` = nowhere: the error stands.
 */
export function withoutIpv6(at: Address, error: unknown): Address | undefined {
  const isFamily = error instanceof Error && "code" in error &&
    error.code === "EAFNOSUPPORT";
  return isFamily && at.hostname === ANY
    ? { ...at, hostname: ANY_IPV4 }
    : undefined;
}
