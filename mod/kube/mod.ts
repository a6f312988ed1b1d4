/**
 * Access to the Kubernetes API: the port that the roles use, the object types
 * that they see, and the adapter behind it.
 *
 * @module
 */
export * from "./access.ts";
export * from "./access_error.ts";
export type { CallKind } from "./calls.ts";
export * from "./changes.ts";
export {
  connect,
  type ConnectedClient,
  type ConnectOptions,
  type Malformed,
} from "./client.ts";
export { SERVICE_ACCOUNT } from "./in_cluster.ts";
export * from "./load_access.ts";
export type { Material, ReadTextFile } from "./material.ts";
export * from "./pages.ts";
export * from "./platform.ts";
export * from "./port.ts";
export {
  defineResource,
  isRecord,
  projectMetadata,
  type Raw,
  record,
  type ResourceDefinition,
  text,
} from "./projection.ts";
export * from "./reflector.ts";
export * from "./resources.ts";
export * from "./reviews.ts";
export * from "./types.ts";
