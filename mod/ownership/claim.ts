/**
 * A claim: what says whose an address is when views differ. Every frame of
 * ours about an announced address that another member may see carries one.
 */
import { createHash } from "node:crypto";

/**
 * A node's claim of a group on one segment. Of two, the higher wins, which
 * needs no view of the API; see {@linkcode compareClaims}.
 */
export interface Claim {
  /** From 1, at most {@linkcode MAX_TERM}; a take-over claims the highest seen + 1. */
  readonly term: number;
  /** `false` for a claim that was made without proof that anybody hears us. */
  readonly full: boolean;
  /** The first 32 bits of the election hash of the node and the group's key. */
  readonly hash: number;
  /** {@linkcode nodeId} of the claimant. */
  readonly node: number;
}

/** The highest term; a claim has 31 bits for it on the wire. */
export const MAX_TERM = 0x7fffffff;

/** No node: no name has this id. */
export const NO_NODE = 0;

/** Lower than every claim: nobody has claimed yet. */
export const NO_CLAIM: Claim = {
  term: 0,
  full: false,
  hash: 0xffffffff,
  node: NO_NODE,
};

/**
 * Compares claims: the higher term wins, then a full one, then the lower hash,
 * then the higher node id.
 *
 * @returns Positive when `a` wins, negative when `b` does, 0 when they are the same.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { compareClaims } from "./mod.ts";
 *
 * const mine = { term: 3, full: true, hash: 7, node: 1 };
 * assert(compareClaims({ ...mine, term: 4, full: false }, mine) > 0);
 * assert(compareClaims({ ...mine, hash: 6, node: 2 }, mine) > 0);
 * ```
 */
export function compareClaims(a: Claim, b: Claim): number {
  if (a.term !== b.term) return a.term - b.term;
  if (a.full !== b.full) return a.full ? 1 : -1;
  if (a.hash !== b.hash) return b.hash - a.hash;
  return a.node - b.node;
}

/** The higher of two claims; `a` when they are the same. */
export function higherClaim(a: Claim, b: Claim): Claim {
  return compareClaims(a, b) >= 0 ? a : b;
}

const ID_BYTES = 6;

/**
 * Identity of a node on the wire and in the packet worker: 48 bits of a hash of
 * its name, never {@linkcode NO_NODE}. That two of a thousand nodes get the
 * same has a chance of 2 in 10^9.
 */
export function nodeId(name: string): number {
  return digest(`node#${name}`);
}

/**
 * Identity of a group on the wire and in the packet worker, made like
 * {@linkcode nodeId}.
 *
 * @param key Canonical text of the group's key, its lowest first address.
 */
export function groupId(key: string): number {
  return digest(`group#${key}`);
}

/**
 * What a claim keeps of an election hash.
 *
 * @param hash Lower-case hexadecimal, as `electionHash` gives it.
 */
export function claimHash(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16);
}

function digest(text: string): number {
  const bytes = createHash("sha256").update(text, "utf8").digest();
  return bytes.readUIntBE(0, ID_BYTES) || 1;
}
