/**
 * What the packet worker needs to authenticate and cannot wait for: keyed
 * hashes, computed at once and without allocating, and the keys for them.
 *
 * @module
 */
export { HMAC_BYTES, HmacSha256 } from "./hmac.ts";
export {
  type MembershipKeys,
  membershipKeys,
  secretFingerprint,
} from "./keys.ts";
