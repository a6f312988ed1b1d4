/** The command line of the speaker. */
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
import { MEMBER_FLAGS, type MemberFlags } from "./member_flags.ts";

/** The speaker's flags by name. */
export type SpeakerFlags = RoleFlags & {
  /** Name of the Node object of the machine that it runs on. */
  readonly "node-name": Flag<string | undefined>;
  /** Name of the Pod that the speaker runs in. */
  readonly "pod-name": Flag<string | undefined>;
  /** UID of that Pod. */
  readonly "pod-uid": Flag<string | undefined>;
  /** Seconds between renewals of the speaker's Lease. */
  readonly "lease-renew": Flag<number | undefined>;
  /** Seconds without a change after which another speaker's Lease is dead. */
  readonly "lease-duration": Flag<number | undefined>;
  /** Announcements per second and node at most. */
  readonly "announcement-rate": Flag<number>;
  /** Extra regular expressions of interfaces that are never used. */
  readonly "exclude-interfaces": Flag<readonly string[] | undefined>;
  /** Whether the exclude label of nodes is ignored. */
  readonly "ignore-exclude-lb": Flag<boolean>;
} & MemberFlags;

/** The values of the speaker's flags. */
export type SpeakerSettings = FlagValues<SpeakerFlags>;

function parsePatterns(text: string): readonly string[] {
  const patterns = text.split(",").map((part) => part.trim()).filter((part) =>
    part !== ""
  );
  for (const pattern of patterns) {
    try {
      new RegExp(pattern);
    } catch (cause) {
      throw new Error(
        `takes regular expressions separated by commas; "${pattern}" is none`,
        { cause },
      );
    }
  }
  return patterns;
}

/** What `main.ts speaker` takes. */
export const SPEAKER: Command<SpeakerFlags> = {
  name: "speaker",
  summary: "Announces the addresses of Services from this node.",
  description:
    "Runs on every node, on the host's network, with CAP_NET_RAW. Decides for each\n" +
    "address whether this node hosts it, answers ARP and NDP for it, and takes over\n" +
    "when the node that hosts it is gone.",
  flags: {
    ...roleFlags("127.0.0.1"),
    "node-name": textFlag({
      placeholder: "NAME",
      help: "Name of this machine's Node object (required).",
      env: ["HERALD_NODE_NAME", "METALLB_NODE_NAME", "NODE_NAME"],
      fallback: undefined,
      fallbackText: "none",
    }),
    "pod-name": textFlag({
      placeholder: "NAME",
      help: "Name of this speaker's Pod: what it writes goes away with it.",
      env: ["HERALD_POD_NAME", "METALLB_POD_NAME"],
      fallback: undefined,
      fallbackText: "none",
    }),
    "pod-uid": textFlag({
      placeholder: "UID",
      help: "UID of that Pod.",
      env: ["HERALD_POD_UID"],
      fallback: undefined,
      fallbackText: "asked of the API by the name",
    }),
    "lease-renew": numberFlag({
      placeholder: "SECONDS",
      help: "Time between renewals of this speaker's Lease.",
      env: ["HERALD_LEASE_RENEW"],
      fallback: undefined,
      fallbackText: "5, without --ml-bindaddr 2",
      min: 0.1,
      max: 3600,
      integer: false,
    }),
    "lease-duration": numberFlag({
      placeholder: "SECONDS",
      help: "A Lease unchanged for this long is dead.",
      env: ["HERALD_LEASE_DURATION"],
      fallback: undefined,
      fallbackText: "15, without --ml-bindaddr 6",
      min: 0.3,
      max: 3600,
      integer: false,
    }),
    "announcement-rate": numberFlag({
      placeholder: "N",
      help:
        "Gratuitous frames per second at most, over all interfaces, and as many questions before a take-over: for switches that inspect ARP.",
      env: ["HERALD_ANNOUNCEMENT_RATE"],
      fallback: 2000,
      min: 1,
      max: 100_000,
    }),
    "exclude-interfaces": {
      placeholder: "REGEX,…",
      help: "Interfaces that are never used, instead of the default list.",
      env: ["HERALD_EXCLUDE_INTERFACES"],
      fallback: undefined,
      fallbackText: "virtual interfaces of container runtimes and CNIs, lo",
      parse: parsePatterns,
    },
    "ignore-exclude-lb": switchFlag({
      help:
        "Use nodes labelled node.kubernetes.io/exclude-from-external-load-balancers.",
      env: ["HERALD_IGNORE_EXCLUDE_LB"],
    }),
    ...MEMBER_FLAGS,
  },
};
