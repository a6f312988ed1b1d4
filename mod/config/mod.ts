/**
 * The configuration: resources resolved together, with every problem named by
 * its path, and its translation into the records of ownership and allocation.
 *
 * @module
 */
export {
  ANNOTATION_PREFIX,
  annotationOf,
  DEPRECATED_ANNOTATION_PREFIX,
  DRAIN_ANNOTATION,
  EXCLUDE_LABEL,
  FAILBACK_ANNOTATION,
  INSTANCE_ANNOTATION,
  IPS_ANNOTATION,
  MACS_ANNOTATION,
  mayUseTwoPools,
  SINCE_ANNOTATION,
  TWO_POOLS_ANNOTATION,
} from "./annotations.ts";
export {
  type BgpCommunity,
  compareCommunities,
  formatCommunity,
} from "./bgp_community.ts";
export { type ClassFilter, isOurClass } from "./class_filter.ts";
export type {
  BfdProfileConfig,
  BgpAdvertisementConfig,
  PeerAs,
  PeerAuthentication,
  PeerConfig,
  PeerTarget,
  PeerTimers,
} from "./bgp_config.ts";
export {
  type Config,
  EMPTY_CONFIG,
  type L2AdvertisementConfig,
  type PoolConfig,
  type ServiceAllocationConfig,
} from "./config.ts";
export { isDraining } from "./drain.ts";
export { mostReluctant, parseFailback } from "./failback.ts";
export { poolsForIpam } from "./ipam_pools.ts";
export {
  canServe,
  type OwnershipObjects,
  type OwnershipPart,
  ownershipView,
  type OwnershipViewResult,
  type ServiceRefusal,
} from "./ownership_view.ts";
export type { PasswordSecret } from "./peer_password.ts";
export type { ManifestFile } from "./manifest_source.ts";
export {
  formatProblem,
  type Problem,
  PROBLEM_CLASSES,
  type ProblemClass,
} from "./problem.ts";
export {
  type ConfigResources,
  resolveConfig,
  type ResolvedConfig,
} from "./resolve.ts";
export {
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEERS,
  COMMUNITIES,
  CONFIGURATION_STATES,
  type CustomResource,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  SERVICE_BGP_STATUSES,
  SERVICE_L2_STATUSES,
} from "./resources.ts";
export {
  compileSelector,
  EVERYTHING,
  type Labels,
  matchesAny,
  type Selector,
  SelectorError,
} from "./selector.ts";
export {
  type Finding,
  type IgnoredObject,
  validateManifests,
  type ValidationOptions,
  type ValidationReport,
} from "./validate.ts";
export { judgeWrite, type ResourceWrite, type WriteVerdict } from "./write.ts";
export {
  type MemberlistSettings,
  readMemberlistSettings,
} from "./memberlist_settings.ts";
export {
  type MemberSecrets,
  type MemberSecretsResult,
  readMemberSecrets,
  SECRET_FILES,
  type SecretTexts,
} from "./member_secrets.ts";
