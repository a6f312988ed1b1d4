/** The verb against the embedded API server, with speakers that the test plays. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseAll } from "@std/yaml";
import { ApiServer } from "../../mod/apiserver/mod.ts";
import { UsageError } from "../../mod/cli/mod.ts";
import { DRAIN_ANNOTATION } from "../../mod/config/mod.ts";
import { sliceOf } from "../../tests/endpoint_slices.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import { runDrain } from "./drain.ts";
import { DrainError } from "./drain_cluster.ts";

const SYSTEM = "metallb-system";
const STATUSES =
  `/apis/metallb.io/v1beta1/namespaces/${SYSTEM}/servicel2statuses`;
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases`;
const KUBECONFIG = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: "http://cluster.test" } }],
  users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
});

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** A cluster, its clock, and one run of the verb at a time. */
class Rig implements Disposable {
  readonly #server = new ApiServer({ now: () => 0 });
  readonly #interrupt = Promise.withResolvers<string>();
  readonly clock = new ManualClock();
  /** What the verb asked for, as `PATCH /api/v1/…`. */
  readonly requests = new Set<string>();
  /** What was written, all of it. */
  output = "";
  /** Answers in place of the server; `undefined` = the server does. */
  refuse: (method: string, path: string) => number | undefined = () =>
    undefined;
  /** Called after each request. */
  onRequest: (method: string, path: string) => Promise<void> = () =>
    Promise.resolve();

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const type = method === "PATCH" ? "merge-patch+json" : "json";
    const answer = await this.#server.handle(
      new Request(`http://cluster.test${path}`, {
        method,
        ...body === undefined ? {} : {
          body: JSON.stringify(body),
          headers: { "content-type": `application/${type}` },
        },
      }),
    );
    const text = await answer.text();
    assert(answer.ok, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  /** Three nodes with speakers, and a Service at node-a. */
  async furnish(): Promise<void> {
    await this.call("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: SYSTEM },
    });
    for (const node of ["node-a", "node-b", "node-c"]) await this.join(node);
    const group = `/apis/metallb.io/v1beta1/namespaces/${SYSTEM}`;
    await this.call("POST", `${group}/ipaddresspools`, {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "office", namespace: SYSTEM },
      spec: { addresses: ["192.0.2.0/24", "2001:db8::/64"] },
    });
    await this.call("POST", `${group}/l2advertisements`, {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { name: "office", namespace: SYSTEM },
      spec: {},
    });
    await this.serve("web", "192.0.2.1");
    await this.announce("web", "node-a", "192.0.2.1");
  }

  async join(node: string, ageMs = 0): Promise<void> {
    await this.call("POST", "/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node },
    });
    const renewed = new Date(this.clock.date().getTime() - ageMs);
    await this.call("POST", LEASES, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: `herald-speaker.${node}`,
        namespace: SYSTEM,
        labels: { "herald-lb.io/component": "speaker" },
      },
      spec: {
        holderIdentity: node,
        leaseDurationSeconds: 3600,
        renewTime: renewed.toISOString().replace("Z", "000Z"),
      },
    });
  }

  /** A Service with a Pod on every node, or on some. */
  async serve(name: string, ip: string, policy = "Cluster"): Promise<void> {
    const services = "/api/v1/namespaces/default/services";
    await this.call("POST", services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: {
        type: "LoadBalancer",
        ports: [{ port: 80 }],
        externalTrafficPolicy: policy,
      },
    });
    await this.call("PATCH", `${services}/${name}/status`, {
      status: {
        loadBalancer: { ingress: ip.split(",").map((ip) => ({ ip })) },
      },
    });
    await this.call(
      "POST",
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      sliceOf(name, "node-a"),
    );
  }

  /** What the speaker of a node writes when it begins to announce. */
  async announce(service: string, node: string, ips: string): Promise<void> {
    await this.call("POST", STATUSES, {
      apiVersion: "metallb.io/v1beta1",
      kind: "ServiceL2Status",
      metadata: {
        name: `${service}-${node}`,
        namespace: SYSTEM,
        labels: {
          "metallb.io/node": node,
          "metallb.io/service-name": service,
          "metallb.io/service-namespace": "default",
        },
        annotations: {
          "herald-lb.io/ips": ips,
          "herald-lb.io/since": "2000-01-01T00:00:00Z",
        },
      },
    });
  }

  /** And what it does when it announces no more. */
  async cease(service: string, node: string): Promise<void> {
    await this.call("DELETE", `${STATUSES}/${service}-${node}`);
  }

  async drains(node: string): Promise<boolean> {
    const { metadata } = await this.call(
      "GET",
      `/api/v1/nodes/${node}`,
    ) as Named;
    return metadata.annotations?.[DRAIN_ANNOTATION] === "true";
  }

  async drain(node: string): Promise<void> {
    const annotations = { [DRAIN_ANNOTATION]: "true" };
    await this.call("PATCH", `/api/v1/nodes/${node}`, {
      metadata: { annotations },
    });
  }

  /** The person presses Ctrl-C. */
  interrupt(): void {
    this.#interrupt.resolve("SIGINT");
  }

  /** Runs the verb; time passes as fast as the verb sleeps. */
  async run(...args: readonly string[]): Promise<number> {
    let isOver = false;
    const end = runDrain([...args, "--kubeconfig", "k"], {
      clock: this.clock,
      env: () => undefined,
      write: (text) => {
        this.output += text;
      },
      stopRequested: () => this.#interrupt.promise,
      platform: {
        createHttpClient: () => ({ close: () => {} }),
        fetch: (url, { client: _, ...init }) => this.#fetch(url, init),
        readTextFile: () => Promise.resolve(KUBECONFIG),
      },
    }).finally(() => {
      isOver = true;
    });
    // Whoever waits for it sees the failure.
    end.catch(() => {});
    while (!isOver) await this.clock.advance(1000);
    return await end;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname } = new URL(url);
    const method = init.method ?? "GET";
    this.requests.add(`${method} ${pathname}`);
    const code = this.refuse(method, pathname);
    if (code !== undefined) {
      const body = { kind: "Status", code, reason: "Refused", message: "no" };
      return Response.json(body, { status: code });
    }
    const request = new Request(url, init);
    const answer = await this.#server.handle(request);
    request.signal.throwIfAborted();
    await this.onRequest(method, pathname);
    return answer;
  }

  /** From the mark on, the node's speaker hands a Service to another one. */
  handsOver(service: string, to: string): void {
    let isDone = false;
    this.onRequest = async (method, path) => {
      const isMark = method === "PATCH" && path === "/api/v1/nodes/node-a";
      if (isDone || !isMark) return;
      isDone = true;
      await this.announce(service, to, "192.0.2.1");
      await this.cease(service, "node-a");
    };
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}

