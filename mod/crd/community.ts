/** `Community` of `metallb.io/v1beta1`. */
import type { KindDefinition } from "./kind.ts";
import { list, object, text } from "./schema.ts";

/** A name for a BGP community. */
export interface CommunityAlias {
  /** The name, unique among all `Community` objects. */
  readonly name: string;
  /** Standard (`N:N`) or large (`large:N:N:N`). */
  readonly value: string;
}

/** `Community.spec`. */
export interface CommunitySpec {
  /** The names. */
  readonly communities: readonly CommunityAlias[];
}

const alias = object<CommunityAlias>({
  name: {
    schema: text,
    description: "The name, which no other Community may define.",
  },
  value: {
    schema: text,
    description:
      "What it stands for: a standard community (1234:1) or a large one (large:1234:1:2).",
  },
});

/** The kind `Community`. */
export const COMMUNITY: KindDefinition<CommunitySpec> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "Community",
  plural: "communities",
  singular: "community",
  description: "Names for BGP communities, for use in BGPAdvertisements.",
  specDescription: "The names.",
  specPresence: "optional",
  spec: object<CommunitySpec>({
    communities: { schema: list(alias), description: "Names and values." },
  }),
  statusDescription: "Nothing yet.",
  status: object<Record<never, never>>({}),
  columns: [],
};
