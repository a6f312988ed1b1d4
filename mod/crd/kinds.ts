/** All kinds of the group `metallb.io`. */
import { BFD_PROFILE } from "./bfd_profile.ts";
import { BGP_ADVERTISEMENT } from "./bgp_advertisement.ts";
import { BGP_PEER } from "./bgp_peer.ts";
import { BGP_PEER_V1BETA1 } from "./bgp_peer_v1beta1.ts";
import { COMMUNITY } from "./community.ts";
import { CONFIGURATION_STATE } from "./configuration_state.ts";
import type { Kind } from "./definition.ts";
import { IP_ADDRESS_POOL } from "./ip_address_pool.ts";
import { L2_ADVERTISEMENT } from "./l2_advertisement.ts";
import { SERVICE_BGP_STATUS, SERVICE_L2_STATUS } from "./service_status.ts";

/** The kinds, each with its versions; one CustomResourceDefinition for each. */
export const KINDS: readonly Kind[] = [
  { definition: IP_ADDRESS_POOL },
  { definition: L2_ADVERTISEMENT },
  { definition: BGP_ADVERTISEMENT },
  {
    definition: BGP_PEER,
    older: {
      definition: BGP_PEER_V1BETA1,
      deprecationWarning:
        "metallb.io/v1beta1 BGPPeer is deprecated: use metallb.io/v1beta2",
    },
  },
  { definition: BFD_PROFILE },
  { definition: COMMUNITY },
  { definition: SERVICE_L2_STATUS },
  { definition: SERVICE_BGP_STATUS },
  { definition: CONFIGURATION_STATE },
];
