import { assertEquals, assertRejects } from "@std/assert";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import { KubeError, NAMESPACES, NODES } from "../../mod/kube/mod.ts";
import { StoredResources } from "./stored_resources.ts";

const NONE = { permissions: "none" } as const;
const NAMESPACE = "metallb-system";
const POOLS =
  `GET /apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;

async function openCluster(): Promise<EmbeddedCluster> {
  const cluster = new EmbeddedCluster();
  const metadata = { name: NAMESPACE };
  await cluster.client.create(NAMESPACES, { metadata });
  return cluster;
}

async function createPool(
  { client }: EmbeddedCluster,
  name: string,
): Promise<void> {
  const metadata = { name, namespace: NAMESPACE };
  const spec = { addresses: ["192.0.2.0/24"] };
  await client.create(IP_ADDRESS_POOLS, { metadata, spec });
}

function listsOf({ requests }: EmbeddedCluster): number {
  return requests.filter((request) => request === POOLS).length;
}

Deno.test("StoredResources lists every kind, page by page", NONE, async () => {
  using cluster = await openCluster();
  const names = Array.from({ length: 120 }, (_, index) => `n${index}`);
  for (const name of names) {
    await cluster.client.create(NODES, { metadata: { name } });
  }
  await createPool(cluster, "p");
  const { pools, nodes, peers, secrets } = await new StoredResources(
    cluster.client,
    NAMESPACE,
  ).read();
  assertEquals(pools.map(({ metadata }) => metadata.name), ["p"]);
  assertEquals(nodes.length, 120);
  assertEquals(peers, []);
  // Passwords are none of its business.
  assertEquals(secrets, undefined);
});

Deno.test(
  "StoredResources gives nothing older than the question, in as few lists as that takes",
  NONE,
  async () => {
    using cluster = await openCluster();
    const stored = new StoredResources(cluster.client, NAMESPACE);
    const first = stored.read();
    await createPool(cluster, "p");
    const later = [stored.read(), stored.read(), stored.read()];
    await first;
    for (const resources of await Promise.all(later)) {
      assertEquals(resources.pools.length, 1);
    }
    assertEquals(listsOf(cluster), 2);
    await stored.read();
    assertEquals(listsOf(cluster), 3);
  },
);

Deno.test(
  "StoredResources fails for those who asked, not for those after them",
  NONE,
  async () => {
    using cluster = await openCluster();
    const stored = new StoredResources(cluster.client, NAMESPACE);
    cluster.server.faults.refuse({
      path: "communities",
      code: 500,
      reason: "InternalError",
    });
    await assertRejects(() => stored.read(), KubeError);
    assertEquals((await stored.read()).pools, []);
  },
);
