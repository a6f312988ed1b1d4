/** Resolves `BFDProfile` resources. */
import { BFD_PROFILE, type BfdProfileSpec, type Decoded } from "../crd/mod.ts";
import type { BfdProfileConfig } from "./bgp_config.ts";
import {
  type Note,
  noteFields,
  type Problem,
  ResourceProblems,
} from "./problem.ts";

/** The profiles by name, and what is wrong with the resources. */
export interface ResolvedBfdProfiles {
  /** Profiles by name. */
  readonly bfdProfiles: ReadonlyMap<string, BfdProfileConfig>;
  /** In the order of the resources. */
  readonly problems: readonly Problem[];
}

/** Bounds of each field, in the order in which they are checked. */
const BOUNDS = {
  detectMultiplier: [2, 255],
  receiveInterval: [10, 60_000],
  transmitInterval: [10, 60_000],
  minimumTtl: [1, 254],
  echoInterval: [10, 60_000],
} as const;

/** Resolves the profiles. */
export function resolveBfdProfiles(
  resources: readonly Decoded<BfdProfileSpec>[],
): ResolvedBfdProfiles {
  const bfdProfiles = new Map<string, BfdProfileConfig>();
  const logs = resources.map((resource) => {
    const { name } = resource.metadata;
    const log = new ResourceProblems(BFD_PROFILE.kind, name);
    noteFields(resource, log.error);
    checkProfile(resource, log.error);
    if (bfdProfiles.has(name)) {
      log.error({
        class: "duplicateBFDProfile",
        field: "metadata.name",
        message: `Cannot define BFD profile "${name}" twice`,
      });
    }
    bfdProfiles.set(name, { ...resource.spec, name });
    return log;
  });
  return { bfdProfiles, problems: logs.flatMap(({ all }) => all) };
}

function checkProfile(
  { metadata, spec }: Decoded<BfdProfileSpec>,
  note: Note,
): void {
  if (metadata.name === "") {
    note({
      class: "bfdProfileNameMissing",
      field: "metadata.name",
      message: "Cannot use a BFD profile without a name",
    });
  }
  for (const [field, [least, most]] of Object.entries(BOUNDS)) {
    const value = spec[field as keyof typeof BOUNDS];
    if (value === undefined || value >= least && value <= most) continue;
    note({
      class: "bfdValueOutOfRange",
      field: `spec.${field}`,
      message: `Cannot use ${value}: it has to be from ${least} to ${most}`,
    });
  }
}
