import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests } from "../privileges.ts";
import { RoleProcess } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";
import { FrozenThread, threadsOf } from "./thread_freeze.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What the manifests grant: CAP_NET_RAW and nothing else. */
const ONLY_NET_RAW = [
  "setpriv",
  "--bounding-set=-all,+net_raw",
  "--inh-caps=-all",
];

async function startSpeaker(cluster: ServedCluster): Promise<RoleProcess> {
  const file = await cluster.writeKubeconfig();
  const readable = [
    ...["speaker", "mod", "ffi"].map((folder) => ROOT + folder),
    file,
  ];
  const lease = ["--lease-renew", "0.2", "--lease-duration", "1"];
  return RoleProcess.start({
    permissions: ["-P=speaker", `--allow-read=${readable.join()}`],
    args: ["speaker", "--node-name", "node-a", "--kubeconfig", file, ...lease],
    wrapper: ONLY_NET_RAW,
  });
}

async function furnish(cluster: ServedCluster): Promise<void> {
  await cluster.applyNamespace();
  await cluster.apply("/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-a" },
  });
  await cluster.applyPool("p", ["192.0.2.0/24"]);
}

/** What a test with one speaker works with. */
interface Parts {
  /** The network, with one wire: `eth0` and `peer`. */
  readonly namespace: NetworkNamespace;
  readonly cluster: ServedCluster;
  /** The speaker, which is ready. */
  readonly role: RoleProcess;
}

async function withSpeaker(
  check: (parts: Parts) => Promise<void>,
): Promise<void> {
  using namespace = NetworkNamespace.enter();
  namespace.wire("eth0", "peer");
  await using cluster = new ServedCluster();
  cluster.start();
  await furnish(cluster);
  await using role = await startSpeaker(cluster);
  await role.until("/readyz", ({ status }) => status === 200);
  await check({ namespace, cluster, role });
}

const ADVERTISEMENTS =
  "/apis/metallb.io/v1beta1/namespaces/metallb-system/l2advertisements";

interface HeldLease {
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly holderIdentity: string };
}

async function leases(cluster: ServedCluster): Promise<readonly HeldLease[]> {
  const { items } = await cluster.read(
    "/apis/coordination.k8s.io/v1/namespaces/metallb-system/leases",
  ) as { readonly items: readonly HeldLease[] };
  return items;
}

async function leaseHolders(cluster: ServedCluster): Promise<string[]> {
  return (await leases(cluster)).map(({ spec }) => spec.holderIdentity);
}

