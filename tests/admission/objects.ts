/** Objects that admission tests write: short to say, complete when sent. */
import type { Manifest } from "../kubernetes/mod.ts";

/** Namespace of the resources. */
export const NAMESPACE = "metallb-system";

/** A `spec`. */
export type Spec = Readonly<Record<string, unknown>>;

/** An object of `metallb.io`. */
export function resource(
  kind: string,
  name: string,
  spec?: unknown,
  { version = kind === "BGPPeer" ? "v1beta2" : "v1beta1", ...named }: {
    readonly version?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  } = {},
): Manifest {
  const metadata = { name, namespace: NAMESPACE, ...named };
  const apiVersion = `metallb.io/${version}`;
  return { apiVersion, kind, metadata, ...spec === undefined ? {} : { spec } };
}

/** A pool. */
export function pool(name: string, spec: unknown): Manifest {
  return resource("IPAddressPool", name, spec);
}

/** A pool outside of all others, with a scope. */
export function scopedPool(serviceAllocation: unknown): Manifest {
  return pool("bad", { addresses: ["203.0.113.0/24"], serviceAllocation });
}

/** A layer-2 advertisement. */
export function l2(spec: Spec): Manifest {
  return resource("L2Advertisement", "bad", spec);
}

/** A BGP advertisement. */
export function bgp(spec: Spec): Manifest {
  return resource("BGPAdvertisement", "bad", spec);
}

/** A peer with another spec than a good one. */
export function peer(change: Spec, version = "v1beta2"): Manifest {
  const spec = {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.253",
    ...change,
  };
  return resource("BGPPeer", "bad", spec, { version });
}

/** An object without a name. */
export function nameless(kind: string): Manifest {
  return { ...resource(kind, "", {}), metadata: { namespace: NAMESPACE } };
}

/** What a peer must have. */
export const PEER_FIELDS = {
  myASN: 64500,
  peerASN: 64501,
  peerAddress: "192.0.2.9",
};

/** What is there before a bad object is written; all of it is good. */
export const STORED: readonly Manifest[] = [
  pool("office", { addresses: ["192.0.2.100-192.0.2.150"] }),
  resource("IPAddressPool", "six", { addresses: ["2001:db8::/120"] }, {
    labels: { family: "six" },
  }),
  resource("BFDProfile", "fast", { detectMultiplier: 3 }),
  resource("BFDProfile", "echo", { echoMode: true }),
  resource("BGPPeer", "router-a", {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.254",
    bfdProfile: "fast",
    enableGracefulRestart: false,
  }),
  resource("BGPPeer", "router-echo", {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.252",
    bfdProfile: "echo",
  }),
  resource("Community", "well-known", {
    communities: [{ name: "no-export", value: "65535:65281" }],
  }),
  resource("BGPAdvertisement", "routes", {
    ipAddressPools: ["office"],
    localPref: 100,
    asPathPrepend: 1,
    peers: ["router-a"],
  }),
];
