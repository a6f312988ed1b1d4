/** The validating webhooks: MetalLB's paths and names, one for each kind. */
import {
  BFD_PROFILE,
  BGP_ADVERTISEMENT,
  BGP_PEER,
  COMMUNITY,
  IP_ADDRESS_POOL,
  type KindDefinition,
  L2_ADVERTISEMENT,
} from "../crd/mod.ts";

/** A webhook of the ValidatingWebhookConfiguration. */
export interface ValidatingWebhook {
  /** Name in the configuration. */
  readonly name: string;
  /** Path that the API server calls. */
  readonly path: string;
  /** The kind that it is about. */
  readonly definition: KindDefinition<unknown>;
  /** The writes that it is asked about. */
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
}

/** Path of the conversion webhook. */
export const CONVERSION_PATH = "/convert";

const CHANGES = ["CREATE", "UPDATE"] as const;

/**
 * The webhooks. Only the end of a BFDProfile is of interest; everything else
 * may be deleted at any time. None matches a subresource, so that no status
 * that a role writes ever depends on them.
 */
export const VALIDATING_WEBHOOKS: readonly ValidatingWebhook[] = [
  webhook("ipaddresspoolvalidationwebhook", IP_ADDRESS_POOL, CHANGES),
  webhook("l2advertisementvalidationwebhook", L2_ADVERTISEMENT, CHANGES),
  webhook("bgpadvertisementvalidationwebhook", BGP_ADVERTISEMENT, CHANGES),
  // The plural is MetalLB's.
  webhook("bgppeersvalidationwebhook", BGP_PEER, CHANGES),
  webhook("bfdprofilevalidationwebhook", BFD_PROFILE, [...CHANGES, "DELETE"]),
  webhook("communityvalidationwebhook", COMMUNITY, CHANGES),
];

function webhook(
  name: string,
  definition: KindDefinition<unknown>,
  operations: ValidatingWebhook["operations"],
): ValidatingWebhook {
  const { group, version, singular } = definition;
  return {
    name: `${name}.${group}`,
    path: `/validate-${group.replaceAll(".", "-")}-${version}-${singular}`,
    definition,
    operations,
  };
}
