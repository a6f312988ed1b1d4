/** Names in Kubernetes objects: those that Herald shares with MetalLB, and its own. */
import type { KubeObject } from "../kube/mod.ts";

/** Prefix of the annotations that are read and written. */
export const ANNOTATION_PREFIX = "metallb.io/";

/** Old prefix, still read; the new one wins when both are there. */
export const DEPRECATED_ANNOTATION_PREFIX = "metallb.universe.tf/";

/** Label that keeps a node from announcing, whatever its value. */
export const EXCLUDE_LABEL =
  "node.kubernetes.io/exclude-from-external-load-balancers";

/**
 * Annotation of a Service: with `"true"`, a dual-stack Service may take its two
 * addresses from two pools where no single pool has both.
 */
export const TWO_POOLS_ANNOTATION = "herald-lb.io/families-from-two-pools";

/** Whether a Service's families may come from two pools. */
export function mayUseTwoPools({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[TWO_POOLS_ANNOTATION] === "true";
}

/** Annotation of a speaker's Lease: `eth0=02:00:00:00:00:0a,…`, where it can announce. */
export const MACS_ANNOTATION = "herald-lb.io/macs";

/** Annotation of a `ServiceL2Status`: the announced addresses, joined by commas. */
export const IPS_ANNOTATION = "herald-lb.io/ips";

/** Annotation of a `ServiceL2Status`: when its node began to announce, RFC 3339. */
export const SINCE_ANNOTATION = "herald-lb.io/since";

/**
 * Annotation of a Node: with `"true"` its speaker gives all addresses away and
 * takes none, until the annotation is gone.
 */
export const DRAIN_ANNOTATION = "herald-lb.io/drain";

/**
 * Annotation of an `L2Advertisement`: when a returned node gets back what it
 * comes first for, `immediate`, `never` or seconds, instead of the speakers' flag.
 */
export const FAILBACK_ANNOTATION = "herald-lb.io/failback";

/** Annotation of a speaker's Lease: which process renewed it last. */
export const INSTANCE_ANNOTATION = "herald-lb.io/instance";

/**
 * Value of an annotation under the new or the old prefix.
 *
 * @param suffix The name after the prefix, for example `allow-shared-ip`.
 */
export function annotationOf(
  { metadata: { annotations = {} } }: KubeObject,
  suffix: string,
): string | undefined {
  for (const prefix of [ANNOTATION_PREFIX, DEPRECATED_ANNOTATION_PREFIX]) {
    const name = prefix + suffix;
    if (Object.hasOwn(annotations, name)) return annotations[name];
  }
  return undefined;
}
