/**
 * The order in which nodes are asked to own an address: a pure function of
 * their names and the address, so that every speaker computes the same.
 */
import { createHash } from "node:crypto";
import { formatIp, parseIp } from "../net/mod.ts";

/**
 * SHA-256 of the UTF-8 text `<node>#<key>` as lower-case hex; hashes compare
 * as text in the same order as their bytes.
 *
 * @param key Canonical text of the first address (RFC 5952).
 */
export function electionHash(node: string, key: string): string {
  return createHash("sha256").update(`${node}#${key}`, "utf8").digest("hex");
}

/** A node with what ranks it. */
export interface Ranked {
  /** Name of the node. */
  readonly node: string;
  /** Sum of the preference weights that apply to it. */
  readonly score: number;
  /** {@linkcode electionHash} of the node and the group's key. */
  readonly hash: string;
}

/** Orders by score, descending, then by hash, ascending. */
export function compareRanked(a: Ranked, b: Ranked): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.hash !== b.hash) return a.hash < b.hash ? -1 : 1;
  return 0;
}

/**
 * The order of equally preferred nodes for an address given as text, which
 * need not be in canonical form.
 *
 * @throws {ParseError} When `ip` is no address.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { electionOrder } from "./mod.ts";
 *
 * assertEquals(
 *   electionOrder(["node-a", "node-b", "node-c"], "192.168.1.240"),
 *   ["node-a", "node-c", "node-b"],
 * );
 * ```
 */
export function electionOrder(
  nodeNames: readonly string[],
  ip: string,
): string[] {
  const key = formatIp(parseIp(ip));
  return nodeNames
    .map((node) => ({ node, score: 0, hash: electionHash(node, key) }))
    .sort(compareRanked)
    .map(({ node }) => node);
}