async function furnished(): Promise<Rig> {
  const rig = new Rig();
  await rig.furnish();
  return rig;
}

Deno.test("drain marks the node, says where all went, and waits for the clients", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-b");
  assertEquals(await rig.run("node-a"), 0);
  assertEquals(rig.output.split("\n"), [
    "SERVICE      ADDRESS    NOW AT  WHY",
    "default/web  192.0.2.1  node-b",
    "",
    "Given away within 0.0 s.",
    "Waiting 120 s for clients with stale caches (--grace): node-a forwards for them.",
    'node-a may be shut down. It stays drained, also when it restarts, until "drain node-a --undo".',
    "",
  ]);
  assert(await rig.drains("node-a"));
  assert(rig.clock.now() >= 120_000, `${rig.clock.now()} ms`);
});

Deno.test("drain -o json gives one object, --grace 0 no wait", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-c");
  assertEquals(await rig.run("node-a", "-o", "json", "--grace", "0"), 0);
  const { handOverMs, ...report } = JSON.parse(rig.output);
  assertEquals(report, {
    node: "node-a",
    outcome: "drained",
    services: [{
      service: "default/web",
      ips: "192.0.2.1",
      to: "node-c",
      state: "moved",
      why: null,
    }],
  });
  assertEquals(typeof handOverMs, "number");
  assert(rig.clock.now() < 10_000, `${rig.clock.now()} ms`);
});

Deno.test("drain of a node that announces nothing is done at once", async () => {
  using rig = await furnished();
  assertEquals(await rig.run("node-b", "--grace", "0"), 0);
  assertStringIncludes(rig.output, "node-b announces nothing.");
  assert(await rig.drains("node-b"));
});

Deno.test("drain counts a Service that is deleted meanwhile as given away", async () => {
  using rig = await furnished();
  rig.onRequest = async (method) => {
    if (method !== "PATCH") return;
    await rig.cease("web", "node-a");
    await rig.call("DELETE", "/api/v1/namespaces/default/services/web");
  };
  assertEquals(await rig.run("node-a", "--grace", "0"), 0);
  assertStringIncludes(rig.output, "default/web  192.0.2.1  gone");
});

