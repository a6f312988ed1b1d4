/** kubectl's reading verbs, and rights by RBAC, against the real and the embedded server. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ApiServer } from "../../mod/apiserver/mod.ts";
import { TEST_NAMESPACE } from "../network_namespace.ts";
import { privilege, skip } from "../privileges.ts";
import { kubernetesTest } from "./available.ts";
import { findKubernetes } from "./binaries.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { formatKubeconfig } from "./kubeconfig.ts";
import { runCommand } from "./process.ts";

const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
};
const SERVICES = "/api/v1/namespaces/default/services";
const JSON_BODY = { "content-type": "application/json" };

interface Kubectl {
  (...args: string[]): Promise<string>;
}

/** What people do with kubectl to look at a Service. */
async function readService(kubectl: Kubectl): Promise<void> {
  const table = await kubectl("get", "services", "web");
  const [heads = "", row = ""] = table.split("\n");
  assertEquals(heads.split(/\s+/), [
    "NAME",
    "TYPE",
    "CLUSTER-IP",
    "EXTERNAL-IP",
    "PORT(S)",
    "AGE",
  ]);
  assertStringIncludes(row, "192.0.2.1");
  const yaml = await kubectl("get", "svc", "web", "-o", "yaml");
  assertStringIncludes(yaml, "ipMode: VIP");
  const described = await kubectl("describe", "svc", "web");
  assertStringIncludes(described, "LoadBalancer Ingress:     192.0.2.1 (VIP)");
  const waited = await kubectl(
    "wait",
    "svc/web",
    "--for=jsonpath={.status.loadBalancer.ingress[0].ip}=192.0.2.1",
    "--timeout=10s",
  );
  assertStringIncludes(waited, "condition met");
  const everywhere = await kubectl("get", "svc", "-A", "-o", "name");
  assertStringIncludes(everywhere, "service/web");
}

async function giveService(
  send: (path: string, init: RequestInit) => Promise<Response>,
): Promise<void> {
  const ingress = [{ ip: "192.0.2.1" }];
  const requests = [
    [SERVICES, "POST", "application/json", SERVICE],
    [
      `${SERVICES}/web/status`,
      "PATCH",
      "application/merge-patch+json",
      { status: { loadBalancer: { ingress } } },
    ],
  ] as const;
  for (const [path, method, type, body] of requests) {
    const headers = { "content-type": type };
    const init = { method, headers, body: JSON.stringify(body) };
    const response = await send(path, init);
    assertEquals(response.ok, true, await response.text());
  }
}

function succeed(
  run: (args: readonly string[]) => ReturnType<typeof runCommand>,
): Kubectl {
  return async (...args) => {
    const { code, stdout, stderr } = await run(args);
    assertEquals(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
}

/** A role that reads Services, for one user. */
const RIGHTS = [
  ["clusterroles", {
    metadata: { name: "reader" },
    rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get"] }],
  }],
  ["clusterrolebindings", {
    metadata: { name: "reader" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "reader",
    },
    subjects: [{
      apiGroup: "rbac.authorization.k8s.io",
      kind: "User",
      name: "reader",
    }],
  }],
] as const;

async function checkRights(cluster: Cluster): Promise<void> {
  for (const [plural, body] of RIGHTS) {
    const response = await cluster.fetch(
      `/apis/rbac.authorization.k8s.io/v1/${plural}`,
      { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) },
    );
    assertEquals(response.status, 201, await response.text());
  }
  using client = Deno.createHttpClient({ caCerts: [cluster.caPem] });
  const authorization = `Bearer ${cluster.tokenOf("reader")}`;
  const code = async (path: string) => {
    const url = cluster.server + path;
    const response = await fetch(url, { client, headers: { authorization } });
    await response.body?.cancel();
    return response.status;
  };
  // The authorizer learns of new bindings by a watch of its own.
  let seen = 0;
  while (seen !== 200) seen = await code(`${SERVICES}/web`);
  assertEquals(await code(SERVICES), 403);
  assertEquals(await code("/api/v1/nodes"), 403);
}

const found = await findKubernetes();
const kubectlPath = found.kind === "available" ? found.kubectl : undefined;

await kubernetesTest(
  "a user of the test cluster has the rights that RBAC gives, kubectl reads",
  async (context) => {
    await using cluster = await startCluster({ users: [{ name: "reader" }] });
    await giveService((path, init) => cluster.fetch(path, init));
    await context.step("rights", () => checkRights(cluster));
    await context.step({
      name: "kubectl",
      ignore: kubectlPath === undefined,
      fn: () => readService(succeed((args) => cluster.kubectl(args))),
    });
  },
);

if (kubectlPath === undefined) {
  skip("kubectl reads the embedded API server", "no kubectl", {
    required: false,
  });
} else {
  Deno.test("kubectl reads the embedded API server", async () => {
    const server = new ApiServer({ now: () => Date.now() });
    await giveService((path, init) =>
      server.handle(new Request(`http://server${path}`, init))
    );
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => server.handle(request),
    );
    const home = await Deno.makeTempDir();
    try {
      const config = `${home}/config`;
      await Deno.writeTextFile(
        config,
        formatKubeconfig({
          server: `http://127.0.0.1:${http.addr.port}`,
          user: { kind: "none" },
        }),
      );
      const env = { KUBECONFIG: config, HOME: home };
      await readService(
        succeed((args) => runCommand([kubectlPath, ...args], { env })),
      );
    } finally {
      server.close();
      await Deno.remove(home, { recursive: true });
    }
  });
}

if (privilege().kind === "direct") {
  await kubernetesTest(
    "startCluster() serves inside of another network namespace",
    async () => {
      const name = `${TEST_NAMESPACE}${Deno.pid}`;
      const ip = (...args: string[]) => runCommand(["ip", ...args]);
      assertEquals((await ip("netns", "add", name)).code, 0);
      try {
        await ip("-n", name, "link", "set", "lo", "up");
        const prefix = ["ip", "netns", "exec", name];
        await using cluster = await startCluster({ prefix });
        assertEquals(cluster.server, "https://127.0.0.1:6443");
        const outside = await cluster.fetch("/version").then(
          () => "reached",
          () => "not reached",
        );
        assertEquals(outside, "not reached");
        await cluster.restartApiServer("SIGKILL");
      } finally {
        await ip("netns", "del", name);
      }
    },
  );
}
