/** Whether a write of a custom resource may happen. */
import {
  type ConfigResources,
  type CustomResource,
  judgeWrite,
  type Problem,
} from "../config/mod.ts";
import { BFD_PROFILE, BGP_PEER, convertBgpPeer } from "../crd/mod.ts";
import { projectMetadata, type Raw } from "../kube/mod.ts";
import type { AdmissionAnswer, AdmissionRequest } from "./admission_review.ts";
import { ReviewError } from "./review.ts";
import { VALIDATING_WEBHOOKS } from "./webhooks.ts";

/** Words for why a write is refused; labels of the metric. */
export type DenialReason =
  | Problem["class"]
  /** The resource is in a namespace that nobody reads. */
  | "wrongNamespace"
  /** A BGPPeer refers to the BFDProfile that is to be deleted. */
  | "bfdProfileInUse";

/** The answer, and the words for its reasons. */
export interface AdmissionVerdict extends AdmissionAnswer {
  /** Why it is refused; empty = it is not. */
  readonly reasons: readonly DenialReason[];
}

const ALLOWED: AdmissionVerdict = { reasons: [], warnings: [] };

/**
 * Whether a request is decided without a look at the other resources: nothing
 * is refused about parts of a resource, foreign kinds, namespaces that nobody
 * reads, and deletions of what may always be deleted.
 *
 * @returns The verdict; nothing when {@linkcode judgeRequest} is needed.
 */
export function judgeAlone(
  request: AdmissionRequest,
  namespace: string,
): AdmissionVerdict | undefined {
  const { operation, kind } = request;
  const webhook = VALIDATING_WEBHOOKS.find(({ definition }) =>
    definition.group === request.group && definition.kind === kind
  );
  if (webhook === undefined || request.subresource !== "") return ALLOWED;
  if (!webhook.operations.some((each) => each === operation)) return ALLOWED;
  if (request.namespace === namespace) return undefined;
  const sentence = `metadata.namespace: Cannot use "${request.namespace}": ` +
    `${kind} objects are read in namespace "${namespace}" only`;
  switch (operation) {
    case "CREATE":
      return denied([["wrongNamespace", sentence]]);
    case "UPDATE":
      return { ...ALLOWED, warnings: [sentence] };
    default:
      return ALLOWED;
  }
}

/**
 * Judges a request that {@linkcode judgeAlone} leaves open.
 *
 * @param stored All resources as they are stored at this moment.
 * @throws {ReviewError} For a version of the kind that there is not.
 */
export function judgeRequest(
  request: AdmissionRequest,
  stored: ConfigResources,
): AdmissionVerdict {
  const { kind, name, operation } = request;
  const isEnd = operation === "DELETE";
  const verdict = judgeWrite(stored, {
    kind,
    name,
    before: readResource(request, request.oldObject),
    after: isEnd ? undefined : readResource(request, request.object),
  });
  if (isEnd) {
    return denied(verdict.refusals.map((each) => inUse(name, each)));
  }
  const isOwn = (problem: Problem): boolean =>
    problem.kind === kind && problem.name === name;
  const sentence = (problem: Problem): string =>
    sentenceOf(problem, isOwn(problem));
  return {
    ...denied(verdict.refusals.map((each) => [each.class, sentence(each)])),
    warnings: [
      ...verdict.warnings.map(sentence),
      ...verdict.standing.map((each) =>
        `The last valid configuration stays in force: ${sentence(each)}`
      ),
    ],
  };
}

function denied(
  reasons: readonly (readonly [DenialReason, string])[],
): AdmissionVerdict {
  if (reasons.length === 0) return ALLOWED;
  return {
    reasons: reasons.map(([reason]) => reason),
    denial: reasons.map(([, sentence]) => sentence).join("; "),
    warnings: [],
  };
}

/** Names the field, after the resource when it is another than the written one. */
function sentenceOf(
  { kind, name, field, message }: Problem,
  isOwn: boolean,
): string {
  return `${isOwn ? "" : `${kind} "${name}" `}${field}: ${message}`;
}

function inUse(
  profile: string,
  { kind, name, field }: Problem,
): readonly [DenialReason, string] {
  const sentence = `Cannot delete ${BFD_PROFILE.kind} "${profile}": ` +
    `${field} of ${kind} "${name}" refers to it`;
  return ["bfdProfileInUse", sentence];
}

/** The resource in the version that the resolver reads. */
function readResource(
  { kind }: AdmissionRequest,
  object: Raw | undefined,
): CustomResource | undefined {
  if (object === undefined) return undefined;
  const { metadata, spec } = kind === BGP_PEER.kind
    ? currentPeer(object)
    : object;
  return { metadata: projectMetadata(metadata), spec };
}

function currentPeer(object: Raw): Raw {
  const { group, version } = BGP_PEER;
  const conversion = convertBgpPeer(object, `${group}/${version}`);
  if (conversion.kind === "converted") return conversion.object;
  throw new ReviewError(conversion.message);
}