Deno.test("drain names what nobody takes, and why", async () => {
  using rig = await furnished();
  await rig.serve("near", "192.0.2.2", "Local");
  await rig.announce("near", "node-a", "192.0.2.2");
  rig.handsOver("web", "node-b");
  assertEquals(await rig.run("node-a", "--timeout", "5", "-o", "json"), 1);
  const { outcome, services } = JSON.parse(rig.output);
  assertEquals(outcome, "notDrained");
  const why = "externalTrafficPolicy is Local and no endpoint on it can serve";
  assertEquals(services, [
    {
      service: "default/near",
      ips: "192.0.2.2",
      to: null,
      state: "kept",
      why: `no other node is a candidate; node-b: ${why}; node-c: ${why}`,
    },
    {
      service: "default/web",
      ips: "192.0.2.1",
      to: "node-b",
      state: "moved",
      why: null,
    },
  ]);
  assert(await rig.drains("node-a"), "the drain does not stay in force");
});

Deno.test("drain says when the others drain too, or do not take", async () => {
  using rig = await furnished();
  for (const node of ["node-b", "node-c"]) await rig.drain(node);
  assertEquals(await rig.run("node-a", "--timeout", "1"), 1);
  assertStringIncludes(rig.output, "every other candidate drains too: node-");
  assertStringIncludes(rig.output, "node-a must not be shut down yet");
  using other = await furnished();
  assertEquals(await other.run("node-a", "--timeout", "1"), 1);
  assertStringIncludes(other.output, "comes next and has not taken it");
});

Deno.test("drain is not over while no node says that it took a Service", async () => {
  using rig = await furnished();
  rig.onRequest = async (method) => {
    if (method === "PATCH") await rig.cease("web", "node-a");
  };
  assertEquals(await rig.run("node-a", "--timeout", "1"), 1);
  assertStringIncludes(rig.output, "default/web  192.0.2.1  unanswered");
  assertStringIncludes(rig.output, "does not say that it took it");
});

/** A Service of both families at node-a, whose successor has no IPv6. */
async function bothFamilies(): Promise<Rig> {
  const rig = await furnished();
  await rig.serve("six", "192.0.2.6,2001:db8::6");
  await rig.announce("six", "node-a", "192.0.2.6,2001:db8::6");
  rig.onRequest = async (method) => {
    if (method !== "PATCH") return;
    rig.onRequest = () => Promise.resolve();
    await rig.announce("six", "node-b", "192.0.2.6");
    await rig.announce("web", "node-b", "192.0.2.1");
    await rig.cease("six", "node-a");
    await rig.cease("web", "node-a");
  };
  return rig;
}

Deno.test("drain is not over while one address of a Service is nobody's", async () => {
  using rig = await bothFamilies();
  assertEquals(await rig.run("node-a", "--timeout", "1"), 1);
  assertStringIncludes(rig.output, "default/six  2001:db8::6  unanswered");
  assertStringIncludes(rig.output, "must not be shut down yet");
});

Deno.test("drain counts an address that was taken from its Service as given away", async () => {
  using rig = await bothFamilies();
  const handOver = rig.onRequest;
  rig.onRequest = async (method, path) => {
    await handOver(method, path);
    if (method !== "PATCH") return;
    await rig.call("PATCH", "/api/v1/namespaces/default/services/six/status", {
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.6" }] } },
    });
  };
  assertEquals(await rig.run("node-a", "--timeout", "1", "--grace", "0"), 0);
});

Deno.test("drain fails when the node announces again during the grace", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-b");
  const handOver = rig.onRequest;
  rig.onRequest = async (method, path) => {
    await handOver(method, path);
    if (rig.clock.now() < 20_000) return;
    rig.onRequest = () => Promise.resolve();
    await rig.announce("web", "node-a", "192.0.2.1");
  };
  assertEquals(await rig.run("node-a"), 1);
  assertStringIncludes(rig.output, "default/web  192.0.2.1  kept");
  assert(rig.clock.now() < 60_000, "it waited for the end of the grace");
});

Deno.test("Ctrl-C leaves the drain in force and says so", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-b");
  const handOver = rig.onRequest;
  rig.onRequest = async (method, path) => {
    await handOver(method, path);
    if (rig.clock.now() > 10_000) rig.interrupt();
  };
  assertEquals(await rig.run("node-a"), 1);
  assertStringIncludes(
    rig.output,
    "Interrupted: the drain of node-a stays in force",
  );
  assert(await rig.drains("node-a"));
});

