/** What is wrong with a configuration, and where. */
import type { Decoded } from "../crd/mod.ts";

/** The kinds of problems; the words of the conformance corpora where they have one. */
export const PROBLEM_CLASSES = [
  /** A field has the wrong type. */
  "fieldInvalid",
  /** The kind has no such field. */
  "unknownField",
  "poolNameMissing",
  "poolWithoutAddresses",
  "cidrInvalid",
  "rangeEndpointInvalid",
  "rangeReversed",
  "rangeMixedFamilies",
  "duplicatePool",
  "overlap",
  "duplicateNamespaces",
  "duplicateNamespaceSelectors",
  "duplicateServiceSelectors",
  "duplicateNodeSelectors",
  "duplicatePoolSelectors",
  "duplicatePools",
  "duplicateMatchExpressions",
  "selectorInvalid",
  "duplicatePeers",
  "duplicateBGPAdvertisement",
  "duplicateCommunity",
  "communityValueInvalid",
  "communityFormatInvalid",
  "aggregationLengthOutOfRange",
  "aggregationLengthTooShort",
  "serviceSelectorsWithAggregation",
  "localPrefConflict",
  "asPathPrependConflict",
  "myASNMissing",
  "peerASNMissing",
  "peerASNAndDynamicASN",
  "dynamicASNInvalid",
  "ebgpMultiHopOnIBGP",
  "peerAddressMissing",
  "peerAddressAndInterface",
  "peerAddressInvalid",
  "routerIDInvalid",
  "sourceAddressInvalid",
  "holdTimeInvalid",
  "keepaliveTimeInvalid",
  "connectTimeInvalid",
  "passwordAndSecret",
  "secretMissing",
  "secretType",
  "secretWithoutPassword",
  "duplicatePeer",
  "bfdProfileMissing",
  "duplicateBFDProfile",
  "bfdProfileNameMissing",
  "bfdValueOutOfRange",
  "bfdEchoWithIPv6",
  /** An advertisement names a pool that is not there. */
  "unknownPool",
  /** An advertisement names a peer that is not there. */
  "unknownPeer",
  /** An advertisement selects no node. */
  "noNodeSelected",
  /** A field that works and is to be replaced by another one. */
  "deprecatedField",
  /** The annotation about fail-back has a value that means nothing. */
  "failbackInvalid",
  /** A Node's annotation about draining has a value that means nothing. */
  "drainInvalid",
] as const;

/** The kind of a problem. */
export type ProblemClass = typeof PROBLEM_CLASSES[number];

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Errors make the whole configuration invalid; warnings do not. */
  readonly severity: "error" | "warning";
  /** Whether it may vanish by itself, when another object appears. */
  readonly transient: boolean;
  /**
   * What the webhook does with a write that causes it: what may only be a
   * matter of the order in which objects are made is worth no more than a
   * warning.
   */
  readonly admission: "refuse" | "warn";
  /** Which kind of problem. */
  readonly class: ProblemClass;
  /** Kind of the resource. */
  readonly kind: string;
  /** Name of the resource. */
  readonly name: string;
  /** Which field: `spec.addresses[1]`. */
  readonly field: string;
  /** Which resource and field: `IPAddressPool/p spec.addresses[1]`. */
  readonly path: string;
  /** What is there, and what to do about it. */
  readonly message: string;
}

/** Notes a problem of one resource; `field` is the path inside it. */
export type Note = (
  problem: Pick<Problem, "class" | "message"> & { readonly field: string },
) => void;

/** Notes the fields of a resource that have the wrong type. */
export function noteFields(
  { problems }: Decoded<unknown>,
  note: Note,
): void {
  for (const { path, message } of problems) {
    note({ class: "fieldInvalid", field: path, message });
  }
}

/** What a kind of note says besides the problem itself. */
type Weight = Pick<Problem, "severity" | "transient" | "admission">;

/** Collects the problems of one resource in the order in which they are found. */
export class ResourceProblems {
  readonly #kind: string;
  readonly #name: string;
  readonly #problems: Problem[] = [];

  /** An empty list for a resource, shown as `kind/name`. */
  constructor(kind: string, name: string) {
    this.#kind = kind;
    this.#name = name;
  }

  /** What was collected. */
  get all(): readonly Problem[] {
    return this.#problems;
  }

  /** Adds an error that stays until the resource is changed. */
  readonly error: Note = this.#noteAs({
    severity: "error",
    transient: false,
    admission: "refuse",
  });

  /** Adds a warning about something that may exist later. */
  readonly warning: Note = this.#noteAs({
    severity: "warning",
    transient: true,
    admission: "warn",
  });

  /** Adds an error that goes away when another object appears. */
  readonly missing: Note = this.#noteAs({
    severity: "error",
    transient: true,
    admission: "warn",
  });

  /** The same for an object that nobody is likely to make. */
  readonly hopeless: Note = this.#noteAs({
    severity: "error",
    transient: true,
    admission: "refuse",
  });

  /** Adds a warning that stays until the resource is changed. */
  readonly advice: Note = this.#noteAs({
    severity: "warning",
    transient: false,
    admission: "warn",
  });

  #noteAs(weight: Weight): Note {
    return ({ field, ...rest }) => {
      const [kind, name] = [this.#kind, this.#name];
      const path = `${kind}/${name} ${field}`.trimEnd();
      this.#problems.push({ ...weight, ...rest, kind, name, field, path });
    };
  }
}

/** One line for logs and readiness details. */
export function formatProblem(
  { path, message }: Pick<Problem, "path" | "message">,
): string {
  return `${path}: ${message}`;
}
