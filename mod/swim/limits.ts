/** Sizes that nothing from the wire may exceed, with their reasons. */

/** Bytes of metadata that a member may have: memberlist's own limit. */
export const MAX_META_LENGTH = 512;

/** Bytes of a member's name: a Kubernetes node name has at most 253. */
export const MAX_NAME_LENGTH = 255;

/** Bytes of a label: its length is one byte. */
export const MAX_LABEL_LENGTH = 255;

/**
 * Members that are kept, the dead included. Kubernetes supports 5,000 nodes;
 * room for each to be replaced once while its predecessor is still remembered.
 */
export const MAX_MEMBERS = 10_000;

/**
 * Bytes of a message over a stream, encrypted, compressed and plain. The
 * largest is the state of all members: 5,000 of them with full metadata take
 * less than 4 MiB. (memberlist sends and takes up to 20 MiB, which is too much
 * to hold for a stranger that has proven nothing yet.)
 */
export const MAX_STREAM_LENGTH: number = 4 * 1024 * 1024;

/**
 * Bytes that all compressed parts of one packet may grow to together: as much
 * as a packet could carry without compression. Ends decompression bombs.
 */
export const MAX_PACKET_DECOMPRESSED = 65_535;

/**
 * Wrappers around a message in a packet (compound, compressed). Senders use
 * two; without a limit, nesting would be paid for with stack.
 */
export const MAX_NESTING = 8;
