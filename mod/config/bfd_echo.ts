/** The rule that BFD echo and IPv6 do not go together. */
import { BGP_ADVERTISEMENT } from "../crd/mod.ts";
import type { Config } from "./config.ts";
import { type Problem, ResourceProblems } from "./problem.ts";

/**
 * Finds BGP advertisements that announce IPv6 addresses to a peer whose BFD
 * session uses echo packets, which exist for IPv4 only here.
 */
export function findEchoWithIpv6(
  { pools, peers, bfdProfiles }: Config,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const pool of pools.values()) {
    if (!pool.prefixes.some(({ ip }) => ip.family === "IPv6")) continue;
    for (const { name, peers: listed } of new Set(pool.bgpAdvertisements)) {
      for (const peer of listed.length === 0 ? peers.keys() : listed) {
        const profile = peers.get(peer)?.bfdProfile;
        if (profile === undefined) continue;
        if (bfdProfiles.get(profile)?.echoMode !== true) continue;
        const log = new ResourceProblems(BGP_ADVERTISEMENT.kind, name);
        log.error({
          class: "bfdEchoWithIPv6",
          field: "spec.peers",
          message:
            `Cannot announce the IPv6 addresses of IPAddressPool "${pool.name}" to BGPPeer "${peer}": its BFDProfile "${profile}" has echoMode, which is for IPv4 only`,
        });
        problems.push(...log.all);
      }
    }
  }
  return problems;
}
