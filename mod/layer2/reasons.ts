/**
 * Why a frame was not answered: each reason word with the negative code that
 * the responders return for it. The words are labels of metrics.
 */
export const DROP = {
  /** Shorter than its headers say, or than the message must be. */
  truncated: -1,
  /** Carries an IEEE 802.1Q or 802.1ad tag: it belongs to another segment. */
  vlan: -2,
  /** Neither ARP nor IPv6. */
  etherType: -3,
  /** ARP or NDP is not spoken on this interface. */
  protocolOff: -4,
  /** Addressed neither to a group nor to this interface. */
  ethernetDestination: -5,
  /** Sent by this interface itself. */
  ownFrame: -6,
  /** ARP hardware type other than Ethernet (RFC 826). */
  hardwareType: -7,
  /** ARP protocol type other than IPv4 (RFC 826). */
  protocolType: -8,
  /** ARP address lengths other than 6 and 4 (RFC 826). */
  addressLength: -9,
  /** Not an ARP request, not a Neighbor Solicitation. */
  messageType: -10,
  /** Its sender is a group or zero MAC address: no answer can reach it. */
  senderHardware: -11,
  /** Its sender claims the very address that it asks for. */
  gratuitous: -12,
  /** Nobody announces the target here. */
  notOwned: -13,
  /** The target is announced, but not on this interface. */
  notOnInterface: -14,
  /** IP version other than 6. */
  ipVersion: -15,
  /** An IPv6 extension header comes before the message. */
  extensionHeader: -16,
  /** Hop limit other than 255: a router passed it on (RFC 4861 §7.1.1). */
  hopLimit: -17,
  /** Wrong ICMPv6 checksum (RFC 4861 §7.1.1). */
  checksum: -18,
  /** ICMPv6 code other than 0 (RFC 4861 §7.1.1). */
  code: -19,
  /** ICMPv6 message of fewer than 24 bytes (RFC 4861 §7.1.1). */
  payloadLength: -20,
  /** The target is a multicast address (RFC 4861 §7.1.1). */
  targetMulticast: -21,
  /** An option of length 0, past the end, or of the wrong size (RFC 4861 §7.1.1). */
  option: -22,
  /** From `::`, but with a source link-layer option or to no solicited-node group (RFC 4861 §7.1.1). */
  unspecifiedSource: -23,
  /** The source is a multicast address (RFC 4291 §2.7). */
  sourceMulticast: -24,
  /** Would have been answered; the interface did not take the answer. */
  sendFailed: -25,
  /** Another member answers for the target at present. */
  standby: -26,
  /** A member's announcement, answer or question about an address of ours: for arbitration. */
  memberFrame: -27,
  /** About an address of ours, with a claim that no member made. */
  spoofedClaim: -28,
  /** A station that is no member's uses an address of ours (RFC 5227 §2.4). */
  conflict: -29,
  /** An answer to this node about an address that is not ours. */
  otherAnswer: -30,
  /** An advertisement to a group that says that it was asked for (RFC 4861 §7.1.2). */
  solicitedFlag: -31,
} as const;

/** Why a frame was not answered, in one word. */
export type DropReason = keyof typeof DROP;

/** Every reason; the one with code `-n` is at index `n - 1`. */
export const DROP_REASONS: readonly DropReason[] = Object.entries(DROP)
  .sort(([, a], [, b]) => b - a)
  .map(([reason]) => reason as DropReason);

/** Code 0 (answered) and one code for each reason. */
export const OUTCOME_COUNT: number = DROP_REASONS.length + 1;

/**
 * The reason word of a responder's negative result.
 *
 * @throws {RangeError} When the code stands for no reason.
 */
export function dropReason(code: number): DropReason {
  const reason = DROP_REASONS[-code - 1];
  if (reason === undefined) {
    throw new RangeError(`Cannot name drop code ${code}: no reason has it`);
  }
  return reason;
}
