/** How often a speaker renews its Lease, and when that of another one is dead. */
import { UsageError } from "../../mod/cli/mod.ts";

/** Both in seconds. */
export interface LeaseTimes {
  /** Between renewals. */
  readonly renew: number;
  /** Without a change, after which a Lease is dead. */
  readonly duration: number;
}

/** Where nothing else tells who is alive. */
const ALONE: LeaseTimes = { renew: 2, duration: 6 };

/**
 * Beside gossip Leases only show who is there, and every renewal is told to all
 * speakers: in large clusters that would be most of what they hear. As often as
 * the kubelet renews its node's.
 */
const BESIDE_GOSSIP: LeaseTimes = { renew: 10, duration: 30 };

/**
 * The times that are set, and the usual ones for those that are not.
 *
 * @param set The flags, each undefined when it is not given.
 * @param hasGossip Whether the members gossip.
 * @throws {UsageError} When a Lease would be dead before its next renewal can fail.
 */
export function leaseTimes(
  set: { readonly [Name in keyof LeaseTimes]: number | undefined },
  hasGossip: boolean,
): LeaseTimes {
  const usual = hasGossip ? BESIDE_GOSSIP : ALONE;
  const { renew = usual.renew, duration = usual.duration } = set;
  // Half the duration proves that the API works, and must outlast a renewal.
  if (duration <= 2 * renew) {
    throw new UsageError(
      `--lease-duration ${duration} is too short for --lease-renew ${renew}: it must be more than twice as long`,
    );
  }
  return { renew, duration };
}
