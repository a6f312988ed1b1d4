import { HMAC_BYTES, HmacSha256 } from "./hmac.ts";

const encoder = new TextEncoder();

/** Keeps keys of other programs that share the secret apart from ours. */
const SALT = encoder.encode("herald-lb.io membership v1");

/** What keys are for: each use has one that tells nothing about the others. */
const USES = {
  beats: "heartbeats",
  claims: "claims in frames",
  fingerprint: "fingerprint",
} as const;

/** Enough to tell a few secrets apart, too few to tell anything of one. */
const FINGERPRINT_BYTES = 4;

/** Keys of one secret, 32 bytes each. */
export interface MembershipKeys {
  /** Authenticates heartbeats. */
  readonly beats: Uint8Array;
  /** Authenticates claims in ARP and ND frames. */
  readonly claims: Uint8Array;
}

/**
 * The keys that follow from the secret of the members, which also encrypts
 * their gossip: HKDF with SHA-256 (RFC 5869), salt `herald-lb.io membership v1`,
 * info `heartbeats` or `claims in frames`, 32 bytes. An empty secret gives keys
 * that everybody knows: they tell damaged packets, not strangers.
 *
 * @param secret The bytes of the secret, as the administrator gave them.
 */
export function membershipKeys(secret: Uint8Array): MembershipKeys {
  const extracted = tag(SALT, secret);
  return {
    beats: keyFor(extracted, USES.beats),
    claims: keyFor(extracted, USES.claims),
  };
}

/**
 * Eight hexadecimal digits by which people tell secrets apart; derived like the
 * keys, and independent of them.
 */
export function secretFingerprint(secret: Uint8Array): string {
  const key = keyFor(tag(SALT, secret), USES.fingerprint);
  return key.subarray(0, FINGERPRINT_BYTES).toHex();
}

/** One block of output needs no more than the counter 1 (RFC 5869 §2.3). */
function keyFor(extracted: Uint8Array, use: string): Uint8Array<ArrayBuffer> {
  return tag(extracted, Uint8Array.of(...encoder.encode(use), 1));
}

function tag(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HMAC_BYTES);
  new HmacSha256(key).sign(message, 0, message.length, out, 0, HMAC_BYTES);
  return out;
}
