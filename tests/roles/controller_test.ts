import { assertEquals, assertStringIncludes } from "@std/assert";
import { RoleProcess } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";

/** The role under its own set; a kubeconfig elsewhere must be granted as well. */
async function startController(
  cluster: ServedCluster,
): Promise<RoleProcess> {
  const file = await cluster.writeKubeconfig();
  return RoleProcess.start({
    permissions: ["-P=controller", `--allow-read=${file}`],
    args: ["controller", "--kubeconfig", file, "--webhook-mode", "disabled"],
  });
}

Deno.test("controller process keeps trying an API server that is away, and says so", async () => {
  await using cluster = new ServedCluster();
  cluster.reserve();
  await using role = await startController(cluster);
  const away = await role.until(
    "/readyz",
    ({ status, text }) => status === 503 && text.includes("services:"),
  );
  assertStringIncludes(away, "Cannot list services");
  assertEquals((await role.get("/healthz")).status, 200);
  await role.event(({ level, kind }) =>
    level === "WARN" && kind === "services"
  );
  cluster.start();
  await cluster.applyNamespace();
  await cluster.applyPool("p", ["192.0.2.0/24"]);
  await cluster.applyService("web");
  await role.until("/readyz", ({ status }) => status === 200);
  assertEquals(await cluster.addressOf("web"), "192.0.2.0");
  assertEquals(await role.stop(), 0);
});

const malformed = [
  {
    what: "an address that is none",
    name: "q",
    addresses: ["192.0.2.300/24"],
    path: "IPAddressPool/q spec.addresses[0]",
  },
  {
    what: "a field of the wrong type",
    name: "q",
    addresses: "192.0.2.0/24",
    path: "IPAddressPool/q spec.addresses",
  },
  {
    what: "an overlap with another pool",
    name: "q",
    addresses: ["192.0.2.128/25"],
    path: "IPAddressPool/q spec.addresses[0]",
  },
];

Deno.test.each(malformed)(
  "controller process names $what, and keeps the last good configuration",
  async ({ name, addresses, path }) => {
    await using cluster = new ServedCluster();
    cluster.start();
    await cluster.applyNamespace();
    await cluster.applyPool("p", ["192.0.2.0/24"]);
    await using role = await startController(cluster);
    await role.until("/readyz", ({ status }) => status === 200);
    await cluster.applyPool(name, addresses);
    const detail = await role.until(
      "/readyz",
      ({ text }) => text.includes(path),
    );
    assertStringIncludes(
      detail,
      "The last valid configuration of pools stays in force",
    );
    await role.event(({ level, problem }) =>
      level === "ERROR" && String(problem).includes(path)
    );
    await cluster.applyService("web");
    assertEquals(await cluster.addressOf("web"), "192.0.2.0");
    assertStringIncludes(
      (await role.get("/metrics")).text,
      "metallb_k8s_client_config_stale_bool 1",
    );
    assertEquals(await role.stop(), 0);
  },
);
