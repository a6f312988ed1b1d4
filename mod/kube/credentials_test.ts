import { assertEquals, assertInstanceOf } from "@std/assert";
import { ManualClock } from "../../tests/kube/clocks.ts";
import {
  type Answer,
  fakePem,
  jsonAnswer,
  ScriptedPlatform,
} from "../../tests/kube/scripted_platform.ts";
import type { ClusterAccess } from "./access.ts";
import { connect, type ConnectedClient } from "./client.ts";
import { KubeError } from "./port.ts";
import { NODES } from "./resources.ts";

const TOKEN = "/run/token";
const CERT = "/run/tls.crt";
const KEY = "/run/tls.key";
const ACCESS: ClusterAccess = {
  server: "https://192.0.2.1:6443",
  origin: "the test",
  identity: {
    token: { kind: "file", path: TOKEN, origin: "token" },
    certificate: {
      cert: { kind: "file", path: CERT, origin: "certificate" },
      key: { kind: "file", path: KEY, origin: "key" },
    },
    impersonate: "somebody",
  },
};
const NODE = { metadata: { name: "n1" } };

interface Fixture {
  readonly client: ConnectedClient;
  readonly platform: ScriptedPlatform;
  readonly clock: ManualClock;
}

function setUp(answer: Answer): Fixture {
  const platform = new ScriptedPlatform(answer);
  platform.files.set(TOKEN, "first\n");
  platform.files.set(CERT, fakePem("CERTIFICATE"));
  platform.files.set(KEY, fakePem("PRIVATE KEY"));
  const clock = new ManualClock();
  return { client: connect(ACCESS, { platform, clock }), platform, clock };
}

function tokens({ sent }: ScriptedPlatform): (string | null)[] {
  return sent.map(({ headers }) => headers.get("authorization"));
}

Deno.test("a token file is read again after a minute", {
  permissions: "none",
}, async () => {
  const { client, platform, clock } = setUp(() => jsonAnswer(NODE));
  for (const time of [0, 59_999, 60_000]) {
    clock.time = time;
    await client.get(NODES, { name: "n1" });
    platform.files.set(TOKEN, "second");
  }
  assertEquals(tokens(platform), [
    "Bearer first",
    "Bearer first",
    "Bearer second",
  ]);
  assertEquals(platform.sent[0]?.headers.get("impersonate-user"), "somebody");
});

Deno.test("a refused token is read again at once", {
  permissions: "none",
}, async () => {
  let valid = "first";
  const { client, platform } = setUp(({ headers }) =>
    headers.get("authorization") === `Bearer ${valid}`
      ? jsonAnswer(NODE)
      : jsonAnswer({ reason: "Unauthorized", code: 401 }, 401)
  );
  await client.get(NODES, { name: "n1" });
  valid = "second";
  platform.files.set(TOKEN, valid);
  await client.get(NODES, { name: "n1" });
  assertEquals(tokens(platform), [
    "Bearer first",
    "Bearer first",
    "Bearer second",
  ]);
});

Deno.test("a token that stays refused is an error after one more attempt", {
  permissions: "none",
}, async () => {
  const { client, platform } = setUp(() =>
    jsonAnswer({ reason: "Unauthorized", code: 401 }, 401)
  );
  try {
    await client.get(NODES, { name: "n1" });
    throw new Error("The call did not fail");
  } catch (error) {
    assertInstanceOf(error, KubeError);
    assertEquals(error.code, 401);
  }
  assertEquals(tokens(platform).length, 2);
});

Deno.test(
  "a new client certificate means new connections, an old one does not",
  {
    permissions: "none",
  },
  async () => {
    const { client, platform, clock } = setUp(() => jsonAnswer(NODE));
    await client.get(NODES, { name: "n1" });
    clock.time = 60_000;
    await client.get(NODES, { name: "n1" });
    assertEquals([platform.pools, platform.closed], [1, 0]);
    const renewed = `${fakePem("CERTIFICATE")}\n`;
    platform.files.set(CERT, renewed);
    clock.time = 120_000;
    await client.get(NODES, { name: "n1" });
    assertEquals([platform.pools, platform.closed], [2, 1]);
    assertEquals(platform.sent.at(-1)?.tls.cert, renewed);
  },
);

Deno.test("a token file that has gone is an error that names it", {
  permissions: "none",
}, async () => {
  const { client, platform } = setUp(() => jsonAnswer(NODE));
  platform.files.delete(TOKEN);
  try {
    await client.get(NODES, { name: "n1" });
    throw new Error("The call did not fail");
  } catch (error) {
    assertInstanceOf(error, KubeError);
    assertEquals(error.reason, "credentialsFailed");
    assertEquals(error.message.includes(TOKEN), true, error.message);
  }
  assertEquals(platform.sent.length, 0);
});
