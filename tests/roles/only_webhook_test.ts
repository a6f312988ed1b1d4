import { assertEquals, assertStringIncludes } from "@std/assert";
import { type KeyPair, loadIssuer } from "../../mod/certificates/mod.ts";
import { pool } from "../admission/objects.ts";
import { admissionQuestion } from "../reviews.ts";
import { review, shownAt, WEBHOOK_HOST } from "../webhook_client.ts";
import { RoleProcess } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";

const { issueAuthority, issueServer } = await loadIssuer();

const AUTHORITY = issueAuthority("cert-manager", Date.now());

/** What cert-manager would mount. */
async function mount(folder: string): Promise<KeyPair> {
  const names = { dnsNames: [WEBHOOK_HOST] };
  const pair = issueServer(AUTHORITY, names, Date.now());
  await Deno.writeTextFile(`${folder}/tls.crt`, pair.certificate);
  await Deno.writeTextFile(`${folder}/tls.key`, pair.privateKey);
  return pair;
}

Deno.test("controller process that only answers webhooks takes its certificate from files", async () => {
  await using cluster = new ServedCluster();
  cluster.start();
  await cluster.applyNamespace();
  await cluster.applyPool("office", ["192.0.2.0/24"]);
  await cluster.applyService("web");
  const file = await cluster.writeKubeconfig();
  const folder = await Deno.makeTempDir();
  try {
    await using role = RoleProcess.start({
      permissions: ["-P=controller", `--allow-read=${file},${folder}`],
      args: [
        ...["controller", "--kubeconfig", file],
        ...["--webhook-mode", "onlywebhook", "--webhook-port", "0"],
        ...["--disable-cert-rotation", "--cert-dir", folder],
      ],
    });
    const waiting = await role.until(
      "/readyz",
      ({ text }) => text.includes(folder),
    );
    assertStringIncludes(waiting, "No certificate for webhooks: ");
    await mount(folder);
    await role.until("/readyz", ({ status }) => status === 200);
    const { webhookPort } = await role.event((event) =>
      typeof event["webhookPort"] === "number"
    );
    const port = Number(webhookPort);
    const object = pool("bad", { addresses: ["192.0.2.9/32"] });
    const question = admissionQuestion({ kind: "IPAddressPool", object });
    const answer = await review(
      port,
      AUTHORITY.certificate,
      JSON.stringify(question),
    );
    assertStringIncludes(answer, 'of IPAddressPool \\"office\\"');
    const before = await shownAt("127.0.0.1", port, AUTHORITY.certificate);
    await mount(folder);
    await role.event(({ message }) =>
      message === "The webhooks show another certificate"
    );
    const after = await shownAt("127.0.0.1", port, AUTHORITY.certificate);
    assertEquals(before === after, false);
    const { text } = await role.get("/metrics");
    const denied = 'herald_webhook_denials_total{reason="overlap"} 1';
    assertStringIncludes(text, denied);
    // Whoever gives addresses is somebody else.
    assertEquals(text.includes("metallb_allocator"), false);
    assertEquals(await role.stop(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
