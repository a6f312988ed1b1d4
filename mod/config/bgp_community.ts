/** BGP communities: standard (RFC 1997) and large (RFC 8092). */

/** A community as it goes to the peers. */
export type BgpCommunity =
  | {
    readonly kind: "standard";
    /** The upper 16 bits, an ASN by custom. */
    readonly upper: number;
    /** The lower 16 bits. */
    readonly lower: number;
  }
  | {
    readonly kind: "large";
    /** Three numbers of 32 bits; the first is an ASN by custom. */
    readonly parts: readonly [number, number, number];
  };

/** What a text means as a community. */
export type ParsedCommunity =
  | { readonly kind: "community"; readonly community: BgpCommunity }
  /** It has the form of a community with a number that does not fit. */
  | { readonly kind: "valueInvalid" }
  /** It has another form, and may be the name of an alias. */
  | { readonly kind: "formatInvalid" };

const LARGE = "large";

/** Reads `N:N` or `large:N:N:N`. */
export function parseCommunity(text: string): ParsedCommunity {
  const fields = text.split(":");
  if (fields.length === 2) {
    const [upper, lower] = fields.map((field) => parseNumber(field, 2 ** 16));
    if (upper === undefined || lower === undefined) {
      return { kind: "valueInvalid" };
    }
    return {
      kind: "community",
      community: { kind: "standard", upper, lower },
    };
  }
  if (fields.length !== 4) return { kind: "formatInvalid" };
  const [marker, ...rest] = fields;
  const [a, b, c] = rest.map((field) => parseNumber(field, 2 ** 32));
  if (
    marker !== LARGE || a === undefined || b === undefined || c === undefined
  ) return { kind: "valueInvalid" };
  return { kind: "community", community: { kind: "large", parts: [a, b, c] } };
}

/** `N:N`, or `N:N:N` for a large one. */
export function formatCommunity(community: BgpCommunity): string {
  return numbersOf(community).join(":");
}

/**
 * Orders communities by their numbers; a standard one counts as its 32 bits
 * followed by zeros.
 */
export function compareCommunities(a: BgpCommunity, b: BgpCommunity): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.kind === b.kind ? 0 : a.kind === "standard" ? -1 : 1;
}

/** The communities in order, each once. */
export function sortCommunities(
  communities: readonly BgpCommunity[],
): readonly BgpCommunity[] {
  return [...communities].sort(compareCommunities).filter(
    (each, index, all) => {
      const before = all[index - 1];
      return before === undefined || compareCommunities(before, each) !== 0;
    },
  );
}

function numbersOf(community: BgpCommunity): readonly number[] {
  return community.kind === "standard"
    ? [community.upper, community.lower]
    : community.parts;
}

function sortKey(community: BgpCommunity): readonly number[] {
  return community.kind === "standard"
    ? [community.upper * 2 ** 16 + community.lower, 0, 0]
    : community.parts;
}

function parseNumber(text: string, limit: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value < limit ? value : undefined;
}
