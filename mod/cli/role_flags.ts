/** The flags that both roles take. */
import {
  choiceFlag,
  type Flag,
  numberFlag,
  switchFlag,
  textFlag,
} from "./flags.ts";

/** Flags of every role, by name; MetalLB's variables are read too. */
export type RoleFlags = {
  /** Path of a kubeconfig; without it the in-cluster configuration is used. */
  readonly kubeconfig: Flag<string | undefined>;
  /** Namespace of the `metallb.io` resources and of Herald's own objects. */
  readonly namespace: Flag<string | undefined>;
  /** Port of health, readiness, metrics and status; 0 lets the kernel choose. */
  readonly "http-port": Flag<number>;
  /** Address that the HTTP port is bound to. */
  readonly "http-address": Flag<string>;
  /** Port of metrics over HTTPS; 0 switches them off. */
  readonly "metrics-port": Flag<number>;
  /** Address that the metrics port is bound to. */
  readonly "metrics-address": Flag<string>;
  /** Folder of the metrics port's certificate. */
  readonly "metrics-cert-dir": Flag<string | undefined>;
  /** Lowest version of TLS that is spoken. */
  readonly "tls-min-version": Flag<TlsVersionName>;
  /** Lowest level that is logged. */
  readonly "log-level": Flag<RoleLogLevel>;
  /** Value of `spec.loadBalancerClass` that is ours; none means no class. */
  readonly "lb-class": Flag<string | undefined>;
  /** Whether Services without a class are served besides those of `lb-class`. */
  readonly "lb-class-and-none": Flag<boolean>;
};

/** Words of `--tls-min-version`, as MetalLB has them. */
export type TlsVersionName = "VersionTLS12" | "VersionTLS13";

/** Words of `--log-level`, MetalLB's among them. */
export type RoleLogLevel = "all" | "debug" | "info" | "warn" | "error" | "none";

const METRICS: Pick<
  RoleFlags,
  "metrics-port" | "metrics-address" | "metrics-cert-dir" | "tls-min-version"
> = {
  "metrics-port": numberFlag({
    placeholder: "PORT",
    help:
      "Port of /metrics over HTTPS, for tokens that may get /metrics; 0 = off.",
    env: ["HERALD_METRICS_PORT"],
    fallback: 9120,
    min: 0,
    max: 65535,
  }),
  "metrics-address": textFlag({
    placeholder: "IP",
    help: "Address that the metrics port is bound to.",
    env: ["HERALD_METRICS_ADDRESS"],
    fallback: "::",
  }),
  "metrics-cert-dir": textFlag({
    placeholder: "FOLDER",
    help: "Folder of tls.crt and tls.key for it, read again as they change.",
    env: ["HERALD_METRICS_CERT_DIR"],
    fallback: undefined,
    fallbackText: "a certificate that nobody vouches for",
  }),
  "tls-min-version": choiceFlag(["VersionTLS12", "VersionTLS13"], {
    help: "Lowest version of TLS that is spoken.",
    env: ["HERALD_TLS_MIN_VERSION"],
    fallback: "VersionTLS13",
  }),
};

/**
 * Makes the flags of a role.
 *
 * @param httpAddress The address that its HTTP port is bound to by default.
 * @returns The shared flags, to be spread into the role's own.
 */
export function roleFlags(httpAddress: string): RoleFlags {
  return {
    kubeconfig: textFlag({
      placeholder: "FILE",
      help: "Kubeconfig of the cluster.",
      env: ["HERALD_KUBECONFIG", "KUBECONFIG"],
      fallback: undefined,
      fallbackText: "the service account of the Pod",
    }),
    namespace: textFlag({
      placeholder: "NAME",
      help: "Namespace of the metallb.io resources.",
      env: ["HERALD_NAMESPACE", "METALLB_NAMESPACE"],
      fallback: undefined,
      fallbackText: "the Pod's own, else metallb-system",
    }),
    "http-port": numberFlag({
      placeholder: "PORT",
      help:
        "Port of /healthz, /readyz and /status, and of /metrics for this machine.",
      env: ["HERALD_HTTP_PORT"],
      fallback: 7472,
      min: 0,
      max: 65535,
    }),
    "http-address": textFlag({
      placeholder: "IP",
      help: "Address that the port is bound to.",
      env: ["HERALD_HTTP_ADDRESS"],
      fallback: httpAddress,
    }),
    ...METRICS,
    "log-level": choiceFlag(["all", "debug", "info", "warn", "error", "none"], {
      help: "Lowest level that is logged.",
      env: ["HERALD_LOG_LEVEL", "METALLB_LOG_LEVEL"],
      fallback: "info",
    }),
    "lb-class": textFlag({
      placeholder: "CLASS",
      help:
        "Serve Services of this loadBalancerClass instead of those without one.",
      env: ["HERALD_LB_CLASS", "METALLB_LB_CLASS"],
      fallback: undefined,
      fallbackText: "Services without a class",
    }),
    "lb-class-and-none": switchFlag({
      help: "With --lb-class: serve Services without a class too.",
      env: ["HERALD_LB_CLASS_AND_NONE"],
    }),
  };
}
