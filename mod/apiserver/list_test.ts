import { assertEquals, assertMatch } from "@std/assert";
import { arrayOr, objectOr, stringOr, valueAt } from "./json.ts";
import type { ApiServer } from "./server.ts";
import {
  type Answer,
  call,
  newServer,
  pool,
  POOLS,
  service,
  SERVICES,
  versionOf,
} from "./test_client.ts";

const none = { permissions: "none" } as const;

async function withPools(names: readonly string[]): Promise<ApiServer> {
  const server = newServer();
  for (const name of names) {
    await call(server, "POST", POOLS, { body: pool(name) });
  }
  return server;
}

function names({ body }: Answer): string[] {
  return arrayOr(body.items)
    .map((item) => stringOr(valueAt(item, ["metadata", "name"])));
}

function continuation({ body }: Answer): string {
  return encodeURIComponent(stringOr(objectOr(body.metadata).continue));
}

Deno.test("a list comes in pages of one snapshot", none, async () => {
  const server = await withPools(["d", "b", "e", "a", "c"]);
  const first = await call(server, "GET", `${POOLS}?limit=2`);
  assertEquals(names(first), ["a", "b"]);
  assertEquals(valueAt(first.body, ["metadata", "remainingItemCount"]), 3);
  // None of this may show in the pages that follow.
  await call(server, "DELETE", `${POOLS}/c`);
  await call(server, "POST", POOLS, { body: pool("cc") });
  const second = await call(
    server,
    "GET",
    `${POOLS}?limit=2&continue=${continuation(first)}`,
  );
  assertEquals(names(second), ["c", "d"]);
  const third = await call(
    server,
    "GET",
    `${POOLS}?limit=2&continue=${continuation(second)}`,
  );
  assertEquals(names(third), ["e"]);
  assertEquals(continuation(third), "");
  assertEquals(versionOf(third.body), versionOf(first.body));
  assertEquals(names(await call(server, "GET", POOLS)), [
    "a",
    "b",
    "cc",
    "d",
    "e",
  ]);
});

Deno.test(
  "a page whose snapshot is gone answers 410 with a token to go on",
  none,
  async () => {
    const server = await withPools(["a", "b", "c"]);
    const first = await call(server, "GET", `${POOLS}?limit=1`);
    await call(server, "DELETE", `${POOLS}/b`);
    server.compact();
    const gone = await call(
      server,
      "GET",
      `${POOLS}?limit=1&continue=${continuation(first)}`,
    );
    assertEquals([gone.code, gone.body.reason], [410, "Expired"]);
    const rest = await call(
      server,
      "GET",
      `${POOLS}?continue=${continuation(gone)}`,
    );
    assertEquals(names(rest), ["c"]);
  },
);

Deno.test("a list selects by namespace, label and field", none, async () => {
  const server = newServer();
  for (
    const [namespace, name, app] of [
      ["default", "a", "web"],
      ["default", "b", "api"],
      ["kube-system", "c", "web"],
    ]
  ) {
    await call(server, "POST", `/api/v1/namespaces/${namespace}/services`, {
      body: {
        ...service(name ?? ""),
        metadata: { name: name ?? "", labels: { app: app ?? "" } },
      },
    });
  }
  const cases = [
    ["/api/v1/services", ["a", "b", "c"]],
    [SERVICES, ["a", "b"]],
    ["/api/v1/services?labelSelector=app%3Dweb", ["a", "c"]],
    [`${SERVICES}?fieldSelector=metadata.name%3Db`, ["b"]],
    [`${SERVICES}?labelSelector=app%3Dweb&limit=1`, ["a"]],
    ["/api/v1/namespaces/nope/services", []],
  ] as const;
  for (const [path, expected] of cases) {
    assertEquals(names(await call(server, "GET", path)), [...expected], path);
  }
});

Deno.test(
  "items of built-in kinds leave kind and version to their list",
  none,
  async () => {
    const server = newServer();
    await call(server, "POST", SERVICES, { body: service("a") });
    await call(server, "POST", POOLS, { body: pool("p") });
    const services = await call(server, "GET", SERVICES);
    assertEquals(services.body.kind, "ServiceList");
    assertEquals(valueAt(arrayOr(services.body.items)[0], ["kind"]), undefined);
    const pools = await call(server, "GET", POOLS);
    assertEquals(pools.body.kind, "IPAddressPoolList");
    assertEquals(
      valueAt(arrayOr(pools.body.items)[0], ["kind"]),
      "IPAddressPool",
    );
  },
);

Deno.test(
  "a list refuses versions and tokens that it cannot use",
  none,
  async () => {
    const server = await withPools(["a"]);
    const cases = [
      ["limit=x", 400, /ParseInt/],
      ["continue=abc", 400, /invalid continue token/],
      ["resourceVersion=foo", 400, /invalid resource version/],
      ["resourceVersion=9999", 504, /Too large resource version: 9999/],
      ["labelSelector=a===b", 400, /unable to parse/],
    ] as const;
    for (const [query, code, message] of cases) {
      const answer = await call(server, "GET", `${POOLS}?${query}`);
      assertEquals(answer.code, code, query);
      assertMatch(String(answer.body.message), message);
    }
    server.compact();
    const query = "resourceVersion=1&resourceVersionMatch=Exact";
    assertEquals((await call(server, "GET", `${POOLS}?${query}`)).code, 410);
  },
);

Deno.test(
  "a list comes as a Table or as metadata when asked so",
  none,
  async () => {
    const server = await withPools(["a"]);
    const table = await call(server, "GET", POOLS, {
      headers: {
        accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
      },
    });
    assertEquals(table.body.kind, "Table");
    const [row] = arrayOr(table.body.rows);
    assertEquals(valueAt(row, ["cells"]), ["a", true, false, "[]"]);
    const partial = await call(server, "GET", POOLS, {
      headers: {
        accept:
          "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
      },
    });
    assertEquals(partial.body.kind, "PartialObjectMetadataList");
    assertEquals(valueAt(arrayOr(partial.body.items)[0], ["spec"]), undefined);
    const unknown = await call(server, "GET", POOLS, {
      headers: { accept: "text/html" },
    });
    assertEquals(unknown.code, 406);
  },
);
