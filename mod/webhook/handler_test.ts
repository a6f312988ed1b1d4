import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { admissionQuestion, conversionQuestion } from "../../tests/reviews.ts";
import type { ConfigResources } from "../config/mod.ts";
import {
  CONVERSION_PATH,
  VALIDATING_WEBHOOKS,
  webhookHandler,
  type WebhookOptions,
} from "./mod.ts";
import { BodyReader } from "./body.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const POOLS = "/validate-metallb-io-v1beta1-ipaddresspool";

const STORED: ConfigResources = {
  pools: [],
  l2Advertisements: [],
  nodes: [],
  namespaces: [],
};

/** A handler that notes what it tells. */
class World {
  readonly told: string[] = [];
  readonly handle: (request: Request) => Promise<Response>;

  constructor(read: WebhookOptions["read"] = () => Promise.resolve(STORED)) {
    this.handle = webhookHandler({
      namespace: "metallb-system",
      read,
      onAnswer: (path, result) => this.told.push(`${path} ${result}`),
      onDenial: (reason) => this.told.push(reason),
      onFailure: (error) => this.told.push(String(error)),
    });
  }

  post(path: string, body: BodyInit): Promise<Response> {
    const init = { method: "POST", body };
    return this.handle(new Request(`https://localhost${path}`, init));
  }
}

function poolOf(...addresses: unknown[]): string {
  const object = {
    metadata: { name: "p", namespace: "metallb-system" },
    spec: { addresses },
  };
  return JSON.stringify(admissionQuestion({ kind: "IPAddressPool", object }));
}

Deno.test(
  "webhookHandler() answers what it is asked",
  NO_PERMISSIONS,
  async () => {
    const world = new World();
    const good = await (await world.post(POOLS, poolOf("192.0.2.0/24"))).json();
    assertEquals(good.response.allowed, true);
    const bad = await (await world.post(POOLS, poolOf("192.0.2.0"))).json();
    assertEquals(bad.response.allowed, false);
    const body = JSON.stringify(conversionQuestion("metallb.io/v1beta2", []));
    const other = await (await world.post(CONVERSION_PATH, body)).json();
    assertEquals(other.response.result, { status: "Success" });
    assertEquals(world.told, [
      `${POOLS} allowed`,
      "cidrInvalid",
      `${POOLS} denied`,
      `${CONVERSION_PATH} converted`,
    ]);
  },
);

Deno.test(
  "webhookHandler() serves MetalLB's paths",
  NO_PERMISSIONS,
  async () => {
    const paths = VALIDATING_WEBHOOKS.map(({ path }) => path);
    assertEquals(paths, [
      "/validate-metallb-io-v1beta1-ipaddresspool",
      "/validate-metallb-io-v1beta1-l2advertisement",
      "/validate-metallb-io-v1beta1-bgpadvertisement",
      "/validate-metallb-io-v1beta2-bgppeer",
      "/validate-metallb-io-v1beta1-bfdprofile",
      "/validate-metallb-io-v1beta1-community",
    ]);
    for (const { path, definition: { kind } } of VALIDATING_WEBHOOKS) {
      const object = { metadata: { name: "x", namespace: "elsewhere" } };
      const namespace = "elsewhere";
      const review = admissionQuestion({ kind, namespace, object });
      const answer = await new World().post(path, JSON.stringify(review));
      const { response } = await answer.json();
      assertEquals(response.allowed, false, path);
    }
  },
);

Deno.test("webhookHandler() serves nothing else", NO_PERMISSIONS, async () => {
  const { handle } = new World();
  const ask = async (path: string, method: string) =>
    (await handle(new Request(`https://localhost${path}`, { method }))).status;
  assertEquals(await ask("/", "GET"), 404);
  assertEquals(await ask("/metrics", "POST"), 404);
  assertEquals(await ask(POOLS, "GET"), 405);
});

Deno.test(
  "webhookHandler() leaves it to the failure policy when it cannot compare",
  NO_PERMISSIONS,
  async () => {
    const world = new World(() => Promise.reject(new Error("no route")));
    const answer = await world.post(POOLS, poolOf("192.0.2.0/24"));
    assertEquals(answer.status, 500);
    assertEquals(
      await answer.text(),
      "Cannot read the resources that it has to go with\n",
    );
    assertEquals(world.told, ["Error: no route", `${POOLS} error`]);
  },
);

const MEGABYTE = "x".repeat(1024 * 1024);

Deno.test(
  "webhookHandler() reads no more than it has to",
  NO_PERMISSIONS,
  async () => {
    const world = new World();
    const answer = await world.post(POOLS, MEGABYTE.repeat(9));
    assertEquals(answer.status, 413);
    assertEquals(world.told, [`${POOLS} badRequest`]);
  },
);

Deno.test(
  "webhookHandler() holds no more than it can",
  NO_PERMISSIONS,
  async () => {
    const release = Promise.withResolvers<ConfigResources>();
    const both = Promise.withResolvers<void>();
    let reads = 0;
    const world = new World(() => {
      if (++reads === 2) both.resolve();
      return release.promise;
    });
    const long = poolOf("192.0.2.0/24", MEGABYTE.repeat(6));
    const held = [world.post(POOLS, long), world.post(POOLS, long)];
    await both.promise;
    assertEquals((await world.post(POOLS, long)).status, 503);
    release.resolve(STORED);
    assertEquals((await Promise.all(held)).map(({ status }) => status), [
      200,
      200,
    ]);
    assertEquals((await world.post(POOLS, long)).status, 200);
  },
);

Deno.test(
  "BodyReader gives back what it held, whatever happens",
  NO_PERMISSIONS,
  async () => {
    const bodies = new BodyReader({ each: 4, together: 6 });
    const read = (body: BodyInit) =>
      bodies.with(
        new Request("https://localhost", { method: "POST", body }),
        ({ kind }) => kind,
      );
    assertEquals(await read("four"), "text");
    assertEquals(await read("five!"), "tooLarge");
    assertEquals(await read(Uint8Array.of(0xff)), "broken");
    const cut = new ReadableStream({
      start: (controller) => controller.error(new Error("gone")),
    });
    assertEquals(await read(cut), "broken");
    assertEquals(bodies.held, 0);
  },
);

Deno.test("webhookHandler() answers any bytes", NO_PERMISSIONS, async () => {
  const { handle } = new World();
  const path = fc.constantFrom(POOLS, CONVERSION_PATH);
  await fc.assert(
    fc.asyncProperty(path, fc.uint8Array(), async (path, body) => {
      const init = { method: "POST", body: Uint8Array.from(body) };
      const { status } = await handle(
        new Request(`https://localhost${path}`, init),
      );
      assertEquals(status, 400);
    }),
  );
});

Deno.test(
  "webhookHandler() answers any JSON in the place of an object",
  NO_PERMISSIONS,
  async () => {
    const kinds = VALIDATING_WEBHOOKS.map(({ definition }) => definition.kind);
    const write = fc.record({
      kind: fc.constantFrom(...kinds),
      operation: fc.constantFrom("CREATE", "UPDATE", "DELETE"),
      object: fc.oneof(
        fc.jsonValue(),
        fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue() }),
      ),
      oldObject: fc.record({ spec: fc.jsonValue() }),
    });
    const world = new World();
    await fc.assert(fc.asyncProperty(write, async (write) => {
      const body = JSON.stringify(admissionQuestion(write));
      const { status } = await world.post(POOLS, body);
      assertEquals([200, 400].includes(status), true, String(status));
    }));
  },
);
