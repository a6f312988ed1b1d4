/**
 * Access to the Kubernetes API: the port that the roles use, the object types
 * that they see, and the adapter behind it.
 *
 * @module
 */
export * from "./port.ts";
export * from "./types.ts";
export * from "./platform.ts";
export {
  defineResource,
  projectMetadata,
  type Raw,
  type ResourceDefinition,
} from "./projection.ts";
export * from "./resources.ts";
