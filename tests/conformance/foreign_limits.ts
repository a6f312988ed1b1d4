/**
 * Refusals of MetalLB that only say what one of its BGP implementations cannot
 * do. Herald has one implementation, which can: it has no such rules, and rows
 * that record them do not apply.
 */
const FOREIGN_LIMITS = [
  /** Its own implementation knows IPv4 routes only. */
  "nativeIPv6",
  /** Its own implementation lacks BFD, VRFs, connect time and more. */
  "frrOnlyFeature",
  /** Its own implementation lacks them. */
  "largeCommunityUnsupported",
  /** Only one of its three modes has it. */
  "asPathPrependUnsupported",
  /** One FRR process has one router ID. */
  "routerIDDiffers",
  /** One FRR process has one ASN in each VRF. */
  "myASNDiffers",
  /** FRR tells its neighbours apart by their address, not by port or name. */
  "duplicatePeerAddress",
] as const;

/** The class when it is such a limit. */
export function foreignLimit(
  refusal: unknown,
): typeof FOREIGN_LIMITS[number] | undefined {
  return FOREIGN_LIMITS.find((limit) => limit === refusal);
}
