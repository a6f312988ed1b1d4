/**
 * The custom resources: one declarative definition per kind, from which come
 * the types, the decoder and the CustomResourceDefinition.
 *
 * @module
 */
export { customResourceDefinition, type Manifest } from "./definition.ts";
export {
  IP_ADDRESS_POOL,
  type IpAddressPoolSpec,
  type IpAddressPoolStatus,
  type ServiceAllocationSpec,
} from "./ip_address_pool.ts";
export {
  type Decoded,
  decodeResource,
  type KindDefinition,
  type PrinterColumn,
  type ResourceMetadata,
} from "./kind.ts";
export {
  L2_ADVERTISEMENT,
  type L2AdvertisementSpec,
  type PreferredNodeSelector,
} from "./l2_advertisement.ts";
export type {
  LabelSelector,
  LabelSelectorRequirement,
} from "./label_selector.ts";
export type { FieldProblem, OpenApiSchema, Report, Schema } from "./schema.ts";
