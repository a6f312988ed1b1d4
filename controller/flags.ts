/** The command line of the controller. */
import {
  choiceFlag,
  type Command,
  type Flag,
  type FlagValues,
  numberFlag,
  type RoleFlags,
  roleFlags,
  switchFlag,
  textFlag,
} from "../mod/cli/mod.ts";

/** The controller's flags by name. */
export type ControllerFlags = RoleFlags & {
  /** Whether replicas elect one that leads. */
  readonly "leader-elect": Flag<boolean>;
  /** Seconds without a renewal after which another replica takes over. */
  readonly "leader-lease-duration": Flag<number>;
  /** Seconds between renewals. */
  readonly "leader-lease-renew": Flag<number>;
  /** Name of the Secret that the speakers share. */
  readonly "ml-secret-name": Flag<string | undefined>;
  /** Name of the Pod, which tells the replicas apart. */
  readonly "pod-name": Flag<string | undefined>;
  /** Status writes that may be under way at once. */
  readonly "concurrent-writes": Flag<number>;
  /** Calls of the API per second in the long run. */
  readonly "kube-api-qps": Flag<number>;
  /** Calls of the API that may come at once. */
  readonly "kube-api-burst": Flag<number>;
  /** What of addresses and webhooks this process does. */
  readonly "webhook-mode": Flag<WebhookMode>;
  /** Port of the webhooks; 0 lets the kernel choose. */
  readonly "webhook-port": Flag<number>;
  /** Address that the webhooks' port is bound to. */
  readonly "webhook-address": Flag<string>;
  /** Name of the Secret with the webhooks' certificate. */
  readonly "webhook-secret": Flag<string>;
  /** Name of the Service by which the API server calls. */
  readonly "cert-service-name": Flag<string>;
  /** Whether somebody else keeps the certificate, as files. */
  readonly "disable-cert-rotation": Flag<boolean>;
  /** Folder of these files. */
  readonly "cert-dir": Flag<string>;
};

/** Words of `--webhook-mode`, as MetalLB has them. */
export type WebhookMode = "enabled" | "disabled" | "onlywebhook";

/** The values of the controller's flags. */
export type ControllerSettings = FlagValues<ControllerFlags>;

const ELECTION = {
  "leader-elect": {
    ...switchFlag({
      help: "Let replicas elect one that leads; =false for a single one.",
      env: ["HERALD_LEADER_ELECT"],
    }),
    fallback: true,
    fallbackText: "true",
  },
  "leader-lease-duration": numberFlag({
    placeholder: "SECONDS",
    help: "Without a renewal for this long, another replica takes over.",
    env: ["HERALD_LEADER_LEASE_DURATION"],
    fallback: 10,
    min: 0.5,
    max: 3600,
    integer: false,
  }),
  "leader-lease-renew": numberFlag({
    placeholder: "SECONDS",
    help: "Time between renewals; at most a third of the duration.",
    env: ["HERALD_LEADER_LEASE_RENEW"],
    fallback: 2,
    min: 0.1,
    max: 1200,
    integer: false,
  }),
  "pod-name": textFlag({
    placeholder: "NAME",
    help: "Name of this replica; no two may have the same.",
    env: ["HERALD_POD_NAME", "METALLB_POD_NAME"],
    fallback: undefined,
    fallbackText: "a random one",
  }),
};

const MEMBERLIST = {
  "ml-secret-name": textFlag({
    placeholder: "NAME",
    help: "Secret by which the speakers protect their gossip; made if missing.",
    env: ["HERALD_ML_SECRET_NAME", "METALLB_ML_SECRET_NAME"],
    fallback: undefined,
    fallbackText: "none is made",
  }),
};

const WRITES = {
  "concurrent-writes": numberFlag({
    help: "Status writes that may be under way at once.",
    env: ["HERALD_CONCURRENT_WRITES"],
    fallback: 16,
    min: 1,
    max: 256,
  }),
  "kube-api-qps": numberFlag({
    help: "Calls of the API per second in the long run; 0 = no limit.",
    env: ["HERALD_KUBE_API_QPS"],
    fallback: 2000,
    min: 0,
    max: 1_000_000,
  }),
  "kube-api-burst": numberFlag({
    help: "Calls of the API that may come at once after a pause.",
    env: ["HERALD_KUBE_API_BURST"],
    fallback: 4000,
    min: 1,
    max: 1_000_000,
  }),
};

const WEBHOOKS = {
  "webhook-mode": choiceFlag(["enabled", "disabled", "onlywebhook"], {
    help: "Answer the API server's webhooks: too, not, or do nothing else.",
    env: ["HERALD_WEBHOOK_MODE"],
    fallback: "enabled",
  }),
  "webhook-port": numberFlag({
    placeholder: "PORT",
    help: "Port of the webhooks.",
    env: ["HERALD_WEBHOOK_PORT"],
    fallback: 9443,
    min: 0,
    max: 65535,
  }),
  "webhook-address": textFlag({
    placeholder: "IP",
    help: "Address that the webhooks' port is bound to.",
    env: ["HERALD_WEBHOOK_ADDRESS"],
    fallback: "::",
  }),
  "webhook-secret": textFlag({
    placeholder: "NAME",
    help: "Secret with the webhooks' certificate, which all replicas share.",
    env: ["HERALD_WEBHOOK_SECRET"],
    fallback: "metallb-webhook-cert",
  }),
  "cert-service-name": textFlag({
    placeholder: "NAME",
    help: "Service by which the API server calls; the certificate is for it.",
    env: ["HERALD_CERT_SERVICE_NAME"],
    fallback: "metallb-webhook-service",
  }),
  "disable-cert-rotation": switchFlag({
    help: "Take the certificate from --cert-dir: somebody else keeps it.",
    env: ["HERALD_DISABLE_CERT_ROTATION"],
  }),
  "cert-dir": textFlag({
    placeholder: "FOLDER",
    help: "Folder of tls.crt and tls.key, read again as they change.",
    env: ["HERALD_CERT_DIR"],
    fallback: "/tmp/k8s-webhook-server/serving-certs",
  }),
};

/** What `main.ts controller` takes. */
export const CONTROLLER: Command<ControllerFlags> = {
  name: "controller",
  summary: "Gives Services of type LoadBalancer their addresses.",
  description:
    "Watches Services and pools, writes the addresses into the Services' status, and\n" +
    "takes them back when they are not needed any more. Of several replicas one\n" +
    "leads, the others stand by. Every replica answers the webhooks that refuse bad\n" +
    "metallb.io resources.",
  flags: {
    ...roleFlags("::"),
    ...ELECTION,
    ...MEMBERLIST,
    ...WRITES,
    ...WEBHOOKS,
  },
};
