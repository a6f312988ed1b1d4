import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { arrayOr, objectOr, stringOr, valueAt } from "./json.ts";
import type { ApiServer } from "./server.ts";
import {
  call,
  ManualTimers,
  MERGE,
  newServer,
  pool,
  POOLS,
  send,
  versionOf,
  watch,
} from "./test_client.ts";

const none = { permissions: "none" } as const;

async function add(server: ApiServer, name: string, label = "x") {
  const body = { ...pool(name), metadata: { name, labels: { label } } };
  return (await call(server, "POST", POOLS, { body })).body;
}

function relabel(server: ApiServer, name: string, label: string) {
  return call(server, "PATCH", `${POOLS}/${name}`, {
    type: MERGE,
    body: { metadata: { labels: { label } } },
  });
}

Deno.test(
  "a watch without a version begins with what there is",
  none,
  async () => {
    const server = newServer();
    await add(server, "b");
    await add(server, "a");
    for (const query of ["", "resourceVersion=0"]) {
      const events = await watch(server, POOLS, query);
      assertEquals(await events.take(2), ["ADDED a", "ADDED b"]);
      await events.cancel();
    }
    assertEquals(server.faults.openWatches, 0);
  },
);

Deno.test(
  "a watch from a version tells every change after it, in order",
  none,
  async () => {
    const server = newServer();
    const first = await add(server, "a");
    await add(server, "b");
    const events = await watch(
      server,
      POOLS,
      `resourceVersion=${versionOf(first)}`,
    );
    await relabel(server, "a", "y");
    await call(server, "DELETE", `${POOLS}/b`);
    assertEquals(await events.take(3), ["ADDED b", "MODIFIED a", "DELETED b"]);
    await events.cancel();
  },
);

Deno.test(
  "a selective watch shows what comes into view and leaves it",
  none,
  async () => {
    const server = newServer();
    await add(server, "a", "in");
    const events = await watch(server, POOLS, "labelSelector=label%3Din");
    await add(server, "b", "out");
    await relabel(server, "b", "in");
    await relabel(server, "a", "out");
    assertEquals(await events.take(2), ["ADDED a", "ADDED b"]);
    const left = await events.next();
    assertEquals(left?.type, "DELETED");
    const object = objectOr(left?.object);
    assertEquals(valueAt(object, ["metadata", "labels"]), { label: "in" });
    assertEquals(versionOf(object), server.resourceVersion);
    await events.cancel();
  },
);

Deno.test(
  "a watch from a version that is gone gets one ERROR event and ends",
  none,
  async () => {
    const server = newServer();
    const first = await add(server, "a");
    await add(server, "b");
    server.compact();
    const events = await watch(
      server,
      POOLS,
      `resourceVersion=${versionOf(first)}`,
    );
    const error = await events.next();
    assertEquals(error?.type, "ERROR");
    assertEquals(valueAt(error, ["object", "code"]), 410);
    assertEquals(valueAt(error, ["object", "reason"]), "Expired");
    assertEquals(await events.next(), undefined);
  },
);

Deno.test("the history is bounded by its limit", none, async () => {
  const server = newServer({ historyLimit: 3 });
  const first = await add(server, "a");
  for (let count = 0; count < 8; count++) {
    await relabel(server, "a", `${count}`);
  }
  const old = await watch(server, POOLS, `resourceVersion=${versionOf(first)}`);
  assertEquals((await old.next())?.type, "ERROR");
  const recent = Number(server.resourceVersion) - 3;
  const events = await watch(server, POOLS, `resourceVersion=${recent}`);
  assertEquals(await events.take(3), Array(3).fill("MODIFIED a"));
  await events.cancel();
});

Deno.test(
  "a watch ends after its time, with a bookmark if it takes them",
  none,
  async () => {
    const timers = new ManualTimers();
    const server = newServer({ schedule: timers.schedule, bookmarkMs: 4_000 });
    await add(server, "a");
    const query = `resourceVersion=${server.resourceVersion}&timeoutSeconds=10`;
    const plain = await watch(server, POOLS, query);
    const marked = await watch(
      server,
      POOLS,
      `${query}&allowWatchBookmarks=true`,
    );
    await call(server, "POST", "/api/v1/nodes", {
      body: { metadata: { name: "n" } },
    });
    timers.advance(4_000);
    const bookmark = await marked.next();
    assertEquals(bookmark?.type, "BOOKMARK");
    assertEquals(versionOf(objectOr(bookmark?.object)), server.resourceVersion);
    timers.advance(6_000);
    assertEquals(await marked.take(3), ["BOOKMARK -", "BOOKMARK -", "END"]);
    assertEquals(await plain.take(1), ["END"]);
    assertEquals(timers.waiting, 0);
    assertEquals(server.faults.openWatches, 0);
  },
);

