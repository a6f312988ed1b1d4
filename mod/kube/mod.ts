/**
 * Access to the Kubernetes API: the port that the roles use, the object types
 * that they see, and the adapter behind it.
 *
 * @module
 */
export * from "./port.ts";
export * from "./types.ts";
