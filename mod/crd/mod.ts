/**
 * The custom resources: one declarative definition per kind, from which come
 * the types, the decoder and the CustomResourceDefinition.
 *
 * @module
 */
export { BFD_PROFILE, type BfdProfileSpec } from "./bfd_profile.ts";
export {
  BGP_ADVERTISEMENT,
  type BgpAdvertisementSpec,
} from "./bgp_advertisement.ts";
export {
  BGP_PEER,
  type BgpPeerSpec,
  type SecretReference,
} from "./bgp_peer.ts";
export { type Conversion, convertBgpPeer } from "./bgp_peer_conversion.ts";
export {
  BGP_PEER_V1BETA1,
  type BgpPeerV1Beta1Spec,
} from "./bgp_peer_v1beta1.ts";
export {
  COMMUNITY,
  type CommunityAlias,
  type CommunitySpec,
} from "./community.ts";
export {
  type Condition,
  CONFIGURATION_STATE,
  type ConfigurationStateStatus,
} from "./configuration_state.ts";
export {
  customResourceDefinition,
  type Kind,
  type Manifest,
  type OlderVersion,
} from "./definition.ts";
export { parseDuration, SECOND, toSeconds } from "./duration.ts";
export {
  IP_ADDRESS_POOL,
  type IpAddressPoolSpec,
  type IpAddressPoolStatus,
  type ServiceAllocationSpec,
} from "./ip_address_pool.ts";
export {
  type Decoded,
  type DecodedStatus,
  decodeResource,
  decodeStatus,
  type KindDefinition,
  type PrinterColumn,
  type ResourceMetadata,
} from "./kind.ts";
export { KINDS } from "./kinds.ts";
export {
  L2_ADVERTISEMENT,
  type L2AdvertisementSpec,
  type PreferredNodeSelector,
} from "./l2_advertisement.ts";
export type {
  LabelSelector,
  LabelSelectorRequirement,
} from "./label_selector.ts";
export { checkSchema, type SchemaProblem } from "./schema_check.ts";
export type { FieldProblem, OpenApiSchema, Report, Schema } from "./schema.ts";
export {
  type AnnouncedInterface,
  SERVICE_BGP_STATUS,
  SERVICE_L2_STATUS,
  type ServiceBgpStatusStatus,
  type ServiceL2StatusStatus,
} from "./service_status.ts";
