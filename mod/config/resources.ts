/** The custom resources as kinds of the Kubernetes port. */
import {
  BFD_PROFILE,
  BGP_ADVERTISEMENT,
  BGP_PEER,
  COMMUNITY,
  CONFIGURATION_STATE,
  IP_ADDRESS_POOL,
  type KindDefinition,
  L2_ADVERTISEMENT,
  SERVICE_BGP_STATUS,
  SERVICE_L2_STATUS,
} from "../crd/mod.ts";
import {
  type KubeObject,
  type ObjectMeta,
  projectMetadata,
  type Resource,
} from "../kube/mod.ts";

/**
 * A custom resource as it arrives. Its spec is decoded when the configuration
 * is resolved, where a malformed one becomes a problem with a path.
 */
export interface CustomResource extends KubeObject {
  /** `spec`, of any shape. */
  readonly spec?: unknown;
  /** `status`, of any shape. */
  readonly status?: unknown;
}

/** `IPAddressPool` of `metallb.io/v1beta1`. */
export const IP_ADDRESS_POOLS: Resource<CustomResource> = resourceOf(
  IP_ADDRESS_POOL,
);

/** `L2Advertisement` of `metallb.io/v1beta1`. */
export const L2_ADVERTISEMENTS: Resource<CustomResource> = resourceOf(
  L2_ADVERTISEMENT,
);

/** `BGPAdvertisement` of `metallb.io/v1beta1`. */
export const BGP_ADVERTISEMENTS: Resource<CustomResource> = resourceOf(
  BGP_ADVERTISEMENT,
);

/** `BGPPeer` of `metallb.io/v1beta2`. */
export const BGP_PEERS: Resource<CustomResource> = resourceOf(BGP_PEER);

/** `BFDProfile` of `metallb.io/v1beta1`. */
export const BFD_PROFILES: Resource<CustomResource> = resourceOf(BFD_PROFILE);

/** `Community` of `metallb.io/v1beta1`. */
export const COMMUNITIES: Resource<CustomResource> = resourceOf(COMMUNITY);

/** `ServiceL2Status` of `metallb.io/v1beta1`. */
export const SERVICE_L2_STATUSES: Resource<CustomResource> = resourceOf(
  SERVICE_L2_STATUS,
);

/** `ServiceBGPStatus` of `metallb.io/v1beta1`. */
export const SERVICE_BGP_STATUSES: Resource<CustomResource> = resourceOf(
  SERVICE_BGP_STATUS,
);

/** `ConfigurationState` of `metallb.io/v1beta1`. */
export const CONFIGURATION_STATES: Resource<CustomResource> = resourceOf(
  CONFIGURATION_STATE,
);

function resourceOf(
  { group, version, kind, plural }: KindDefinition<unknown>,
): Resource<CustomResource> {
  const apiVersion = `${group}/${version}`;
  return {
    group,
    version,
    plural,
    kind,
    namespaced: true,
    project: ({ metadata, spec, status }) => ({
      apiVersion,
      kind,
      metadata: withoutAnnotations(metadata),
      ...(spec === undefined ? {} : { spec }),
      ...(status === undefined ? {} : { status }),
    }),
  };
}

/** The metadata without annotations, which Herald never reads on these kinds. */
function withoutAnnotations(metadata: unknown): ObjectMeta {
  const { annotations: _, ...kept } = projectMetadata(metadata);
  return kept;
}
