/** The speaker's flags about the other members. */
import {
  choiceFlag,
  type Flag,
  numberFlag,
  switchFlag,
  textFlag,
} from "../mod/cli/mod.ts";
import { parseFailback } from "../mod/config/mod.ts";
import {
  formatIp,
  isMulticastIp,
  isUnspecifiedIp,
  tryParseIp,
} from "../mod/net/mod.ts";

/** kube-proxy's own default, on this machine. */
const KUBE_PROXY_HEALTHZ = "http://127.0.0.1:10256/healthz";

function parseHealthz(text: string): string | undefined {
  if (text === "off") return undefined;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new Error(`takes off, or a URL like ${KUBE_PROXY_HEALTHZ}`);
}

function parseBindAddress(text: string): string {
  const ip = tryParseIp(text);
  if (ip === undefined || isUnspecifiedIp(ip) || isMulticastIp(ip)) {
    throw new Error(
      `takes an IP address at which the other nodes reach this one, not "${text}"`,
    );
  }
  return formatIp(ip);
}

/** Names of settings of the gossip. */
export type MlPreset = "lan" | "wan" | "local";

/** Flags about the other members, by name. */
export type MemberFlags = {
  /** Address on which this speaker gossips. */
  readonly "ml-bindaddr": Flag<string | undefined>;
  /** Port of the gossip. */
  readonly "ml-bindport": Flag<number>;
  /** Folder with the Secret's files. */
  readonly "ml-secret-key-path": Flag<string | undefined>;
  /** How MetalLB's release makes the key. */
  readonly "ml-key-derivation": Flag<"sha256" | "padded">;
  /** How the members gossip, unless the ConfigMap says it. */
  readonly "ml-preset": Flag<MlPreset>;
  /** MetalLB's word for the preset `wan`. */
  readonly "ml-wan-config": Flag<boolean>;
  /** Folder with the ConfigMap's file. */
  readonly "ml-config-path": Flag<string | undefined>;
  /** UDP port of heartbeats. */
  readonly "heartbeat-port": Flag<number>;
  /** Milliseconds between heartbeats. */
  readonly "heartbeat-interval": Flag<number>;
  /** Heartbeats missed in a row before a peer is lost. */
  readonly "heartbeat-misses": Flag<number>;
  /** Candidates after the owner that beat with it. */
  readonly "heartbeat-standbys": Flag<number>;
  /** When a returned node gets its addresses back. */
  readonly "failback": Flag<number>;
  /** Seconds for which contact with a returned node must have held before. */
  readonly "failback-hold": Flag<number>;
  /** Where kube-proxy says whether it has written its rules. */
  readonly "kube-proxy-healthz": Flag<string | undefined>;
  /** Seconds between announcements of unchanged owners. */
  readonly "refresh-interval": Flag<number>;
  /** Milliseconds for which a new address is asked for before it is used. */
  readonly "address-probe": Flag<number>;
};

