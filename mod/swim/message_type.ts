/**
 * First byte of every message. The numbers are memberlist's; it reads them by
 * their position in its source, so they never change.
 */
export const MessageType = {
  ping: 0,
  indirectPing: 1,
  ack: 2,
  suspect: 3,
  alive: 4,
  dead: 5,
  pushPull: 6,
  compound: 7,
  user: 8,
  compress: 9,
  /** Streams only: an encrypted packet begins with its version, 0 or 1. */
  encrypt: 10,
  nack: 11,
  crc: 12,
  error: 13,
  /** Far from all others, so that it cannot be taken for an encryption version. */
  label: 244,
} as const;
