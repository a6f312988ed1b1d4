/** What a speaker keeps of Services, EndpointSlices and Nodes: every node holds all of them. */
import {
  ANNOTATION_PREFIX,
  DEPRECATED_ANNOTATION_PREFIX,
  DRAIN_ANNOTATION,
  TWO_POOLS_ANNOTATION,
} from "../mod/config/mod.ts";
import {
  type Change,
  ENDPOINT_SLICES,
  type EndpointSlice,
  type KubeObject,
  type Node,
  NODES,
  type ObjectMeta,
  type Resource,
  type Service,
  SERVICES,
} from "../mod/kube/mod.ts";

/** Label of an EndpointSlice that names its Service. */
export const SERVICE_NAME = "kubernetes.io/service-name";

const ANNOTATIONS = [
  `${ANNOTATION_PREFIX}allow-shared-ip`,
  `${DEPRECATED_ANNOTATION_PREFIX}allow-shared-ip`,
  TWO_POOLS_ANNOTATION,
];

/** Speakers need to know where endpoints run, not where they listen. */
const NO_ADDRESSES: readonly string[] = [];

/** `v1` Services, as far as a speaker decides by them. */
export const SPEAKER_SERVICES: Resource<Service> = narrow(
  SERVICES,
  keepService,
);

/** `v1` Nodes, as far as a speaker decides by them. */
export const SPEAKER_NODES: Resource<Node> = narrow(
  NODES,
  ({ metadata, status }) => ({
    metadata: {
      ...keepMetadata(metadata, metadata.labels),
      ...withAnnotations(metadata, [DRAIN_ANNOTATION]),
    },
    status: {
      addresses: (status?.addresses ?? [])
        .filter(({ type }) => type === "InternalIP"),
      conditions: (status?.conditions ?? [])
        .filter(({ type }) => type === "NetworkUnavailable")
        .map(({ type, status }) => ({ type, status })),
    },
  }),
);

/**
 * Whether anything but the version differs. Every kubelet updates its Node's
 * status all the time, and a Node that changes makes a speaker look at all
 * Services.
 */
export function differs<T extends KubeObject>(change: Change<T>): boolean {
  if (change.type !== "MODIFIED") return true;
  return contentOf(change.object) !== contentOf(change.previous);
}

function contentOf({ metadata, ...rest }: KubeObject): string {
  const { resourceVersion: _, ...kept } = metadata;
  return JSON.stringify([kept, rest]);
}

/** EndpointSlices, as far as a speaker decides by them. */
export const SPEAKER_SLICES: Resource<EndpointSlice> = narrow(
  ENDPOINT_SLICES,
  ({ metadata, addressType, endpoints = [] }) => ({
    metadata: keepMetadata(metadata, only(metadata.labels, [SERVICE_NAME])),
    addressType,
    endpoints: endpoints.map((each) => ({ ...each, addresses: NO_ADDRESSES })),
  }),
);

function narrow<T extends KubeObject>(
  resource: Resource<T>,
  keep: (object: T) => T,
): Resource<T> {
  return { ...resource, project: (raw) => keep(resource.project(raw)) };
}

function keepService({ metadata, spec, status }: Service): Service {
  const { type, loadBalancerClass, externalTrafficPolicy } = spec;
  if (type !== "LoadBalancer") {
    return { metadata: keepMetadata(metadata), spec: { type: "other" } };
  }
  const ingress = status?.loadBalancer?.ingress ?? [];
  return {
    metadata: {
      ...keepMetadata(metadata, metadata.labels),
      ...withAnnotations(metadata, ANNOTATIONS),
    },
    spec: {
      type,
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }),
    },
    status: {
      loadBalancer: {
        ingress: ingress.map(({ ip }) => ip === undefined ? {} : { ip }),
      },
    },
  };
}

function keepMetadata(
  { name, namespace, uid, resourceVersion }: ObjectMeta,
  labels?: ObjectMeta["labels"],
): ObjectMeta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function withAnnotations(
  { annotations }: ObjectMeta,
  names: readonly string[],
): Pick<ObjectMeta, "annotations"> {
  const kept = only(annotations, names);
  return kept === undefined ? {} : { annotations: kept };
}

function only(
  texts: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const kept = names.flatMap((name) => {
    const value = texts?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
