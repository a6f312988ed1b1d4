/** What the packet worker is told of groups, whoever owns them. */
import { mostReluctant } from "../mod/config/mod.ts";
import type { DesiredAddress, GroupEntry } from "../mod/layer2/mod.ts";
import { claimHash, electionHash, nodeId } from "../mod/ownership/mod.ts";
import { addAddress, type Outcome, type Watched } from "./outcomes.ts";

/** What else is said of a group. */
export interface GroupTraits {
  /** Whether no node has ever used its addresses. */
  readonly isNew: boolean;
  /**
   * Milliseconds until a candidate that comes first and has returned gets it
   * back, where no advertisement says; `Infinity` = never.
   */
  readonly failbackDelay: number;
}

/** Groups and their addresses, as the packet worker takes them. */
export interface WatchedGroups {
  /** Each address once. */
  readonly addresses: readonly DesiredAddress[];
  /** Each group once. */
  readonly groups: readonly GroupEntry[];
}

/**
 * Gathers what is to be watched. Services that share an address are of one
 * group: they unite their interfaces, and of what their advertisements say about
 * fail-back the most reluctant counts.
 *
 * @param node Name of this node.
 * @param traits What else is said of the group with a key.
 */
export function watchedGroups(
  node: string,
  outcomes: Iterable<Outcome>,
  traits: (key: string) => GroupTraits,
): WatchedGroups {
  const self = { node, id: nodeId(node) };
  const addresses = new Map<string, DesiredAddress>();
  const groups = new Map<number, GroupEntry>();
  const policies = new Map<number, number | undefined>();
  for (const { watched } of outcomes) {
    for (const each of watched) {
      const { group, interfaces } = each;
      const known = groups.get(group);
      groups.set(group, known ?? entryOf(self, each, traits(each.key)));
      policies.set(
        group,
        mostReluctant([policies.get(group), each.failbackDelay]),
      );
      for (const ip of each.ips) {
        addAddress(addresses, { ip, interfaces, epoch: 0, group });
      }
    }
  }
  return {
    addresses: [...addresses.values()],
    groups: Array.from(groups.values(), (group) => ({
      ...group,
      failbackDelay: policies.get(group.id) ?? group.failbackDelay,
    })),
  };
}

function entryOf(
  self: { readonly node: string; readonly id: number },
  { group, key, candidates }: Watched,
  traits: GroupTraits,
): GroupEntry {
  // A candidate's hash is among those of the candidates already.
  const hash = candidates.find(({ node }) => node === self.id)?.hash ??
    claimHash(electionHash(self.node, key));
  return { id: group, hash, candidates, ...traits };
}
