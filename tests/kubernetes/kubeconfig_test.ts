import { assertEquals } from "@std/assert";
import { formatKubeconfig } from "./kubeconfig.ts";

Deno.test("formatKubeconfig() carries each kind of credential", {
  permissions: "none",
}, () => {
  const server = "https://127.0.0.1:6443";
  const certificate = {
    kind: "certificate",
    certificate: "C",
    privateKey: "K",
  } as const;
  const cases = [
    [{ kind: "none" }, {}],
    [{ kind: "token", token: "t" }, { token: "t" }],
    [certificate, {
      "client-certificate-data": btoa("C"),
      "client-key-data": btoa("K"),
    }],
  ] as const;
  for (const [user, expected] of cases) {
    const config = JSON.parse(formatKubeconfig({ server, caPem: "CA", user }));
    assertEquals(config.users[0].user, expected);
    assertEquals(config.clusters[0].cluster, {
      server,
      "certificate-authority-data": btoa("CA"),
    });
  }
  const plain = JSON.parse(
    formatKubeconfig({ server, user: { kind: "none" }, namespace: "n" }),
  );
  assertEquals(plain.clusters[0].cluster, { server });
  assertEquals(plain.contexts[0].context.namespace, "n");
});
