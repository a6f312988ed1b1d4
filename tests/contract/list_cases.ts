/** Reading: lists, pages, selectors, single objects. */
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  type Lease,
  LEASES,
  type ListPage,
  NODES,
} from "../../mod/kube/mod.ts";
import type { ContractCase } from "./kube_contract.ts";
import { createLeases, failure, lease, makeWorld } from "./world.ts";

function namesOf({ items }: ListPage<Lease>): readonly string[] {
  return items.map(({ metadata }) => metadata.name);
}

/** Cases of reading. */
export const LIST_CASES: readonly ContractCase[] = [
  {
    name: "a list comes in pages of one version",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      await createLeases(world, ["a", "b", "c", "d", "e"]);
      const pages: ListPage<Lease>[] = [];
      let continueToken: string | undefined;
      do {
        const page = await client.list(LEASES, {
          namespace,
          limit: 2,
          ...(continueToken !== undefined && { continueToken }),
        });
        pages.push(page);
        continueToken = page.continueToken;
        // What is created meanwhile does not show in later pages.
        if (pages.length === 1) await createLeases(world, ["cc"]);
      } while (continueToken !== undefined);
      assertEquals(pages.map(namesOf), [["a", "b"], ["c", "d"], ["e"]]);
      assertEquals(
        new Set(pages.map(({ resourceVersion }) => resourceVersion)).size,
        1,
      );
    },
  },
  {
    name: "a list without a namespace has all of them",
    run: async ({ client }) => {
      const worlds = [await makeWorld(client), await makeWorld(client)];
      for (const world of worlds) await createLeases(world, ["everywhere"]);
      const { items } = await client.list(LEASES, {
        limit: 10_000,
        fieldSelector: "metadata.name=everywhere",
      });
      assertEquals(
        items.map(({ metadata }) => metadata.namespace).sort(),
        worlds.map(({ namespace }) => namespace).sort(),
      );
    },
  },
  {
    name: "a list of metadata alone has names, labels and versions",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const labels = { rack: "a" };
      const metadata = { name: "labelled", namespace, labels };
      const spec = { holderIdentity: "somebody" };
      const { metadata: made } = await client.create(LEASES, {
        metadata,
        spec,
      });
      const { items } = await client.list({ ...LEASES, metadataOnly: true }, {
        namespace,
      });
      const none = await client.list({ ...LEASES, metadataOnly: true }, {
        namespace: "nowhere",
      });
      assertEquals(none.items, []);
      assertEquals(items, [{
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: made,
      }]);
    },
  },
  {
    name: "an unknown continue token is an error of the caller or an expiry",
    run: async ({ client }) => {
      const error = await failure(
        client.list(NODES, { limit: 1, continueToken: "nonsense" }),
      );
      assertEquals([400, 410].includes(error.code), true, error.message);
    },
  },
  {
    name: "label selectors select",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      for (
        const [name, tier] of [["a", "x"], ["b", "y"], ["c", "z"]] as const
      ) {
        await client.create(LEASES, lease(world, name, "n", { tier }));
      }
      await client.create(LEASES, lease(world, "d", "n"));
      const rows = [
        ["tier=x", ["a"]],
        ["tier!=x", ["b", "c", "d"]],
        ["tier in (x,z)", ["a", "c"]],
        ["tier notin (x,z)", ["b", "d"]],
        ["tier", ["a", "b", "c"]],
        ["!tier", ["d"]],
        ["tier,tier!=y", ["a", "c"]],
      ] as const;
      for (const [labelSelector, expected] of rows) {
        const page = await client.list(LEASES, { namespace, labelSelector });
        assertEquals<readonly string[]>(namesOf(page), expected, labelSelector);
      }
    },
  },
  {
    name: "field selectors select",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      await createLeases(world, ["a", "b"]);
      const only = { namespace, fieldSelector: "metadata.name=b" };
      assertEquals(namesOf(await client.list(LEASES, only)), ["b"]);
      const others = { namespace, fieldSelector: "metadata.name!=b" };
      assertEquals(namesOf(await client.list(LEASES, others)), ["a"]);
    },
  },
  {
    name: "get() gives what was created",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      const [made] = await createLeases(world, ["a"]);
      const got = await client.get(LEASES, { namespace, name: "a" });
      assertEquals(got, made);
      assertEquals(got.spec?.holderIdentity, "nobody");
      assertNotEquals(got.metadata.uid, undefined);
    },
  },
  {
    name: "get() of nothing is NotFound",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const error = await failure(
        client.get(LEASES, { namespace, name: "no" }),
      );
      assertEquals([error.code, error.reason], [404, "NotFound"]);
    },
  },
  {
    name: "an unknown kind is 404",
    run: async ({ client }) => {
      const unknown = { ...NODES, plural: "nothings" };
      assertEquals((await failure(client.list(unknown))).code, 404);
    },
  },
  {
    name: "an aborted call ends as aborted",
    run: async ({ client }) => {
      const signal = AbortSignal.abort();
      const error = await failure(client.list(NODES, { signal }));
      assertEquals([error.code, error.reason], [0, "aborted"]);
    },
  },
];
