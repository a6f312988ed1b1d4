/** What a BGP advertisement and a pool, or two advertisements, disagree about. */
import type { IpFamily } from "../net/mod.ts";
import type { BgpAdvertisementConfig } from "./bgp_config.ts";
import type { PlacedEntry } from "./overlap.ts";
import type { Note } from "./problem.ts";

/** Field of `spec` with the aggregation length of a family. */
const LENGTH_FIELDS: Readonly<Record<IpFamily, string>> = {
  IPv4: "aggregationLength",
  IPv6: "aggregationLengthV6",
};

/** Bits of an address. */
const MAX_LENGTHS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };

/** Notes lengths that no prefix has, and those that cannot follow a Service. */
export function checkAggregation(
  { aggregationLength, serviceSelectors }:
    & Pick<
      BgpAdvertisementConfig,
      "aggregationLength"
    >
    & { readonly serviceSelectors: readonly unknown[] },
  note: Note,
): void {
  for (const family of ["IPv4", "IPv6"] as const) {
    const length = aggregationLength[family];
    const most = MAX_LENGTHS[family];
    const field = `spec.${LENGTH_FIELDS[family]}`;
    if (serviceSelectors.length > 0 && length !== most) {
      note({
        class: "serviceSelectorsWithAggregation",
        field,
        message:
          `Cannot use ${length} besides spec.serviceSelectors, which go with ${most} only: a prefix of several addresses cannot follow one Service`,
      });
    } else if (length > most || length < 0) {
      note({
        class: "aggregationLengthOutOfRange",
        field,
        message:
          `Cannot use ${length}: an ${family} prefix has a length up to ${most}`,
      });
    }
  }
}

/**
 * Notes an aggregation that would announce more than an entry of the pool
 * holds.
 */
export function checkAgainstPool(
  { aggregationLength }: BgpAdvertisementConfig,
  entries: readonly PlacedEntry[],
  note: Note,
): void {
  for (const { prefixes, text, pool, field } of entries) {
    const family = prefixes[0]?.ip.family ?? "IPv4";
    const widest = Math.min(...prefixes.map(({ length }) => length));
    const length = aggregationLength[family];
    if (length >= widest) continue;
    note({
      class: "aggregationLengthTooShort",
      field: `spec.${LENGTH_FIELDS[family]}`,
      message:
        `Cannot use ${length}: it would announce more than "${text}" of IPAddressPool "${pool}" (${field}), so it has to be at least ${widest}`,
    });
  }
}

/**
 * Notes attributes in which an advertisement contradicts an earlier one of the
 * same pool: the same prefix from the same node to the same peer can have only
 * one of each. Where Services are selected it depends on them, so that only
 * the announcing node can tell.
 */
export function checkAgainstOthers(
  added: BgpAdvertisementConfig,
  earlier: readonly BgpAdvertisementConfig[],
  entries: readonly PlacedEntry[],
  note: Note,
): void {
  if (added.serviceSelectors.length > 0) return;
  const families = familiesOf(entries);
  for (const other of earlier) {
    if (other.serviceSelectors.length > 0) continue;
    if (!meet(added, other, families)) continue;
    const pool = entries[0]?.pool ?? "";
    for (const attribute of ["localPref", "asPathPrepend"] as const) {
      if (added[attribute] === other[attribute]) continue;
      note({
        class: `${attribute}Conflict`,
        field: `spec.${attribute}`,
        message: `Cannot use ${
          added[attribute]
        }: BGPAdvertisement "${other.name}" announces the same prefixes of IPAddressPool "${pool}" from the same nodes to the same peers with ${
          other[attribute]
        }`,
      });
    }
  }
}

function familiesOf(entries: readonly PlacedEntry[]): readonly IpFamily[] {
  return (["IPv4", "IPv6"] as const).filter((family) =>
    entries.some(({ prefixes }) => prefixes[0]?.ip.family === family)
  );
}

/** Whether two advertisements of a pool can lead to the same route. */
function meet(
  a: BgpAdvertisementConfig,
  b: BgpAdvertisementConfig,
  families: readonly IpFamily[],
): boolean {
  return families.some((family) =>
    a.aggregationLength[family] === b.aggregationLength[family]
  ) && sharePeers(a.peers, b.peers) &&
    [...a.nodes].some((node) => b.nodes.has(node));
}

function sharePeers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((peer) => b.includes(peer));
}
