/** Resolves `Community` resources: names for BGP communities. */
import { COMMUNITY, type CommunitySpec, type Decoded } from "../crd/mod.ts";
import { type BgpCommunity, parseCommunity } from "./bgp_community.ts";
import { noteFields, type Problem, ResourceProblems } from "./problem.ts";

/** The communities by alias, and what is wrong with the resources. */
export interface ResolvedCommunities {
  /** Communities by the name that stands for them. */
  readonly aliases: ReadonlyMap<string, BgpCommunity>;
  /** In the order of the resources. */
  readonly problems: readonly Problem[];
}

/** Resolves the aliases; names are unique over all resources. */
export function resolveCommunities(
  resources: readonly Decoded<CommunitySpec>[],
): ResolvedCommunities {
  const aliases = new Map<string, BgpCommunity>();
  const definers = new Map<string, string>();
  const logs = resources.map((resource) => {
    const { name } = resource.metadata;
    const log = new ResourceProblems(COMMUNITY.kind, name);
    noteFields(resource, log.error);
    resource.spec.communities.forEach((alias, index) => {
      const field = `spec.communities[${index}]`;
      const community = readValue(alias.value, `${field}.value`, log);
      const definer = definers.get(alias.name);
      if (definer !== undefined) {
        log.error({
          class: "duplicateCommunity",
          field: `${field}.name`,
          message:
            `Cannot define "${alias.name}" twice: Community "${definer}" defines it already`,
        });
      } else if (community !== undefined) {
        aliases.set(alias.name, community);
        definers.set(alias.name, name);
      }
    });
    return log;
  });
  return { aliases, problems: logs.flatMap(({ all }) => all) };
}

function readValue(
  value: string,
  field: string,
  { error }: ResourceProblems,
): BgpCommunity | undefined {
  const parsed = parseCommunity(value);
  switch (parsed.kind) {
    case "community":
      return parsed.community;
    case "valueInvalid":
      error({
        class: "communityValueInvalid",
        field,
        message: badValue(value),
      });
      return undefined;
    case "formatInvalid":
      error({
        class: "communityFormatInvalid",
        field,
        message:
          `Cannot use "${value}" as a community: write 1234:1 or large:1234:1:2`,
      });
      return undefined;
  }
}

/** What to say about a community whose numbers do not fit. */
export function badValue(value: string): string {
  return `Cannot use "${value}" as a community: write two numbers up to 65535 (1234:1), or large: and three numbers up to 4294967295 (large:1234:1:2)`;
}
