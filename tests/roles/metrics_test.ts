/** Who may read the metrics, of roles with the rights of `overlays/monitoring`. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type KeyPair, loadIssuer } from "../../mod/certificates/mod.ts";
import {
  InstalledCluster,
  type RoleName,
  whyNotInstallable,
} from "../installed_cluster.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { type Scraped, scrapeOverTls } from "./https_scrape.ts";
import { RoleProcess } from "./role_process.ts";
import { until } from "./waiting.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** An address of this machine that is not loopback. */
const ADDRESS = "198.51.100.7";
const PORTS: Readonly<Record<RoleName, string>> = {
  controller: "9120",
  speaker: "9121",
};
const ROLES = ["controller", "speaker"] as const;

function scrape(role: RoleName, token?: string): Promise<Scraped> {
  return scrapeOverTls({ host: ADDRESS, port: PORTS[role] }, token);
}

/** Starts a role under its own permission set and its own rights. */
async function startRole(
  cluster: InstalledCluster,
  role: RoleName,
  ...flags: string[]
): Promise<RoleProcess> {
  const file = await cluster.kubeconfigOf(role);
  const readable = ["speaker", "mod", "ffi"].map((folder) => ROOT + folder);
  return RoleProcess.start({
    permissions: [
      `-P=${role}`,
      `--allow-read=${[...readable, cluster.plane.directory, file].join()}`,
    ],
    args: [
      ...[role, "--kubeconfig", file, "--metrics-port", PORTS[role]],
      ...["--http-address", "0.0.0.0", ...flags],
    ],
  });
}

/** Gives both roles what the overlay gives them, and makes two scrapers. */
async function furnish(cluster: InstalledCluster): Promise<void> {
  await cluster.apply("overlays/monitoring");
  const verb = "create";
  for (const role of ROLES) {
    for (
      const right of [
        { group: "authentication.k8s.io", resource: "tokenreviews" },
        { group: "authorization.k8s.io", resource: "subjectaccessreviews" },
      ]
    ) await cluster.inForce({ role, verb, ...right });
  }
  const reader = "system:serviceaccount:monitoring:prometheus";
  for (
    const command of [
      ["namespace", "monitoring"],
      ["serviceaccount", "prometheus", "--namespace=monitoring"],
      ["serviceaccount", "stranger", "--namespace=monitoring"],
      [
        ...["clusterrolebinding", "prometheus"],
        ...["--clusterrole=herald-metrics-reader"],
        "--serviceaccount=monitoring:prometheus",
      ],
    ]
  ) await kubectl(cluster, "create", ...command);
  await cluster.untilAllowed(reader, {
    nonResourceAttributes: { path: "/metrics", verb: "get" },
  });
}

async function kubectl(
  { plane }: InstalledCluster,
  ...args: string[]
): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  assertEquals(code, 0, stderr);
  return stdout.trim();
}

function tokenOf(cluster: InstalledCluster, account: string): Promise<string> {
  return kubectl(
    cluster,
    ...["create", "token", account, "--namespace=monitoring"],
  );
}

/** A certificate of the administrator's in a folder, as a Secret is mounted. */
async function mountCertificate(folder: string): Promise<KeyPair> {
  const { issueAuthority, issueServer } = await loadIssuer();
  const now = Date.now();
  const authority = issueAuthority("test-ca", now);
  const names = { ipAddresses: [ADDRESS] };
  const { certificate, privateKey } = issueServer(authority, names, now);
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/tls.crt`, certificate);
  await Deno.writeTextFile(`${folder}/tls.key`, privateKey);
  return authority;
}

async function showsCertificateOf(
  authority: KeyPair,
  token: string,
): Promise<void> {
  const client = Deno.createHttpClient({ caCerts: [authority.certificate] });
  const answer = await fetch(`https://${ADDRESS}:${PORTS.controller}/metrics`, {
    client,
    headers: { authorization: `Bearer ${token}` },
  });
  await answer.body?.cancel();
  client.close();
  assertEquals(answer.status, 200);
}

/** Without TLS this machine only. */
async function refusesPlain(role: RoleProcess, name: RoleName): Promise<void> {
  const { port } = await role.event(({ port }) => typeof port === "number");
  const answer = await fetch(`http://${ADDRESS}:${port}/metrics`);
  assertEquals(answer.status, 403);
  assertStringIncludes(await answer.text(), `port ${PORTS[name]} over HTTPS`);
  const ready = await fetch(`http://${ADDRESS}:${port}/healthz`);
  assertEquals([ready.status, await ready.text()], [200, "ok\n"]);
  const here = await role.get("/metrics");
  assertEquals(here.status, 200);
  assertStringIncludes(
    here.text,
    'herald_metrics_requests_total{outcome="notLoopback"} 1',
  );
}

/** How often a role asked the API server about a token. */
async function reviews(
  cluster: InstalledCluster,
  role: RoleName,
): Promise<number> {
  const calls = await cluster.calls();
  return calls.filter((call) =>
    call.role === role && call.resource === "tokenreviews"
  ).length;
}

const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  const name = "metrics go over HTTPS to whom RBAC lets get /metrics";
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async (context) => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    namespace.ip("addr", "add", `${ADDRESS}/24`, "dev", "eth0");
    await using cluster = await InstalledCluster.start();
    await furnish(cluster);
    const folder = `${cluster.plane.directory}/metrics-certs`;
    const authority = await mountCertificate(folder);
    await using controller = await startRole(
      cluster,
      "controller",
      ...["--metrics-cert-dir", folder],
    );
    await using speaker = await startRole(
      cluster,
      "speaker",
      ...["--node-name", "node-a"],
    );
    const processes = { controller, speaker };
    const good = await tokenOf(cluster, "prometheus");
    const poor = await tokenOf(cluster, "stranger");

    for (const role of ROLES) {
      await context.step(role, async () => {
        const process = processes[role];
        await process.event(({ metricsPort }) =>
          `${metricsPort}` === PORTS[role]
        );
        const allowed = await scrape(role, good);
        assertEquals([allowed.status, allowed.version], [200, "TLSv1.3"]);
        assertMatch(
          allowed.text,
          /^herald_kube_request_duration_seconds_count\{verb="create",resource="tokenreviews",code="200"\} 1$/m,
        );
        assertEquals((await scrape(role, good)).status, 200);
        const forbidden = await scrape(role, poor);
        assertEquals(forbidden.status, 403);
        assertStringIncludes(
          forbidden.text,
          "system:serviceaccount:monitoring:stranger",
        );
        assertEquals(
          (await scrape(role, `${good.slice(0, -4)}AAAA`)).status,
          401,
        );
        assertEquals((await scrape(role)).status, 401);
        // The API server tells of a call after it has answered.
        await until(() => reviews(cluster, role), (count) => count >= 3);
        assertEquals(await reviews(cluster, role), 3, "one for each token");
        await refusesPlain(process, role);
      });
    }
    await context.step(
      "the certificate of a folder is shown",
      () => showsCertificateOf(authority, good),
    );
    await context.step("without the API server", async () => {
      await cluster.plane.stopApiServer();
      assertEquals((await scrape("speaker", good)).status, 200);
      const unknown = await scrape("speaker", `${good.slice(0, -4)}BBBB`);
      assertEquals(unknown.status, 500);
      await cluster.plane.startApiServer();
    });
    assertEquals(await speaker.stop(), 0);
    assertEquals(await controller.stop(), 0);
  });
});
