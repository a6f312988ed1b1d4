/** Watching: events in order, bookmarks, selectors, expiry, ends. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import { LEASES, NODES, type WatchEvent } from "../../mod/kube/mod.ts";
import type { ContractCase } from "./kube_contract.ts";
import {
  createLeases,
  eventLine,
  failure,
  lease,
  leaseVersion,
  makeWorld,
  takeEvents,
} from "./world.ts";

/** Cases of watching. */
export const WATCH_CASES: readonly ContractCase[] = [
  {
    name: "a watch gives what happened since its version, in order",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      await createLeases(world, ["before"]);
      const resourceVersion = await leaseVersion(world);
      await createLeases(world, ["a", "b"]);
      const body = { spec: { holderIdentity: "somebody" } };
      const patch = { type: "merge", body } as const;
      await client.patch(LEASES, { namespace, name: "a" }, patch);
      await client.delete(LEASES, { namespace, name: "b" });
      const events = await takeEvents(client, LEASES, {
        namespace,
        resourceVersion,
        count: 4,
      });
      assertEquals(events.map(eventLine), [
        "ADDED a",
        "ADDED b",
        "MODIFIED a",
        "DELETED b",
      ]);
      const versions = events.map((event) =>
        event.type === "BOOKMARK" ? "" : event.object.metadata.resourceVersion
      );
      assertEquals(new Set(versions).size, 4);
    },
  },
  {
    name: "a watch gives what happens while it is open",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      const stop = new AbortController();
      const watch = client.watch(LEASES, {
        namespace,
        resourceVersion: await leaseVersion(world),
        signal: stop.signal,
        onOpen: () => void createLeases(world, ["late"]),
      });
      for await (const event of watch) {
        assertEquals(eventLine(event), "ADDED late");
        break;
      }
      stop.abort();
    },
  },
  {
    name: "a watch ends in order after its time, with a bookmark before",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const resourceVersion = await leaseVersion(world);
      const elsewhere = await makeWorld(client);
      const events: WatchEvent<unknown>[] = [];
      for await (
        const event of client.watch(LEASES, {
          namespace: world.namespace,
          resourceVersion,
          timeoutSeconds: 4,
          onOpen: () => void createLeases(elsewhere, ["a"]),
        })
      ) events.push(event);
      const bookmark = events.find(({ type }) => type === "BOOKMARK");
      assertEquals(events.length > 0, true);
      assertEquals(
        new Set(events.map(({ type }) => type)),
        new Set(["BOOKMARK"]),
      );
      // It moves on with changes that the watch does not select.
      assertNotEquals(
        bookmark?.type === "BOOKMARK" ? bookmark.resourceVersion : "none",
        resourceVersion,
      );
    },
  },
  {
    name: "an object that a selector loses is DELETED from its watch",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const { namespace } = world;
      const resourceVersion = await leaseVersion(world);
      await client.create(LEASES, lease(world, "a", "n", { in: "yes" }));
      await client.create(LEASES, lease(world, "b", "n", { in: "no" }));
      for (const [name, value] of [["a", "no"], ["b", "yes"]] as const) {
        const body = { metadata: { labels: { in: value } } };
        await client.patch(LEASES, { namespace, name }, {
          type: "merge",
          body,
        });
      }
      const events = await takeEvents(client, LEASES, {
        namespace,
        resourceVersion,
        labelSelector: "in=yes",
        count: 3,
      });
      assertEquals(events.map(eventLine), ["ADDED a", "DELETED a", "ADDED b"]);
    },
  },
  {
    name: "a field selector narrows a watch to one object",
    run: async ({ client }) => {
      const world = await makeWorld(client);
      const resourceVersion = await leaseVersion(world);
      await createLeases(world, ["a", "b"]);
      const events = await takeEvents(client, LEASES, {
        namespace: world.namespace,
        resourceVersion,
        fieldSelector: "metadata.name=b",
        count: 1,
      });
      assertEquals(events.map(eventLine), ["ADDED b"]);
    },
  },
  {
    name: "custom resources are watched",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const { resourceVersion } = await client.list(IP_ADDRESS_POOLS, {
        namespace,
      });
      await client.create(IP_ADDRESS_POOLS, {
        metadata: { name: "pool", namespace },
        spec: { addresses: ["192.0.2.0/24"] },
      });
      await client.delete(IP_ADDRESS_POOLS, { namespace, name: "pool" });
      const events = await takeEvents(client, IP_ADDRESS_POOLS, {
        namespace,
        resourceVersion,
        count: 2,
      });
      assertEquals(events.map(eventLine), ["ADDED pool", "DELETED pool"]);
    },
  },
  {
    name: "a version that is none is refused",
    run: async ({ client }) => {
      const error = await failure(
        takeEvents(client, NODES, { resourceVersion: "no", count: 1 }),
      );
      // kube-apiserver answers 500 here; it is the refusal that counts.
      assertEquals(error.code >= 400, true, error.message);
    },
  },
  {
    name: "an aborted watch ends as aborted",
    run: async ({ client }) => {
      const stop = new AbortController();
      const { resourceVersion } = await client.list(NODES);
      const watch = client.watch(NODES, {
        resourceVersion,
        signal: stop.signal,
        onOpen: () => queueMicrotask(() => stop.abort()),
      });
      const error = await failure(Array.fromAsync(watch));
      assertEquals([error.code, error.reason], [0, "aborted"]);
    },
  },
];
