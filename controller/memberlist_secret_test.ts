import { assertEquals, assertRejects } from "@std/assert";
import { type KubeClient, KubeError } from "../mod/kube/mod.ts";
import { ensureMemberlistSecret } from "./memberlist_secret.ts";

const options = { permissions: "none" } as const;

/** A client that takes one object, and answers with an error from then on. */
function clientThat(
  created: unknown[],
  error?: KubeError,
): Pick<KubeClient, "create"> {
  return {
    create: (_resource, object) => {
      created.push(object);
      return error === undefined
        ? Promise.resolve(object)
        : Promise.reject(error);
    },
  };
}

function ensure(client: Pick<KubeClient, "create">): Promise<boolean> {
  return ensureMemberlistSecret({
    client,
    namespace: "metallb-system",
    name: "memberlist",
    fillRandom: (bytes) => bytes.fill(7),
  });
}

Deno.test(
  "ensureMemberlistSecret() makes a random Secret",
  options,
  async () => {
    const created: unknown[] = [];
    assertEquals(await ensure(clientThat(created)), true);
    assertEquals(created, [{
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "memberlist", namespace: "metallb-system" },
      stringData: { secretkey: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=" },
    }]);
  },
);

Deno.test(
  "ensureMemberlistSecret() leaves one that is there",
  options,
  async () => {
    const exists = new KubeError("exists", {
      code: 409,
      reason: "AlreadyExists",
    });
    assertEquals(await ensure(clientThat([], exists)), false);
  },
);

Deno.test(
  "ensureMemberlistSecret() passes on what else is wrong",
  options,
  async () => {
    const refused = new KubeError("no", { code: 403, reason: "Forbidden" });
    await assertRejects(() => ensure(clientThat([], refused)), KubeError, "no");
  },
);