privilegedTests(import.meta.url, (test) => {
  test("speaker process keeps trying an API server that is away, and says so", async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    await using cluster = new ServedCluster();
    cluster.reserve();
    await using role = await startSpeaker(cluster);
    const away = await role.until(
      "/readyz",
      ({ status, text }) =>
        status === 503 && text.includes("lease: cannot be renewed:"),
    );
    assertStringIncludes(away, "services: not listed yet");
    assertEquals((await role.get("/healthz")).status, 200);
    cluster.start();
    await furnish(cluster);
    await role.until("/readyz", ({ status }) => status === 200);
    assertEquals(await leaseHolders(cluster), ["node-a"]);
  });

  test("speaker process gives up its Lease when it is asked to stop", () =>
    withSpeaker(async ({ cluster, role }) => {
      assertEquals(await role.stop(), 0);
      assertEquals(await leaseHolders(cluster), []);
    }));

  test("speaker process names a malformed advertisement, and keeps the last good configuration", () =>
    withSpeaker(async ({ cluster, role }) => {
      await cluster.apply(ADVERTISEMENTS, {
        apiVersion: "metallb.io/v1beta1",
        kind: "L2Advertisement",
        metadata: { name: "bad", namespace: "metallb-system" },
        spec: { ipAddressPools: "p" },
      });
      const detail = await role.until(
        "/readyz",
        ({ text }) => text.includes("L2Advertisement/bad spec.ipAddressPools"),
      );
      assertStringIncludes(detail, "ok\n");
      await role.event(({ level, path }) =>
        level === "ERROR" && path === "L2Advertisement/bad spec.ipAddressPools"
      );
      assertStringIncludes(
        (await role.get("/metrics")).text,
        "metallb_k8s_client_config_stale_bool 1",
      );
    }));

  test("speaker process has no Lease before a configuration was valid", async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    await using cluster = new ServedCluster();
    cluster.start();
    await furnish(cluster);
    await cluster.applyPool("p", ["nonsense"]);
    await using role = await startSpeaker(cluster);
    await role.until(
      "/readyz",
      ({ text }) => text.includes("configuration: none was valid yet"),
    );
    assertEquals(await leaseHolders(cluster), []);
    await cluster.applyPool("p", ["192.0.2.0/24"]);
    await role.until("/readyz", ({ status }) => status === 200);
    assertEquals(await leaseHolders(cluster), ["node-a"]);
  });

  test("speaker process without a usable interface is not ready, and shows why", async () => {
    using _namespace = NetworkNamespace.enter();
    await using cluster = new ServedCluster();
    cluster.start();
    await furnish(cluster);
    await using role = await startSpeaker(cluster);
    await role.until(
      "/readyz",
      ({ text }) =>
        text === "interfaces: none can be used; /status says why\n" +
            "lease: is not held: no interface can be used\n",
    );
    assertEquals(await leaseHolders(cluster), []);
    const { interfaces } = JSON.parse((await role.get("/status")).text);
    assertEquals(
      interfaces.map((
        { name, skipped }: { name: string; skipped: string },
      ) => [name, skipped]),
      [["lo", "excluded"]],
    );
  });

  test("speaker process gives its Lease up when its interface goes, and takes it again when it is back", () =>
    withSpeaker(async ({ namespace, cluster, role }) => {
      const [lease] = await leases(cluster);
      const mac = lease?.metadata.annotations["herald-lb.io/macs"] ?? "";
      assertMatch(mac, /^eth0=([0-9a-f]{2}:){5}[0-9a-f]{2}(,|$)/);
      const withheld = async (why: string): Promise<void> => {
        await role.until("/readyz", ({ text }) => text.includes(why));
        assertEquals(await leaseHolders(cluster), []);
      };
      // A veth whose other end is down has no carrier.
      namespace.ip("link", "set", "peer", "down");
      await withheld("lease: is not held: no usable interface has a carrier");
      namespace.ip("link", "set", "eth0", "down");
      await withheld("lease: is not held: no interface can be used");
      for (const name of ["peer", "eth0"]) {
        namespace.ip("link", "set", name, "up");
      }
      await role.until("/readyz", ({ status }) => status === 200);
      assertEquals(await leaseHolders(cluster), ["node-a"]);
    }));

  test("speaker processes with one node name notice each other", async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("eth0", "peer");
    await using cluster = new ServedCluster();
    cluster.start();
    await furnish(cluster);
    await using one = await startSpeaker(cluster);
    await one.until("/readyz", ({ status }) => status === 200);
    {
      await using two = await startSpeaker(cluster);
      for (const role of [one, two]) {
        const text = await role.until(
          "/readyz",
          ({ status, text }) =>
            status === 503 && text.includes("lease: another speaker ("),
        );
        assertStringIncludes(text, 'has the node name "node-a"');
        await role.event(({ reason }) => reason === "nodeNameTaken");
        await role.until(
          "/metrics",
          ({ text }) => text.includes("herald_speaker_node_name_taken 1"),
        );
      }
    }
    await one.until("/readyz", ({ status }) => status === 200);
    assertEquals(await leaseHolders(cluster), ["node-a"]);
  });

  test("speaker process is not alive when its packet worker stands still for 2 s", () =>
    withSpeaker(async ({ role }) => {
      const threads = await threadsOf(role.pid);
      const packet = [...threads].find(([name]) => name.startsWith("worker-"));
      if (packet === undefined) {
        throw new Error(`No worker in ${[...threads.keys()]}`);
      }
      {
        using _frozen = new FrozenThread(packet[1]);
        const sick = await role.until(
          "/healthz",
          ({ status }) => status === 503,
        );
        assertStringIncludes(sick, "packet worker: no round for ");
      }
      await role.until("/healthz", ({ status }) => status === 200);
    }));
});
