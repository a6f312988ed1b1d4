/**
 * What a capture handle lets through, in the language of pcap-filter(7). The
 * program never changes: which addresses are ours is looked up in the table,
 * and swapping programs would open a window at each change.
 *
 * It passes ARP, Neighbor Solicitations and Advertisements, and what claims to be
 * one of them and is cut short or wrapped in extension headers, so that hostile frames are counted.
 * The hop limit keeps fragmented or tunnelled traffic that merely passes by out.
 */
export const PACKET_FILTER: string = [
  "arp",
  "(ether proto 0x86dd and len < 54)",
  "(ip6 and ip6[6] = 58 and (len < 55 or ip6[40] = 135 or ip6[40] = 136))",
  "(ip6 and ip6[7] = 255 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60))",
].join(" or ");

/**
 * Bytes kept of a frame: a solicitation with 170 bytes of options. A longer one
 * counts as truncated.
 */
export const SNAP_LENGTH = 248;
