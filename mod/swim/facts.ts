import { MAX_META_LENGTH } from "./limits.ts";
import { endpointOf, type Member } from "./member.ts";
import type { NodeFacts } from "./messages.ts";
import type { DropReason } from "./protocol.ts";
import { isName } from "./self.ts";
import { versionsFromBytes } from "./versions.ts";

/** What a member says of itself: all but whether it lives. */
export type MemberFacts = Omit<Member, "state" | "since">;

/**
 * Reads what a member says of itself.
 *
 * @param defaultPort Its port when it tells none.
 * @returns The facts, or why they cannot be.
 */
export function readFacts(
  { node, address, port, meta, versions, incarnation }: NodeFacts,
  defaultPort: number,
): MemberFacts | DropReason {
  if (!isName(node)) return "badName";
  if (meta !== null && meta.length > MAX_META_LENGTH) return "metaTooLong";
  const spoken = versionsFromBytes(versions);
  if (spoken === undefined) return "badVersions";
  const endpoint = endpointOf(address, port === 0 ? defaultPort : port);
  if (endpoint === undefined || address === null) return "badAddress";
  return {
    name: node,
    endpoint,
    address,
    meta: meta ?? new Uint8Array(),
    incarnation,
    versions: spoken,
  };
}
