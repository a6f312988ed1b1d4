/**
 * The webhooks through bad times: certificates that end, replicas, and nobody
 * who answers. With a real kube-apiserver and `manifests/base` as it is.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadIssuer } from "../../mod/certificates/mod.ts";
import { SERVICES } from "../../mod/kube/mod.ts";
import {
  readCertificates,
  SECRETS,
  writeCertificates,
} from "../../mod/webhook/mod.ts";
import { NAMESPACE, pool } from "../admission/objects.ts";
import { whyNotInstallable } from "../installed_cluster.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { admissionQuestion } from "../reviews.ts";
import { review, shownAt, WEBHOOK_HOST } from "../webhook_client.ts";
import { WebhookCluster } from "../webhook_cluster.ts";
import type { RoleProcess } from "./role_process.ts";
import { until } from "./waiting.ts";

const SECRET = { name: "metallb-webhook-cert", namespace: NAMESPACE };
const PEERS = (version: string): string =>
  `/apis/metallb.io/${version}/namespaces/${NAMESPACE}/bgppeers`;

async function storedCertificates(
  { installed }: WebhookCluster,
): Promise<ReturnType<typeof readCertificates>> {
  return readCertificates(await installed.client.get(SECRETS, SECRET));
}

/** Port at which a role answers webhooks, once it does. */
async function portOf(role: RoleProcess): Promise<number> {
  const { webhookPort } = await role.event((event) =>
    typeof event["webhookPort"] === "number"
  );
  return Number(webhookPort);
}

async function getJson(
  { installed }: WebhookCluster,
  path: string,
): Promise<Record<string, unknown>> {
  const answer = await installed.plane.fetch(path);
  assertEquals(answer.status, 200, path);
  return await answer.json();
}

/** BGPPeers of one version, read and written in the other. */
async function convert(cluster: WebhookCluster): Promise<void> {
  const { plane } = cluster.installed;
  for (const name of ["old-a", "old-b"]) {
    const answer = await plane.fetch(PEERS("v1beta1"), {
      method: "POST",
      body: JSON.stringify({
        apiVersion: "metallb.io/v1beta1",
        kind: "BGPPeer",
        metadata: { name },
        spec: {
          myASN: 64500,
          peerASN: 64501,
          peerAddress: "192.0.2.1",
          peerPort: 0,
        },
      }),
    });
    assertEquals(answer.status, 201, await answer.text());
  }
  // What v1beta1 calls 0 is the default of v1beta2: only the webhook knows.
  const { spec } = await getJson(cluster, `${PEERS("v1beta2")}/old-a`);
  assertEquals(spec, {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.1",
    peerPort: 179,
    disableMP: false,
    dualStackAddressFamily: false,
  });
  const { items } = await getJson(cluster, PEERS("v1beta1"));
  const older = items as { metadata: { name: string }; spec: unknown }[];
  assertEquals(older.map(({ metadata }) => metadata.name), [
    ...["old-a", "old-b", "router-a", "router-b", "top-of-rack"],
  ]);
  assertEquals(older[0]?.spec, {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.1",
    peerPort: 179,
  });
}

/** Two replicas that show one certificate, and both answer. */
async function share(cluster: WebhookCluster): Promise<void> {
  await using standby = await cluster.replica();
  const port = await portOf(standby);
  const { "ca.crt": ca = "" } = await storedCertificates(cluster);
  const shown = await shownAt("127.0.0.1", port, ca);
  assertEquals(shown, await shownAt(cluster.address, 443, ca));
  await standby.until("/readyz", ({ text }) => text.includes("Standing by"));
  const object = pool("bad", { addresses: ["192.0.2.0/24"] });
  const question = admissionQuestion({ kind: "IPAddressPool", object });
  const answer = await review(port, ca, JSON.stringify(question));
  assertStringIncludes(answer, 'of IPAddressPool \\"public\\"');
  assertEquals(await standby.stop(), 0);
}

async function untilAddressed(
  { installed: { client } }: WebhookCluster,
  name: string,
): Promise<string> {
  const key = { name, namespace: "default" };
  const address = async () => {
    const { status } = await client.get(SERVICES, key);
    return status?.loadBalancer?.ingress?.[0]?.ip ?? "";
  };
  return await until(address, (ip) => ip !== "");
}

