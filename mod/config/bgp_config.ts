/** The BGP part of the resolved configuration. */
import type { Ip, IpFamily } from "../net/mod.ts";
import type { BgpCommunity } from "./bgp_community.ts";
import type { Selector } from "./selector.ts";

/** A BGP advertisement as it applies to a pool. */
export interface BgpAdvertisementConfig {
  /** `metadata.name`. */
  readonly name: string;
  /** Length of the announced prefixes. */
  readonly aggregationLength: Readonly<Record<IpFamily, number>>;
  /** LOCAL_PREF towards peers of the same AS; 0 = none set. */
  readonly localPref: number;
  /** How often the own ASN is added to the path. */
  readonly asPathPrepend: number;
  /** In order, each once. */
  readonly communities: readonly BgpCommunity[];
  /** Names of the nodes that announce. */
  readonly nodes: ReadonlySet<string>;
  /** Names of the peers, as listed; empty = all. */
  readonly peers: readonly string[];
  /** Selectors for Services (any); empty = all. */
  readonly serviceSelectors: readonly Selector[];
}

/** Which AS a peer is in. */
export type PeerAs =
  /** The one with this number. */
  | { readonly kind: "number"; readonly asn: number }
  /** Whatever it says, as long as it is ours. */
  | { readonly kind: "internal" }
  /** Whatever it says, as long as it is not ours. */
  | { readonly kind: "external" };

/** Where a peer is. */
export type PeerTarget =
  | { readonly kind: "address"; readonly address: Ip }
  /** At the other end of this interface (unnumbered). */
  | { readonly kind: "interface"; readonly name: string };

/** Hold and keepalive times of a session. */
export type PeerTimers =
  /** Those of the implementation. */
  | { readonly kind: "default" }
  | {
    readonly kind: "set";
    /** In seconds; 0, or 3 to 65,535. */
    readonly holdTime: number;
    /** In seconds, at most the hold time. */
    readonly keepaliveTime: number;
  };

/** How a session is authenticated (TCP MD5, RFC 2385). */
export type PeerAuthentication =
  | { readonly kind: "none" }
  /** Never to be logged. */
  | { readonly kind: "password"; readonly password: string }
  /** By a Secret that was not there to be read. */
  | { readonly kind: "secret"; readonly name: string };

/** One BGP peer. */
export interface PeerConfig {
  /** `metadata.name`. */
  readonly name: string;
  /** Our ASN. */
  readonly myAsn: number;
  /** ASN that the peer sees in place of ours. */
  readonly localAsn?: number;
  /** The AS of the peer. */
  readonly peerAs: PeerAs;
  /** Where the peer is. */
  readonly target: PeerTarget;
  /** TCP port of the peer. */
  readonly port: number;
  /** Address of our side. */
  readonly sourceAddress?: Ip;
  /** Times of the session. */
  readonly timers: PeerTimers;
  /** Seconds between attempts to connect. */
  readonly connectTime?: number;
  /** Our BGP identifier, an IPv4 address. */
  readonly routerId?: Ip;
  /** Nodes that have the session (any); without any in the resource: everything. */
  readonly nodeSelectors: readonly Selector[];
  /** How the session is authenticated. */
  readonly authentication: PeerAuthentication;
  /** Name of a BFD profile that exists. */
  readonly bfdProfile?: string;
  /** Whether the peer keeps our routes while the session restarts. */
  readonly gracefulRestart: boolean;
  /** Whether a peer of another AS may be several hops away. */
  readonly ebgpMultiHop: boolean;
  /** VRF of the session; `""` = the default one. */
  readonly vrf: string;
  /** Whether the session carries both address families. */
  readonly dualStackAddressFamily: boolean;
  /** Whether the session is limited to its own address family. */
  readonly disableMp: boolean;
}

/** One BFD profile; what is absent is left to the implementation. */
export interface BfdProfileConfig {
  /** `metadata.name`. */
  readonly name: string;
  /** In ms. */
  readonly receiveInterval?: number;
  /** In ms. */
  readonly transmitInterval?: number;
  /** Packets lost in a row. */
  readonly detectMultiplier?: number;
  /** In ms. */
  readonly echoInterval?: number;
  /** Lowest TTL of received packets. */
  readonly minimumTtl?: number;
  /** Whether echo packets are sent. */
  readonly echoMode: boolean;
  /** Whether the other side has to begin. */
  readonly passiveMode: boolean;
}
