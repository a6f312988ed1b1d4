/** What a person should be told about addresses that nobody announces, and by whom. */
import type { OwnershipDecision } from "./decide.ts";
import { electionHash } from "./order.ts";

/** Why nobody announces, as far as a person can do something about it. */
export type Complaint =
  /** The address may be shared while an advertisement selects Services. */
  | "sharedIPWithServiceSelector"
  /** No advertisement that matches selects any node. */
  | "noMatchingAdvertisement"
  /** Nodes are selected, but something keeps each of them from it. */
  | "noCandidate"
  /** The owner of the addresses that come with these is no candidate for these. */
  | "ownerNotCandidate";

/**
 * What is to be told of a decision; `undefined` = nothing. That no endpoint can
 * serve is not: scaling to zero does it.
 */
export function complaintOf(
  { owner, order, refusal, interfaces, nodes }: OwnershipDecision,
): Complaint | undefined {
  if (refusal === "noServingEndpoint") return undefined;
  if (refusal !== null) return refusal;
  if (order.length === 0) {
    return nodes.every(({ exclusions }) => exclusions.includes("notSelected"))
      ? "noMatchingAdvertisement"
      : "noCandidate";
  }
  const isAnswered = owner !== null && Object.hasOwn(interfaces, owner);
  return isAnswered ? undefined : "ownerNotCandidate";
}

/**
 * The one node that tells of a group: its owner, else the first of the living
 * in the order of their hashes, so that not every speaker says the same.
 *
 * @param key Text of the group's first address.
 * @param members Nodes whose speakers are alive.
 */
export function spokesman(
  key: string,
  owner: string | null,
  members: readonly string[],
): string | undefined {
  if (owner !== null) return owner;
  let first: { readonly node: string; readonly hash: string } | undefined;
  for (const node of members) {
    const hash = electionHash(node, key);
    if (first === undefined || hash < first.hash) first = { node, hash };
  }
  return first?.node;
}