Deno.test(
  "a watch that sends initial events marks their end",
  none,
  async () => {
    const server = newServer();
    await add(server, "a");
    const events = await watch(
      server,
      POOLS,
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
    );
    assertEquals(await events.take(1), ["ADDED a"]);
    const mark = await events.next();
    assertEquals(valueAt(mark, ["object", "metadata", "annotations"]), {
      "k8s.io/initial-events-end": "true",
    });
    await events.cancel();
  },
);

Deno.test(
  "a paused server holds events and requests back, in order",
  none,
  async () => {
    const server = newServer();
    await add(server, "a");
    const events = await watch(
      server,
      POOLS,
      `resourceVersion=${server.resourceVersion}`,
    );
    const before = server.resourceVersion;
    server.faults.pause();
    const late = add(server, "b");
    assertEquals(server.resourceVersion, before);
    server.faults.resume();
    await late;
    await relabel(server, "b", "y");
    assertEquals(await events.take(2), ["ADDED b", "MODIFIED b"]);
    await events.cancel();
  },
);

Deno.test("dropped watches end in order or break", none, async () => {
  const server = newServer();
  const closed = await watch(server, POOLS);
  server.faults.dropWatches();
  assertEquals(await closed.next(), undefined);
  const broken = await watch(server, POOLS);
  server.faults.dropWatches("abort");
  await assertRejects(() => broken.next(), Error, "dropped");
  const left = await watch(server, POOLS);
  server.close();
  assertEquals(await left.next(), undefined);
});

Deno.test(
  "a watch can come as a Table, with heads in its first event only",
  none,
  async () => {
    const server = newServer();
    await add(server, "a");
    await add(server, "b");
    const response = await send(
      server,
      "GET",
      `${POOLS}?watch=1&timeoutSeconds=1`,
      {
        headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
      },
    );
    server.close();
    const lines = (await response.text()).trim().split("\n")
      .map((line) => objectOr(JSON.parse(line)));
    const heads = lines.map((line) =>
      arrayOr(valueAt(line, ["object", "columnDefinitions"])).length > 0
    );
    assertEquals(heads, [true, false]);
  },
);

Deno.test(
  "a watch whose client reads nothing ends instead of filling memory",
  none,
  async () => {
    const server = newServer();
    await add(server, "a");
    const events = await watch(server, POOLS);
    for (let count = 0; count < 10_005; count++) {
      await relabel(server, "a", `${count % 2}`);
    }
    assertEquals(server.faults.openWatches, 0);
    await events.cancel();
  },
);

const CHANGE = fc.record({
  verb: fc.constantFrom("add", "relabel", "delete"),
  name: fc.constantFrom("a", "b", "c"),
  label: fc.constantFrom("in", "out"),
});

Deno.test(
  "events of a watch, replayed over its list, give the list now",
  none,
  async () => {
    let events = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(CHANGE, { maxLength: 25, size: "max" }),
        fc.nat(25),
        fc.constantFrom("", "labelSelector=label%3Din"),
        async (changes, split, selector) => {
          const server = newServer();
          const list = `${POOLS}?${selector}`;
          const perform = async (
            { verb, name, label }: typeof changes[number],
          ) => {
            if (verb === "add") await add(server, name, label);
            else if (verb === "relabel") await relabel(server, name, label);
            else await send(server, "DELETE", `${POOLS}/${name}`);
          };
          for (const change of changes.slice(0, split)) await perform(change);
          const { body: before } = await call(server, "GET", list);
          const query = `resourceVersion=${versionOf(before)}&${selector}`;
          const reader = await watch(server, POOLS, query);
          for (const change of changes.slice(split)) await perform(change);
          server.close();
          const table = new Map(
            arrayOr(before.items).map((item) => [
              stringOr(valueAt(item, ["metadata", "name"])),
              item,
            ]),
          );
          for (
            let event = await reader.next();
            event !== undefined;
            event = await reader.next()
          ) {
            events++;
            const object = objectOr(event.object);
            const name = stringOr(valueAt(object, ["metadata", "name"]));
            if (event.type === "DELETED") table.delete(name);
            else table.set(name, object);
          }
          const { body: after } = await call(server, "GET", list);
          const replayed = [...table.keys()].sort().map((name) =>
            table.get(name)
          );
          assertEquals(replayed, [...arrayOr(after.items)]);
        },
      ),
      { numRuns: 100 },
    );
    assert(events > 30);
  },
);
