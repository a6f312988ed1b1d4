/** `BGPPeer` of `metallb.io/v1beta2`. */
import type { KindDefinition, PrinterColumn } from "./kind.ts";
import { type LabelSelector, labelSelector } from "./label_selector.ts";
import {
  boolean,
  list,
  object,
  text,
  unsigned,
  withKeywords,
  withRules,
} from "./schema.ts";

/** A `corev1.SecretReference`. */
export interface SecretReference {
  /** Name of the Secret; `""` = none. */
  readonly name: string;
  /** Ignored: Secrets are looked up in the load balancer's own namespace. */
  readonly namespace: string;
}

/** `BGPPeer.spec`. */
export interface BgpPeerSpec {
  /** Our ASN; 1 to 4,294,967,295. */
  readonly myASN: number;
  /** The peer's ASN; 0 = see `dynamicASN`. */
  readonly peerASN: number;
  /** `internal` or `external` in place of `peerASN`; `""` = unset. */
  readonly dynamicASN: string;
  /** ASN shown to this peer in place of ours; 0 = ours. */
  readonly localASN: number;
  /** The peer's address; `""` = see `interface`. */
  readonly peerAddress: string;
  /** Interface of an unnumbered session; `""` = see `peerAddress`. */
  readonly interface: string;
  /** Address that our side of the session uses; `""` = any. */
  readonly sourceAddress: string;
  /** TCP port of the peer. */
  readonly peerPort: number;
  /** Duration as text (`90s`). */
  readonly holdTime?: string;
  /** Duration as text (`30s`). */
  readonly keepaliveTime?: string;
  /** Duration as text (`10s`). */
  readonly connectTime?: string;
  /** Our BGP identifier, as an IPv4 address; `""` = chosen. */
  readonly routerID: string;
  /** Nodes that have the session (any selector); empty = all. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** TCP-MD5 password; `""` = none. */
  readonly password: string;
  /** Secret with the password. */
  readonly passwordSecret: SecretReference;
  /** Name of a `BFDProfile`; `""` = no BFD. */
  readonly bfdProfile: string;
  /** Whether routes stay while the session restarts (RFC 4724). */
  readonly enableGracefulRestart: boolean;
  /** Whether the peer of another AS may be several hops away. */
  readonly ebgpMultiHop: boolean;
  /** Name of the VRF of the session; `""` = the default one. */
  readonly vrf: string;
  /** Deprecated: whether only the session's own address family is used. */
  readonly disableMP: boolean;
  /** Whether the session carries both address families. */
  readonly dualStackAddressFamily: boolean;
}

/** Highest ASN. */
const MAX_ASN = 2 ** 32 - 1;

/** An ASN as the API server takes it; 0 stands for none. */
export const asn = unsigned(32, {
  format: "int64",
  minimum: 0,
  maximum: MAX_ASN,
});

const secretReference = object<SecretReference>({
  name: { schema: text, description: "Name of the Secret." },
  namespace: {
    schema: text,
    description: "Not used: the Secret has to be in the namespace of the peer.",
  },
}, { "x-kubernetes-map-type": "atomic" });

/** Columns of both versions. */
export const BGP_PEER_COLUMNS: readonly PrinterColumn[] = [
  {
    name: "Address",
    type: "string",
    description: "The peer's address.",
    jsonPath: ".spec.peerAddress",
  },
  {
    name: "ASN",
    type: "string",
    description: "The peer's ASN.",
    jsonPath: ".spec.peerASN",
  },
  {
    name: "BFD Profile",
    type: "string",
    description: "Settings of its BFD session.",
    jsonPath: ".spec.bfdProfile",
  },
  {
    name: "Multi Hops",
    type: "string",
    description: "Whether it may be several hops away.",
    jsonPath: ".spec.ebgpMultiHop",
  },
];

const spec = object<BgpPeerSpec>({
  myASN: { schema: asn, description: "Our ASN.", required: true },
  peerASN: {
    schema: asn,
    description:
      "The peer's ASN. Either this or dynamicASN has to be there, not both.",
  },
  dynamicASN: {
    schema: withKeywords(text, { enum: ["internal", "external"] }),
    description:
      "Takes whatever ASN the peer has, as long as it is ours (internal) or another one (external).",
  },
  localASN: {
    schema: unsigned(32, { format: "int64", minimum: 1, maximum: MAX_ASN }),
    description: "ASN that this peer sees in place of ours.",
  },
  peerAddress: {
    schema: text,
    description:
      "The peer's IP address. Either this or interface has to be there, not both.",
  },
  interface: {
    schema: text,
    description:
      "Network interface at whose other end the peer is, for sessions without addresses of their own.",
  },
  sourceAddress: {
    schema: text,
    description: "IP address that our side of the session uses.",
  },
  peerPort: {
    schema: unsigned(16, { minimum: 1, maximum: 16_384 }),
    description: "TCP port of the peer.",
    default: 179,
  },
  holdTime: {
    schema: text,
    description:
      'Time without a message after which the session is down, such as "90s": 0, or 3s to 65535s.',
    optional: true,
  },
  keepaliveTime: {
    schema: text,
    description:
      'Time between KEEPALIVE messages, such as "30s"; by default a third of holdTime.',
    optional: true,
  },
  connectTime: {
    schema: withRules(text, [
      {
        rule:
          "duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535",
        message: "connectTime has to be from 1s to 65535s",
      },
      {
        rule: "duration(self).getMilliseconds() % 1000 == 0",
        message: "connectTime has to be a whole number of seconds",
      },
    ]),
    description: 'Time between attempts to connect, such as "10s".',
    optional: true,
  },
  routerID: {
    schema: text,
    description: "Our BGP identifier, written as an IPv4 address.",
  },
  nodeSelectors: {
    schema: list(labelSelector),
    description:
      "Nodes that have this session; one matching selector is enough. Empty means all nodes.",
  },
  password: {
    schema: text,
    description: "Password of the TCP MD5 signatures (RFC 2385).",
  },
  passwordSecret: {
    schema: secretReference,
    description:
      "Secret of type kubernetes.io/basic-auth whose key password holds the password.",
  },
  bfdProfile: {
    schema: text,
    description: "Name of the BFDProfile of the session. Empty means no BFD.",
  },
  enableGracefulRestart: {
    schema: withRules(boolean, [{
      rule: "self == oldSelf",
      message:
        "enableGracefulRestart cannot be changed, because it is agreed on when the session begins: make the peer anew",
    }]),
    description:
      "Whether the peer keeps our routes while the session restarts.",
  },
  ebgpMultiHop: {
    schema: boolean,
    description: "Whether a peer of another AS may be several hops away.",
  },
  vrf: {
    schema: text,
    description: "VRF on the node in which the session runs.",
  },
  disableMP: {
    schema: boolean,
    description:
      "Deprecated in favour of dualStackAddressFamily: limits the session to its own address family.",
    default: false,
  },
  dualStackAddressFamily: {
    schema: boolean,
    description:
      "Whether one session carries IPv4 and IPv6 routes, whatever it runs over.",
    default: false,
  },
});

/** The kind `BGPPeer`. */
export const BGP_PEER: KindDefinition<BgpPeerSpec> = {
  group: "metallb.io",
  version: "v1beta2",
  kind: "BGPPeer",
  plural: "bgppeers",
  singular: "bgppeer",
  description: "A router to which addresses are announced by BGP.",
  specDescription: "Who the peer is and how to talk to it.",
  specPresence: "optional",
  spec,
  statusDescription: "Nothing yet.",
  status: object<Record<never, never>>({}),
  columns: BGP_PEER_COLUMNS,
};