/** What `main.ts speaker` takes about the other members. */
export const MEMBER_FLAGS: MemberFlags = {
  "ml-bindaddr": {
    placeholder: "IP",
    help:
      "Address to gossip on, where the other speakers reach this one. Without it there is no gossip, no heartbeat and no claim: Leases alone tell who is alive.",
    env: ["HERALD_ML_BIND_ADDR", "METALLB_ML_BIND_ADDR"],
    fallback: undefined,
    fallbackText: "none",
    parse: parseBindAddress,
  },
  "ml-bindport": numberFlag({
    placeholder: "PORT",
    help: "Port of the gossip, UDP and TCP, on all nodes.",
    env: ["HERALD_ML_BIND_PORT", "METALLB_ML_BIND_PORT"],
    fallback: 7946,
    min: 1,
    max: 65535,
  }),
  "ml-secret-key-path": textFlag({
    placeholder: "FOLDER",
    help:
      "Folder with the file secretkey, the same on all nodes, and secretkey-next and secretkey-previous while it is replaced.",
    env: ["HERALD_ML_SECRET_KEY_PATH", "METALLB_ML_SECRET_KEY_PATH"],
    fallback: undefined,
    fallbackText: "none: nothing is protected",
  }),
  "ml-key-derivation": choiceFlag(["sha256", "padded"], {
    help:
      "How the gossip's key is made of the secret: padded beside MetalLB before 0.16.2. Speakers of Herald's understand both.",
    env: ["HERALD_ML_KEY_DERIVATION"],
    fallback: "sha256",
  }),
  "ml-preset": choiceFlag(["lan", "wan", "local"], {
    help:
      "How the members gossip: on one LAN, far from each other, or on one machine.",
    env: ["HERALD_ML_PRESET"],
    fallback: "lan",
  }),
  "ml-wan-config": switchFlag({
    help: "The same as --ml-preset wan.",
    env: ["HERALD_ML_WAN_CONFIG"],
  }),
  "ml-config-path": textFlag({
    placeholder: "FOLDER",
    help:
      "Folder with MetalLB's file config.json, whose settings replace the preset while it is there.",
    env: ["HERALD_ML_CONFIG_PATH"],
    fallback: undefined,
    fallbackText: "none",
  }),
  "heartbeat-port": numberFlag({
    placeholder: "PORT",
    help: "UDP port of heartbeats, on all nodes.",
    env: ["HERALD_HEARTBEAT_PORT"],
    fallback: 7473,
    min: 1,
    max: 65535,
  }),
  "heartbeat-interval": numberFlag({
    placeholder: "MS",
    help: "Time between heartbeats.",
    env: ["HERALD_HEARTBEAT_INTERVAL"],
    fallback: 100,
    min: 50,
    max: 10_000,
  }),
  "heartbeat-misses": numberFlag({
    help: "Heartbeats missed in a row before a peer is lost.",
    env: ["HERALD_HEARTBEAT_MISSES"],
    fallback: 3,
    min: 2,
    max: 20,
  }),
  "heartbeat-standbys": numberFlag({
    help: "Candidates after the owner that exchange heartbeats with it.",
    env: ["HERALD_HEARTBEAT_STANDBYS"],
    fallback: 2,
    min: 1,
    max: 8,
  }),
  "failback": {
    placeholder: "immediate|never|SECONDS",
    help:
      "When a returned node gets its addresses back, after --failback-hold; the annotation herald-lb.io/failback of an L2Advertisement overrides it.",
    env: ["HERALD_FAILBACK"],
    fallback: 0,
    fallbackText: "immediate",
    parse: parseFailback,
  },
  "failback-hold": numberFlag({
    placeholder: "SECONDS",
    help:
      "How long contact with a returned node must have held before; doubled for each time that it broke soon, up to 5 minutes.",
    env: ["HERALD_FAILBACK_HOLD"],
    fallback: 10,
    min: 0.5,
    max: 300,
    integer: false,
  }),
  "kube-proxy-healthz": {
    placeholder: "URL|off",
    help:
      "kube-proxy's health port: until it says that rules are written, a speaker that has started takes only addresses for which nobody else answers; 30 s at most, 5 s where nothing listens. off = do not ask.",
    env: ["HERALD_KUBE_PROXY_HEALTHZ"],
    fallback: KUBE_PROXY_HEALTHZ,
    fallbackText: KUBE_PROXY_HEALTHZ,
    parse: parseHealthz,
  },
  "refresh-interval": numberFlag({
    placeholder: "SECONDS",
    help: "Owners announce again after this long; 0 = never.",
    env: ["HERALD_REFRESH_INTERVAL"],
    fallback: 60,
    min: 0,
    max: 86_400,
  }),
  "address-probe": numberFlag({
    placeholder: "MS",
    help:
      "How long a new address is asked for before it is used (RFC 5227); 0 = it is used at once, and conflicts are told.",
    env: ["HERALD_ADDRESS_PROBE"],
    fallback: 0,
    min: 0,
    max: 10_000,
  }),
};
