/** `BGPPeer` of `metallb.io/v1beta1`: still served, stored as v1beta2. */
import { asn, BGP_PEER, BGP_PEER_COLUMNS } from "./bgp_peer.ts";
import type { KindDefinition } from "./kind.ts";
import type { LabelSelector } from "./label_selector.ts";
import { boolean, list, object, text, textMap, unsigned } from "./schema.ts";

/** `BGPPeer.spec` of v1beta1; the fields mean what they mean in v1beta2. */
export interface BgpPeerV1Beta1Spec {
  /** Our ASN. */
  readonly myASN: number;
  /** The peer's ASN. */
  readonly peerASN: number;
  /** The peer's address. */
  readonly peerAddress: string;
  /** Address that our side uses; `""` = any. */
  readonly sourceAddress: string;
  /** TCP port of the peer; 0 = the usual one. */
  readonly peerPort: number;
  /** Duration as text. */
  readonly holdTime?: string;
  /** Duration as text. */
  readonly keepaliveTime?: string;
  /** Our BGP identifier; `""` = chosen. */
  readonly routerID: string;
  /** Nodes that have the session (any selector); empty = all. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** TCP-MD5 password; `""` = none. */
  readonly password: string;
  /** Name of a `BFDProfile`; `""` = no BFD. */
  readonly bfdProfile: string;
  /** Whether the peer may be several hops away. */
  readonly ebgpMultiHop: boolean;
}

/** Selectors of v1beta1 have values with every operator. */
const nodeSelector = object<LabelSelector>({
  matchLabels: {
    schema: textMap,
    description: "Labels that must be present with exactly these values.",
  },
  matchExpressions: {
    schema: list(object<LabelSelector["matchExpressions"][number]>({
      key: { schema: text, description: "Label key.", required: true },
      operator: {
        schema: text,
        description: "In, NotIn, Exists or DoesNotExist.",
        required: true,
      },
      values: {
        schema: list(text, { minItems: 1 }),
        description: "Values for In and NotIn.",
        required: true,
      },
    })),
    description: "Requirements, all of which must hold.",
  },
});

/** The kind `BGPPeer` as it was. */
export const BGP_PEER_V1BETA1: KindDefinition<BgpPeerV1Beta1Spec> = {
  ...BGP_PEER,
  version: "v1beta1",
  columns: BGP_PEER_COLUMNS,
  spec: object<BgpPeerV1Beta1Spec>({
    myASN: { schema: asn, description: "Our ASN.", required: true },
    peerASN: { schema: asn, description: "The peer's ASN.", required: true },
    peerAddress: {
      schema: text,
      description: "The peer's IP address.",
      required: true,
    },
    sourceAddress: {
      schema: text,
      description: "IP address that our side of the session uses.",
    },
    peerPort: {
      schema: unsigned(16, { minimum: 0, maximum: 16_384 }),
      description: "TCP port of the peer; 0 means 179.",
    },
    holdTime: {
      schema: text,
      description: "Time without a message after which the session is down.",
      optional: true,
    },
    keepaliveTime: {
      schema: text,
      description: "Time between KEEPALIVE messages.",
      optional: true,
    },
    routerID: {
      schema: text,
      description: "Our BGP identifier, written as an IPv4 address.",
    },
    nodeSelectors: {
      schema: list(nodeSelector),
      description:
        "Nodes that have this session; one matching selector is enough. Empty means all nodes.",
    },
    password: {
      schema: text,
      description: "Password of the TCP MD5 signatures (RFC 2385).",
    },
    bfdProfile: {
      schema: text,
      description: "Name of the BFDProfile of the session.",
    },
    ebgpMultiHop: {
      schema: boolean,
      description: "Whether the peer may be several hops away.",
    },
  }),
};
