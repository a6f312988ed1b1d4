import { assertEquals } from "@std/assert";
import { connectScripted, failure } from "../../tests/kube/client_fixture.ts";
import { jsonAnswer } from "../../tests/kube/scripted_platform.ts";
import { SERVICES } from "./resources.ts";
import {
  SELF_SUBJECT_ACCESS_REVIEWS,
  SUBJECT_ACCESS_REVIEWS,
  TOKEN_REVIEWS,
} from "./reviews.ts";

const none = { permissions: "none" } as const;

const USER = {
  username: "system:serviceaccount:monitoring:prometheus",
  uid: "1-2",
  groups: ["system:serviceaccounts", "system:authenticated"],
  extra: { "authentication.kubernetes.io/pod-name": ["prometheus-0"] },
};

Deno.test(
  "review() posts the question and reads the answer",
  none,
  async () => {
    const { client, platform } = connectScripted(() =>
      jsonAnswer({ status: { authenticated: true, user: USER } }, 201)
    );
    assertEquals(await client.review(TOKEN_REVIEWS, { token: "t" }), USER);
    const [sent] = platform.sent;
    assertEquals(
      [sent?.method, sent?.path],
      ["POST", "/apis/authentication.k8s.io/v1/tokenreviews"],
    );
    assertEquals(sent?.body, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token: "t" },
    });
  },
);

const answers = [
  { what: "no status", status: undefined },
  { what: "nobody's token", status: { authenticated: false, user: USER } },
  { what: "a text for a truth", status: { authenticated: "true", user: USER } },
  { what: "a user without a name", status: { authenticated: true, user: {} } },
  { what: "no user", status: { authenticated: true } },
];

Deno.test.each(answers)(
  "TOKEN_REVIEWS knows nobody by $what",
  none,
  async ({ status }) => {
    const { client } = connectScripted(() => jsonAnswer({ status }));
    assertEquals(await client.review(TOKEN_REVIEWS, {}), undefined);
  },
);

Deno.test("TOKEN_REVIEWS leaves out what it cannot read", none, async () => {
  const user = { username: "u", uid: 5, groups: ["g", 5], extra: { a: "b" } };
  const { client } = connectScripted(() =>
    jsonAnswer({ status: { authenticated: true, user } })
  );
  assertEquals(await client.review(TOKEN_REVIEWS, {}), {
    username: "u",
    groups: ["g"],
    extra: { a: [] },
  });
});

const judgements = [
  { status: { allowed: true }, may: true },
  { status: { allowed: false }, may: false },
  { status: { allowed: true, denied: true }, may: false },
  { status: { allowed: "true" }, may: false },
  { status: undefined, may: false },
];

Deno.test(
  "access reviews allow only what is allowed and not denied",
  none,
  async () => {
    for (const { status, may } of judgements) {
      const { client } = connectScripted(() => jsonAnswer({ status }));
      for (
        const kind of [SUBJECT_ACCESS_REVIEWS, SELF_SUBJECT_ACCESS_REVIEWS]
      ) {
        assertEquals(
          await client.review(kind, {}),
          may,
          JSON.stringify(status),
        );
      }
    }
  },
);

Deno.test(
  "every call is told with its verb, its resource and its status",
  none,
  async () => {
    const answer = { metadata: { name: "s", resourceVersion: "1" }, items: [] };
    const { client, calls } = connectScripted(({ method }) =>
      method === "PATCH"
        ? jsonAnswer({ code: 409, reason: "Conflict" }, 409)
        : method === "DELETE"
        ? Promise.reject(new TypeError("connection refused"))
        : jsonAnswer(answer)
    );
    const key = { name: "s", namespace: "n" };
    const service = { metadata: key, spec: {} };
    const patch = { type: "merge", body: {} } as const;
    const status = { subresource: "status" } as const;
    await client.list(SERVICES);
    await client.get(SERVICES, key);
    await client.create(SERVICES, service);
    await client.replace(SERVICES, service);
    await failure(client.patch(SERVICES, key, patch, status));
    await failure(client.delete(SERVICES, key));
    await client.review(SUBJECT_ACCESS_REVIEWS, {});
    const watch = client.watch(SERVICES, { resourceVersion: "1" });
    for await (const _ of watch) break;
    assertEquals(calls, [
      "list services 200",
      "get services 200",
      "create services 200",
      "update services 200",
      "patch services/status 409",
      "delete services 0",
      "create subjectaccessreviews 200",
      "watch services 200",
    ]);
  },
);
