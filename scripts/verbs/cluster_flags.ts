/** What verbs that look at a cluster take, and how they get there. */
import {
  choiceFlag,
  type Flags,
  type FlagValues,
  roleFlags,
  switchFlag,
} from "../../mod/cli/mod.ts";
import type { CallOptions } from "../../mod/kube/mod.ts";
import { type Cluster, type Host, openCluster } from "../../mod/role/mod.ts";
import {
  type ClusterDecisions,
  type ClusterObjects,
  decideCluster,
  listCluster,
} from "./cluster_facts.ts";

const ROLE = roleFlags("");

/** The flags. */
export const CLUSTER_FLAGS = {
  kubeconfig: ROLE.kubeconfig,
  namespace: { ...ROLE.namespace, short: "n" },
  "lb-class": ROLE["lb-class"],
  "lb-class-and-none": ROLE["lb-class-and-none"],
  "ignore-exclude-lb": switchFlag({
    help: "Say so when the speakers run with it.",
    env: ["HERALD_IGNORE_EXCLUDE_LB"],
  }),
  output: choiceFlag(["table", "json"], {
    short: "o",
    help: "How the answer is shown.",
    fallback: "table",
  }),
} as const satisfies Flags;

/** What such a verb needs of the runtime. */
export type VerbHost = Pick<Host, "clock" | "env" | "platform" | "write">;

/** A cluster as it was seen, with what the roles would decide. */
export interface SeenCluster {
  readonly objects: ClusterObjects;
  readonly decisions: ClusterDecisions;
}

/**
 * Looks at the cluster that the flags and the environment name.
 *
 * @throws {AccessError} When there is no access.
 * @throws {KubeError} When a list fails.
 */
export async function seeCluster(
  host: VerbHost,
  values: FlagValues<typeof CLUSTER_FLAGS>,
): Promise<SeenCluster> {
  const cluster = await openCluster(host, values);
  using _ = cluster.client;
  return await lookAt(cluster, host, values);
}

/**
 * Looks at a cluster that is open.
 *
 * @throws {KubeError} When a list fails.
 */
export async function lookAt(
  { client, namespace }: Cluster,
  { clock }: Pick<VerbHost, "clock">,
  values: FlagValues<typeof CLUSTER_FLAGS>,
  options: CallOptions = {},
): Promise<SeenCluster> {
  const objects = await listCluster(client, namespace, options);
  const decisions = decideCluster(objects, {
    filter: {
      loadBalancerClass: values["lb-class"] ?? "",
      alsoWithoutClass: values["lb-class-and-none"],
    },
    ignoreExcludeLB: values["ignore-exclude-lb"],
    now: clock.date().getTime(),
  });
  return { objects, decisions };
}
