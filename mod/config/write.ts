/** Whether a write of one resource may happen, seen from all the others. */
import {
  BFD_PROFILE,
  BGP_ADVERTISEMENT,
  BGP_PEER,
  COMMUNITY,
  IP_ADDRESS_POOL,
  L2_ADVERTISEMENT,
} from "../crd/mod.ts";
import type { Problem } from "./problem.ts";
import { type ConfigResources, resolveConfig } from "./resolve.ts";
import type { CustomResource } from "./resources.ts";

/** List of {@linkcode ConfigResources} by the kind of its objects. */
const LISTS = {
  [IP_ADDRESS_POOL.kind]: "pools",
  [L2_ADVERTISEMENT.kind]: "l2Advertisements",
  [BGP_ADVERTISEMENT.kind]: "bgpAdvertisements",
  [BGP_PEER.kind]: "peers",
  [BFD_PROFILE.kind]: "bfdProfiles",
  [COMMUNITY.kind]: "communities",
} as const satisfies Readonly<Record<string, keyof ConfigResources>>;

/** A write of one resource, before it happens. */
export interface ResourceWrite {
  /** A kind that the configuration is made of. */
  readonly kind: string;
  /** `metadata.name`. */
  readonly name: string;
  /** The resource as it is stored; absent when it is new. */
  readonly before?: CustomResource | undefined;
  /** The resource as it is to be stored; absent when it is deleted. */
  readonly after?: CustomResource | undefined;
}

/** What a write would lead to. */
export interface WriteVerdict {
  /** Why it has to be refused; empty = it may happen. */
  readonly refusals: readonly Problem[];
  /** What whoever writes should know; nothing of it is a reason to refuse. */
  readonly warnings: readonly Problem[];
  /**
   * Errors that were there before and are no reason to refuse: as long as they
   * stay, the last valid configuration stays in force.
   */
  readonly standing: readonly Problem[];
}

/**
 * Judges a write by the resolver that both roles use.
 *
 * It is refused for what it does itself, so that one broken object does not
 * stand in the way of every later write: an error counts when
 *
 * - it sits in the written resource, alone or as one of two that contradict
 *   each other, unless the write leaves the `spec` as it is and the error was
 *   there before: labels and finalizers of a broken object can be changed; or
 * - it sits in another resource, and neither the resources as they are nor the
 *   others by themselves have it.
 *
 * Of two resources that contradict each other the written one comes last, so
 * that the problem is told from its side and names the other one.
 *
 * A deletion is refused only when it takes from a `BGPPeer` the `BFDProfile`
 * that it refers to: without that the session would come up unprotected.
 *
 * @param resources All resources, with the written one as it was or without.
 * @throws {RangeError} When the configuration is not made of such a kind.
 */
export function judgeWrite(
  resources: ConfigResources,
  write: ResourceWrite,
): WriteVerdict {
  const { before, after } = write;
  const without = problemsWith(resources, write, undefined);
  const earlier = before === undefined
    ? without
    : problemsWith(resources, write, before);
  if (after === undefined) return judgeDeletion(without, earlier);
  const known = new Set([...without, ...earlier].map(identityOf));
  const mayKeep = before !== undefined && sameSpec(before, after);
  const problems = problemsWith(resources, write, after);
  const errors = problems.filter(({ admission }) => admission === "refuse");
  const isRefused = (problem: Problem): boolean => {
    const isKnown = known.has(identityOf(problem));
    return isAbout(problem, write) ? !(isKnown && mayKeep) : !isKnown;
  };
  return {
    refusals: errors.filter(isRefused),
    warnings: problems.filter((problem) =>
      problem.admission === "warn" &&
      (isAbout(problem, write) || !known.has(identityOf(problem)))
    ),
    standing: errors.filter((problem) => !isRefused(problem)),
  };
}

/** The problems of all resources with one of them replaced, and last. */
function problemsWith(
  resources: ConfigResources,
  { kind, name }: ResourceWrite,
  replacement: CustomResource | undefined,
): readonly Problem[] {
  const list = LISTS[kind];
  if (list === undefined) {
    throw new RangeError(`Cannot judge a write of "${kind}"`);
  }
  const others = (resources[list] ?? []).filter(({ metadata }) =>
    metadata.name !== name
  );
  const all = replacement === undefined ? others : [...others, replacement];
  return resolveConfig({ ...resources, [list]: all }).problems;
}

function judgeDeletion(
  without: readonly Problem[],
  earlier: readonly Problem[],
): WriteVerdict {
  const known = new Set(earlier.map(identityOf));
  const refusals = without.filter((problem) =>
    problem.class === "bfdProfileMissing" && !known.has(identityOf(problem))
  );
  return { refusals, warnings: [], standing: [] };
}

function isAbout(problem: Problem, { kind, name }: ResourceWrite): boolean {
  return problem.kind === kind && problem.name === name;
}

function identityOf({ path, class: rule, message }: Problem): string {
  return JSON.stringify([path, rule, message]);
}

function sameSpec(before: CustomResource, after: CustomResource): boolean {
  // The API server writes the fields of an object in one order.
  return JSON.stringify(before.spec) === JSON.stringify(after.spec);
}