Deno.test("Ctrl-C before the mark changes nothing", async () => {
  using rig = await furnished();
  rig.onRequest = (_, path) => {
    if (path === STATUSES) rig.interrupt();
    return Promise.resolve();
  };
  assertEquals(await rig.run("node-a"), 1);
  assertStringIncludes(rig.output, "Interrupted before anything was changed");
  assertEquals(await rig.drains("node-a"), false);
});

Deno.test("drain outlasts a server that is away for a while", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-b");
  rig.refuse = (method) =>
    method === "GET" && rig.clock.now() > 500 && rig.clock.now() < 15_000
      ? 503
      : undefined;
  assertEquals(await rig.run("node-a", "--grace", "30"), 0);
});

Deno.test("drain says that it stays in force when the server does not come back", async () => {
  using rig = await furnished();
  rig.refuse = (method) =>
    method === "GET" && rig.clock.now() > 500 ? 503 : undefined;
  const error = await assertRejects(
    () => rig.run("node-a", "--timeout", "5"),
    DrainError,
    "the drain stays in force",
  );
  assertStringIncludes(String(error.cause), "503");
  assert(await rig.drains("node-a"));
});

Deno.test("drain --undo takes the mark away", async () => {
  using rig = await furnished();
  await rig.drain("node-a");
  assertEquals(await rig.run("node-a", "--undo"), 0);
  assertStringIncludes(rig.output, "node-a takes part again");
  assertEquals(await rig.drains("node-a"), false);
  assertEquals(await rig.run("node-a", "--undo"), 0);
  assertStringIncludes(rig.output, "node-a was not drained.");
});

Deno.test("drain refuses a node that does not exist", async () => {
  using rig = await furnished();
  for (const flags of [[], ["--undo"]]) {
    await assertRejects(
      () => rig.run("node-x", ...flags),
      UsageError,
      'The cluster has no node "node-x": "kubectl get nodes" lists them',
    );
  }
});

Deno.test("drain refuses a node without a living speaker, and marks nothing", async () => {
  using rig = await furnished();
  await rig.join("node-d", 7_200_000);
  await rig.call("POST", "/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-e" },
  });
  await assertRejects(
    () => rig.run("node-d"),
    DrainError,
    'Cannot drain "node-d": its speaker is not alive, its Lease was renewed 7200 s ago',
  );
  await assertRejects(
    () => rig.run("node-e"),
    DrainError,
    'no speaker has a Lease for it in the namespace "metallb-system"',
  );
  assertEquals(await rig.drains("node-d"), false);
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The right that a request takes, as `list nodes.` and `list leases.coordination.k8s.io`. */
function rightTo(request: string): string {
  const [method, path = ""] = request.split(" ");
  const [, group = "", plural, name] = path.match(
    /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/[^/]+)?\/([a-z0-9]+)(?:\/([^/]+))?$/,
  ) ?? [];
  const reading = name === undefined ? "list" : "get";
  return `${method === "PATCH" ? "patch" : reading} ${plural}.${group}`;
}

Deno.test("the rights for maintenance are those that drain uses, no more", async () => {
  using rig = await furnished();
  rig.handsOver("web", "node-b");
  assertEquals(await rig.run("node-a", "--grace", "0"), 0);
  assertEquals(await rig.run("node-a", "--undo"), 0);
  const text = await Deno.readTextFile(
    new URL("../../manifests/maintenance/rbac.yaml", import.meta.url),
  );
  const rules = (parseAll(text) as { readonly rules: readonly Rule[] }[])
    .flatMap((role) => role.rules);
  const granted = rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
    resources.flatMap((plural) =>
      verbs.map((verb) => `${verb} ${plural}.${group}`)
    )
  );
  const used = new Set(Array.from(rig.requests, rightTo));
  assertEquals([...used].sort(), granted.sort());
});

const rights = [
  { method: "GET", path: "/api/v1/nodes/node-a" },
  { method: "GET", path: LEASES },
  { method: "GET", path: STATUSES },
  { method: "PATCH", path: "/api/v1/nodes/node-a" },
];

Deno.test.each(rights)(
  "drain without the right to $method $path names the rights",
  async ({ method, path }) => {
    using rig = await furnished();
    rig.refuse = (asked, at) =>
      asked === method && at === path ? 403 : undefined;
    await assertRejects(
      () => rig.run("node-a"),
      DrainError,
      "needs the rights in manifests/maintenance/rbac.yaml",
    );
    assertEquals(await rig.drains("node-a"), false);
  },
);
