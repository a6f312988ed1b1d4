/** The contract of the Kubernetes port against a real kube-apiserver, over TLS. */
import { connect, loadAccess } from "../../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { DENO_PLATFORM } from "../kube/platform.ts";
import {
  applyCrds,
  kubernetesTest,
  METALLB_KINDS,
  openCrd,
  startCluster,
} from "../kubernetes/mod.ts";
import { kubeContract } from "./kube_contract.ts";
import type { ContractServer } from "./server.ts";

const CREDENTIALS = ["token", "certificate"] as const;

async function startReal(
  credential: typeof CREDENTIALS[number],
): Promise<ContractServer> {
  const cluster = await startCluster();
  await applyCrds(cluster, METALLB_KINDS.map(openCrd));
  const path = `${cluster.directory}/contract.yaml`;
  await Deno.writeTextFile(path, cluster.kubeconfigFor({ credential }));
  const access = await loadAccess({
    kubeconfig: path,
    env: () => undefined,
    readTextFile: Deno.readTextFile,
  });
  const client = connect(access, {
    platform: DENO_PLATFORM,
    clock: SYSTEM_CLOCK,
  });
  return {
    client,
    stop: () => cluster.stopApiServer("SIGKILL"),
    start: () => cluster.startApiServer(),
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await cluster.stop();
    },
  };
}

for (const credential of CREDENTIALS) {
  await kubernetesTest(
    `kube-apiserver keeps the contract of the port, with a ${credential}`,
    async (t) => await kubeContract(t, () => startReal(credential)),
  );
}
