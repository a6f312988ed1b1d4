/**
 * What each address does and why, from the decisions of the production
 * functions: records in, sentences out.
 *
 * @module
 */
export type {
  AllocationFacts,
  AnnouncerFacts,
  ClusterFacts,
  OwnershipFacts,
  PartFacts,
  ServiceFacts,
  SpeakerFacts,
} from "./facts.ts";
export {
  type AddressExplanation,
  explain,
  type Explanation,
  type NodeExplanation,
  type StandBy,
} from "./explain.ts";
export {
  type ExplainedCandidate,
  type ExplainedExclusion,
  explainOwnership,
  type OwnershipExplanation,
  type SeenOwnership,
} from "./explain_ownership.ts";
export { explainService, type ServiceExplanation } from "./explain_service.ts";
export {
  type ClusterStatus,
  clusterStatus,
  type PoolLine,
  type PoolUse,
  type ServiceLine,
  type SpeakerLine,
} from "./status.ts";
export { describeReason } from "./words.ts";
