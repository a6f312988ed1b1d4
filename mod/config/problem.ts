/** What is wrong with a configuration, and where. */
import type { Decoded } from "../crd/mod.ts";

/** The kind of a problem; the words of the conformance corpora. */
export type ProblemClass =
  /** A field has the wrong type. */
  | "fieldInvalid"
  /** The kind has no such field. */
  | "unknownField"
  | "poolNameMissing"
  | "poolWithoutAddresses"
  | "cidrInvalid"
  | "rangeEndpointInvalid"
  | "rangeReversed"
  | "rangeMixedFamilies"
  | "duplicatePool"
  | "overlap"
  | "duplicateNamespaces"
  | "duplicateNamespaceSelectors"
  | "duplicateServiceSelectors"
  | "duplicateNodeSelectors"
  | "duplicatePoolSelectors"
  | "duplicatePools"
  | "duplicateMatchExpressions"
  | "selectorInvalid"
  | "duplicatePeers"
  | "duplicateBGPAdvertisement"
  | "duplicateCommunity"
  | "communityValueInvalid"
  | "communityFormatInvalid"
  | "aggregationLengthOutOfRange"
  | "aggregationLengthTooShort"
  | "serviceSelectorsWithAggregation"
  | "localPrefConflict"
  | "asPathPrependConflict"
  | "myASNMissing"
  | "peerASNMissing"
  | "peerASNAndDynamicASN"
  | "dynamicASNInvalid"
  | "ebgpMultiHopOnIBGP"
  | "peerAddressMissing"
  | "peerAddressAndInterface"
  | "peerAddressInvalid"
  | "routerIDInvalid"
  | "sourceAddressInvalid"
  | "holdTimeInvalid"
  | "keepaliveTimeInvalid"
  | "connectTimeInvalid"
  | "passwordAndSecret"
  | "secretMissing"
  | "secretType"
  | "secretWithoutPassword"
  | "duplicatePeer"
  | "bfdProfileMissing"
  | "duplicateBFDProfile"
  | "bfdProfileNameMissing"
  | "bfdValueOutOfRange"
  | "bfdEchoWithIPv6"
  /** An advertisement names a pool that is not there. */
  | "unknownPool"
  /** An advertisement names a peer that is not there. */
  | "unknownPeer"
  /** An advertisement selects no node. */
  | "noNodeSelected"
  /** A field that works and is to be replaced by another one. */
  | "deprecatedField";

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Errors make the whole configuration invalid; warnings do not. */
  readonly severity: "error" | "warning";
  /** Whether it may vanish by itself, when another object appears. */
  readonly transient: boolean;
  /** Which kind of problem. */
  readonly class: ProblemClass;
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

/** Collects the problems of one resource in the order in which they are found. */
export class ResourceProblems {
  readonly #resource: string;
  readonly #problems: Problem[] = [];

  /** An empty list for a resource, shown as `kind/name`. */
  constructor(kind: string, name: string) {
    this.#resource = `${kind}/${name}`;
  }

  /** What was collected. */
  get all(): readonly Problem[] {
    return this.#problems;
  }

  /** Adds an error that stays until the resource is changed. */
  readonly error: Note = ({ field, ...rest }) => {
    this.#add({ severity: "error", transient: false, field, ...rest });
  };

  /** Adds a warning about something that may exist later. */
  readonly warning: Note = ({ field, ...rest }) => {
    this.#add({ severity: "warning", transient: true, field, ...rest });
  };

  /** Adds an error that goes away when another object appears. */
  readonly missing: Note = ({ field, ...rest }) => {
    this.#add({ severity: "error", transient: true, field, ...rest });
  };

  /** Adds a warning that stays until the resource is changed. */
  readonly advice: Note = ({ field, ...rest }) => {
    this.#add({ severity: "warning", transient: false, field, ...rest });
  };

  #add({ field, ...rest }: Omit<Problem, "path"> & { field: string }): void {
    const path = `${this.#resource} ${field}`.trimEnd();
    this.#problems.push({ ...rest, path });
  }
}

/** One line for logs and readiness details. */
export function formatProblem({ path, message }: Problem): string {
  return `${path}: ${message}`;
}
