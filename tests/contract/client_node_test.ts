/**
 * `@kubernetes/client-node` under Deno: that it works over TLS, and that the
 * adapter authenticates through its plugins.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect, loadAccess, NAMESPACES } from "../../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { DENO_PLATFORM } from "../kube/platform.ts";
import {
  type Cluster,
  kubernetesTest,
  startCluster,
} from "../kubernetes/mod.ts";
import { failure } from "./world.ts";

const PROBE = new URL("./client_node_probe.ts", import.meta.url).pathname;

/** Nothing but the server may be reached, and no variable be read. */
function startProbe(cluster: Cluster, kubeconfig: string): Deno.ChildProcess {
  const { host } = new URL(cluster.server);
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-net=${host}`,
      "--ignore-env",
      PROBE,
      kubeconfig,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

const EXPECTED = {
  listed: 2,
  isPaged: true,
  watched: "client-node",
  eventsAfterAbort: 0,
};

async function checkClientNode(
  cluster: Cluster,
  credential: "certificate" | "token",
): Promise<void> {
  const child = startProbe(cluster, cluster.kubeconfigFor({ credential }));
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const before = await output.read();
    assertEquals(JSON.parse(before.value ?? "null"), EXPECTED);
    await cluster.restartApiServer("SIGKILL");
    await input.write(new TextEncoder().encode("again\n"));
    const after = await output.read();
    assertEquals(JSON.parse(after.value ?? "null"), EXPECTED);
  } finally {
    await input.close();
    await output.cancel();
    await child.status;
  }
}

/** A kubeconfig whose user is what a shell command prints. */
function execKubeconfig(cluster: Cluster, script: string): string {
  const user = {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "/bin/sh",
      args: ["-c", script],
      interactiveMode: "Never",
    },
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{
      name: "test",
      cluster: {
        server: cluster.server,
        "certificate-authority-data": btoa(cluster.caPem),
      },
    }],
    users: [{ name: "program", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "program" } }],
    "current-context": "test",
  });
}

async function listAs(cluster: Cluster, script: string): Promise<number> {
  const path = `${cluster.directory}/exec.yaml`;
  await Deno.writeTextFile(path, execKubeconfig(cluster, script));
  const access = await loadAccess({
    kubeconfig: path,
    env: () => undefined,
    readTextFile: Deno.readTextFile,
  });
  using client = connect(access, {
    platform: DENO_PLATFORM,
    clock: SYSTEM_CLOCK,
  });
  return (await client.list(NAMESPACES)).items.length;
}

async function checkExec(cluster: Cluster): Promise<void> {
  const credential = (token: string): string =>
    JSON.stringify({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token },
    });
  const good = `echo '${credential(cluster.token)}'`;
  assertEquals(await listAs(cluster, good) > 0, true);
  const refused = await failure(
    listAs(cluster, `echo '${credential("wrong")}'`),
  );
  assertEquals(refused.code, 401);
  const failed = await failure(listAs(cluster, "echo no ticket >&2; exit 1"));
  assertEquals(failed.reason, "credentialsFailed");
  assertStringIncludes(failed.message, 'user "program"');
  assertStringIncludes(failed.message, "no ticket");
}

await kubernetesTest("client-node works under Deno over TLS", async (t) => {
  await using cluster = await startCluster();
  for (const credential of ["certificate", "token"] as const) {
    await t.step(
      `with a ${credential}: list, watch, abort, server restart`,
      async () => await checkClientNode(cluster, credential),
    );
  }
  await t.step(
    "the adapter authenticates through an exec plugin",
    async () => await checkExec(cluster),
  );
});
