/** The lab's command line. */
import {
  choiceFlag,
  type Command,
  type FlagValues,
  numberFlag,
  switchFlag,
  textFlag,
} from "../../mod/cli/mod.ts";
import { FAMILIES } from "./topology.ts";

const FLAGS = {
  once: switchFlag({
    help: "Run the scenario once and exit 0 or 1, without the live view.",
  }),
  json: switchFlag({
    help: "As --once, and print the result as one JSON object, last line.",
  }),
  nodes: numberFlag({
    help: "How many nodes.",
    fallback: 3,
    min: 2,
    max: 26,
  }),
  services: numberFlag({
    help: "How many Services of type LoadBalancer.",
    fallback: 4,
    min: 1,
    max: 1000,
  }),
  apiserver: choiceFlag(["embedded", "real"], {
    help: "Which API server: our own, or a real kube-apiserver with etcd.",
    fallback: "embedded",
  }),
  proxy: choiceFlag(["lab", "kube-proxy"], {
    help:
      "What forwards on the nodes: the lab's own rules, or the real kube-proxy.",
    fallback: "lab",
  }),
  families: choiceFlag(FAMILIES, {
    help:
      "Address families of the whole cluster: both, IPv6 alone (no IPv4 address anywhere), or IPv4 alone (IPv6 disabled in the kernel).",
    fallback: "dual",
  }),
  logs: textFlag({
    placeholder: "DIR",
    help: "Keep every process's log in this directory.",
    fallback: undefined,
    fallbackText: "a directory that goes away with the lab",
  }),
  isolation: choiceFlag(["auto", "root", "user"], {
    help:
      "Namespaces made as root, or inside a user namespace, which needs no root.",
    fallback: "auto",
  }),
};

/** What `deno task run` takes. */
export const LAB_COMMAND: Command<typeof FLAGS> = {
  name: "lab",
  summary: "Shows Herald at work: a small cluster of network namespaces.",
  description: [
    "Starts nodes, a client, an observer and an API server, each in its own",
    "network namespace, with the real controller and speakers. Creates Services,",
    "kills the owner of one, shows who takes over and what the client lost, and",
    "brings the node back. Everything goes away when the lab ends, however it ends.",
  ].join("\n"),
  flags: FLAGS,
};

/** The values of the lab's flags. */
export type LabOptions = FlagValues<typeof FLAGS>;

/** What a lab is made of. */
export type LabSettings =
  & Pick<
    LabOptions,
    "nodes" | "services" | "apiserver" | "proxy" | "families" | "logs"
  >
  & {
    /** How speakers are run, and with whose engine flags the controller; absent = `lab`. */
    readonly speakers?: SpeakerStyle;
    /** More flags of the speakers. */
    readonly speakerFlags?: readonly string[];
  };

/**
 * With Leases that show within a second what they are for; with those that are
 * the default and the engine flags of the manifests; or like that, with what
 * the component `real-time` grants.
 */
export type SpeakerStyle = "lab" | "manifest" | "realTime";