/** Services get addresses while nobody answers the webhooks. */
async function goWithout(cluster: WebhookCluster): Promise<void> {
  cluster.disconnect();
  const { code, message } = await cluster.ask();
  assertEquals(code, 500);
  assertStringIncludes(message, "failed calling webhook");
  await cluster.installed.client.create(SERVICES, {
    metadata: { name: "web", namespace: "default" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  });
  assertEquals(await untilAddressed(cluster, "web"), "192.0.2.0");
  cluster.connect();
  await cluster.untilAnswered();
}

/** Somebody takes the bundle away, and it comes back. */
async function repair(cluster: WebhookCluster): Promise<void> {
  const { plane } = cluster.installed;
  const { code, stderr } = await plane.kubectl([
    ...["patch", "validatingwebhookconfiguration"],
    ...["metallb-webhook-configuration", "--type=json"],
    '-p=[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]',
  ]);
  assertEquals(code, 0, stderr);
  await cluster.untilAnswered();
}

/** Somebody wants all certificates to be made anew. */
async function empty(cluster: WebhookCluster): Promise<void> {
  const before = await storedCertificates(cluster);
  const { client } = cluster.installed;
  await client.patch(SECRETS, SECRET, { type: "merge", body: { data: null } });
  let after = before;
  while (after["ca.crt"] === before["ca.crt"] || !after["ca.crt"]) {
    after = await storedCertificates(cluster);
  }
  await cluster.untilAnswered();
  const shown = await shownAt(cluster.address, 443, after["ca.crt"]);
  assertEquals(shown === "", false);
}

const DAY = 24 * 3_600_000;

/** The authority ends while the API server asks again and again. */
async function rotate(cluster: WebhookCluster): Promise<void> {
  const { issueAuthority, issueServer } = await loadIssuer();
  const now = Date.now();
  const authority = issueAuthority("old", now - 3590 * DAY);
  const names = { dnsNames: [WEBHOOK_HOST] };
  const server = issueServer(authority, names, now - DAY);
  const data = writeCertificates({
    "ca.crt": authority.certificate,
    "ca.key": authority.privateKey,
    "tls.crt": server.certificate,
    "tls.key": server.privateKey,
  });
  const body = { data };
  const { client } = cluster.installed;
  await client.patch(SECRETS, SECRET, { type: "merge", body });
  await using controller = await cluster.controller();
  await portOf(controller);
  await cluster.untilAnswered();
  let isOver = false;
  const over = controller.event(({ message }) =>
    message === "The webhooks show another certificate"
  ).then(() => isOver = true);
  const codes: number[] = [];
  for (let after = 0; after < 50; after += isOver ? 1 : 0) {
    codes.push((await cluster.ask()).code);
  }
  await over;
  assertEquals(codes.filter((code) => code !== 201), []);
  // The API server connects anew, and believes the new authority.
  cluster.disconnect();
  assertEquals((await cluster.ask()).code, 500);
  cluster.connect();
  await cluster.untilAnswered();
  const stored = await storedCertificates(cluster);
  assertEquals(stored["ca.crt"]?.includes(authority.certificate), true);
  assertEquals(stored["tls.crt"] === server.certificate, false);
}

const name =
  "the webhooks convert, are shared, come back and change their authority";
const reason = await whyNotInstallable();

privilegedTests(import.meta.url, (test) => {
  if (reason !== undefined) return skip(name, reason, { required: false });
  test(name, async (context) => {
    using namespace = NetworkNamespace.enter();
    await using cluster = await WebhookCluster.start(namespace);
    const controller = await cluster.controller();
    try {
      await cluster.untilAnswered();
      await context.step("samples", async () => {
        await cluster.installed.apply("samples");
      });
      await context.step("conversion", () => convert(cluster));
      await context.step("two replicas", () => share(cluster));
      await context.step("nobody answers", () => goWithout(cluster));
      await context.step("the bundle is removed", () => repair(cluster));
      await context.step("the Secret is emptied", () => empty(cluster));
    } finally {
      assertEquals(await controller.stop(), 0);
    }
    await context.step("rotation", () => rotate(cluster));
  });
});
