/** The command line of the controller. */
import {
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
};

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

/** What `main.ts controller` takes. */
export const CONTROLLER: Command<ControllerFlags> = {
  name: "controller",
  summary: "Gives Services of type LoadBalancer their addresses.",
  description:
    "Watches Services and pools, writes the addresses into the Services' status, and\n" +
    "takes them back when they are not needed any more. Of several replicas one\n" +
    "leads, the others stand by.",
  flags: {
    ...roleFlags("::"),
    ...ELECTION,
    ...MEMBERLIST,
    ...WRITES,
  },
};
