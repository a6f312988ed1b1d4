/** The verdict of the admission webhook, from the same resolver. */
import type { Problem } from "./problem.ts";
import {
  type ConfigResources,
  resolveConfig,
  type ResolvedConfig,
} from "./resolve.ts";
import type { CustomResource } from "./resources.ts";

/**
 * Resolves resources as the admission webhook does: what may be a matter of
 * the order in which objects are made is a warning instead of an error, so
 * that a folder of manifests can be applied in any order.
 */
export function resolveForAdmission(
  resources: ConfigResources,
): ResolvedConfig {
  const strict = resolveConfig(withoutLaterReferences(resources));
  const full = resolveConfig(resources);
  const later = full.problems.filter((problem) =>
    problem.severity === "warning" || problem.transient
  );
  const errors = strict.problems.filter(({ severity }) => severity === "error");
  const refused = new Set(errors.map(identity));
  return {
    valid: strict.valid,
    config: full.config,
    problems: [
      ...errors.map((error): Problem => ({ ...error, transient: false })),
      ...later
        .filter((problem) => !refused.has(identity(problem)))
        .map((problem): Problem => ({ ...problem, severity: "warning" })),
    ],
  };
}

function identity({ class: kind, message }: Problem): string {
  return `${kind} ${message}`;
}

/** The resources without references to what may be made later. */
function withoutLaterReferences(resources: ConfigResources): ConfigResources {
  const { secrets: _, ...rest } = resources;
  return {
    ...rest,
    peers: (resources.peers ?? []).map((peer) =>
      withSpec(peer, ({ bfdProfile: _, passwordSecret: __, ...spec }) => spec)
    ),
    bgpAdvertisements: (resources.bgpAdvertisements ?? []).map((each) =>
      withSpec(each, (spec) => {
        const { communities } = spec;
        return Array.isArray(communities)
          ? { ...spec, communities: communities.filter(hasColon) }
          : spec;
      })
    ),
    namespaces: [],
  };
}

type Json = Readonly<Record<string, unknown>>;

function withSpec(
  resource: CustomResource,
  change: (spec: Json) => Json,
): CustomResource {
  if (!isObject(resource) || !isObject(resource["spec"])) return resource;
  return { ...resource, spec: change(resource["spec"]) };
}

/** Names of aliases have no colon; anything else has to be a community. */
function hasColon(community: unknown): boolean {
  return typeof community !== "string" || community.includes(":");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
