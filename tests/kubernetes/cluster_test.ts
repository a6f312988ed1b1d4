import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { kubernetesTest } from "./available.ts";
import { KUBERNETES_VERSION } from "./binaries.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { clusterDirectories } from "./directory.ts";
import { applyCrds, METALLB_KINDS, openCrd } from "./crds.ts";

async function versionAs(
  cluster: Cluster,
  client: Deno.HttpClient,
  token?: string,
): Promise<{ status: number; text: string }> {
  const headers = new Headers();
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(`${cluster.server}/api/v1/nodes`, {
    client,
    headers,
  });
  return { status: response.status, text: await response.text() };
}

async function checkCredentials(cluster: Cluster): Promise<void> {
  const caCerts = [cluster.caPem];
  using withToken = Deno.createHttpClient({ caCerts });
  using withCertificate = Deno.createHttpClient({
    caCerts,
    cert: cluster.client.certificate,
    key: cluster.client.privateKey,
  });
  using stranger = Deno.createHttpClient({});
  const cases = [
    [await versionAs(cluster, withToken, cluster.token), 200],
    [await versionAs(cluster, withToken, cluster.tokenOf("reader")), 403],
    [await versionAs(cluster, withToken, "wrong"), 401],
    [await versionAs(cluster, withCertificate), 200],
  ] as const;
  for (const [{ status, text }, expected] of cases) {
    assertEquals(status, expected, text);
  }
  await assertRejects(() => versionAs(cluster, stranger), TypeError);
}

async function checkRestart(cluster: Cluster): Promise<void> {
  const namespace = { metadata: { name: "kept" } };
  const created = await cluster.fetch("/api/v1/namespaces", {
    method: "POST",
    body: JSON.stringify(namespace),
  });
  await created.body?.cancel();
  assertEquals(created.status, 201);
  await cluster.restartApiServer("SIGKILL");
  const found = await cluster.fetch("/api/v1/namespaces/kept");
  await found.body?.cancel();
  assertEquals(found.status, 200);
}

async function checkCustomKinds(cluster: Cluster): Promise<void> {
  await applyCrds(cluster, METALLB_KINDS.map(openCrd));
  const created = await cluster.fetch(
    "/apis/metallb.io/v1beta1/namespaces/default/ipaddresspools",
    {
      method: "POST",
      body: JSON.stringify({
        apiVersion: "metallb.io/v1beta1",
        kind: "IPAddressPool",
        metadata: { name: "pool" },
        spec: { addresses: ["192.0.2.0/24"] },
      }),
    },
  );
  const text = await created.text();
  assertEquals(created.status, 201, text);
  assertStringIncludes(text, "192.0.2.0/24");
}

await kubernetesTest(
  "startCluster() gives a real API server with its users and its data",
  async (context) => {
    let directory = "";
    {
      await using cluster = await startCluster({ users: [{ name: "reader" }] });
      directory = cluster.directory;
      const version = await (await cluster.fetch("/version")).json();
      assertEquals(version.gitVersion, KUBERNETES_VERSION);
      assertThrows(() => cluster.tokenOf("nobody"), RangeError);
      await context.step("credentials", () => checkCredentials(cluster));
      await context.step("custom kinds", () => checkCustomKinds(cluster));
      await context.step("crash and restart", () => checkRestart(cluster));
    }
    await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
  },
);

await kubernetesTest(
  "startCluster() leaves nothing behind and shows the log when the server does not come up",
  async () => {
    const error = await assertRejects(
      () => startCluster({ flags: ["--no-such-flag"] }),
      Error,
      "not ready",
    );
    assertStringIncludes(error.message, "unknown flag: --no-such-flag");
    assertEquals(await clusterDirectories(Deno.pid), []);
  },
);
