import { assert, assertEquals } from "@std/assert";
import {
  type CustomResource,
  SERVICE_L2_STATUSES,
} from "../../mod/config/mod.ts";
import { EVENTS, NAMESPACES, type Service } from "../../mod/kube/mod.ts";
import { parseIp } from "../../mod/net/mod.ts";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import { nodeId } from "../../mod/ownership/mod.ts";
import type { Announced, Outcome, UsableInterface } from "../outcomes.ts";
import { Reporter } from "./reporter.ts";

const NAMESPACE = "metallb-system";
const WRITE = /^(POST|PUT|PATCH|DELETE) /;
/** Method, plural and subresource of a call in a namespace. */
const CALL = /^(\w+) .*\/namespaces\/[^/]+\/(\w+)(?:\/[^/]+(\/\w+)?)?$/;

function usable(name: string, ndp = true): UsableInterface {
  return { name, arp: true, ndp };
}

/** A node's reporter, and what the node has decided. */
class NodeRig {
  readonly outcomes = new Map<string, Outcome>();
  members: string[];
  usable: readonly UsableInterface[] = [usable("eth0")];
  reporter: Reporter;
  readonly #cluster: EmbeddedCluster;
  readonly #clock: ManualClock;

  constructor(
    cluster: EmbeddedCluster,
    clock: ManualClock,
    readonly node: string,
    readonly pod = { name: `pod-of-${node}`, uid: `uid-of-${node}` },
  ) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.members = [node];
    this.reporter = this.#make();
  }

  #make(): Reporter {
    return new Reporter({
      client: this.#cluster.client,
      clock: this.#clock,
      random: () => 0,
      namespace: NAMESPACE,
      node: this.node,
      pod: this.pod,
      joinMs: 6000,
      outcomes: () => this.outcomes,
      usable: () => this.usable,
      members: () => this.members,
      service: (key) => serviceOf(key),
      explain: () => undefined,
      metrics: { countWrite: () => {}, countDropped: () => {} },
    });
  }

  /** Ends without a word, and begins anew. */
  async restart(): Promise<void> {
    await this.reporter.stop();
    this.reporter = this.#make();
    this.reporter.start();
  }

  announce(
    service: string,
    ip: string,
    interfaces: Announced["interfaces"] = "all",
  ): void {
    const announced = [{ ips: [parseIp(ip)], interfaces }];
    this.outcomes.set(service, {
      announced,
      complaint: undefined,
      watched: [],
    });
    this.reporter.look();
  }

  withdraw(service: string): void {
    this.outcomes.delete(service);
    this.reporter.look();
  }
}

function serviceOf(key: string): Service {
  const [namespace = "", name = ""] = key.split("/");
  return {
    metadata: { namespace, name, uid: `uid-of-${name}` },
    spec: { type: "LoadBalancer" },
  };
}

/** A cluster, and the nodes of it. */
class Rig implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster();
  readonly clock = new ManualClock();
  readonly nodes: NodeRig[] = [];

  static async make(): Promise<Rig> {
    const rig = new Rig();
    const metadata = { name: NAMESPACE };
    await rig.cluster.client.create(NAMESPACES, { metadata });
    return rig;
  }

  /** A node that runs, whose statuses are known. */
  async node(name: string, pod?: NodeRig["pod"]): Promise<NodeRig> {
    const node = new NodeRig(this.cluster, this.clock, name, pod);
    this.nodes.push(node);
    node.reporter.start();
    await this.settled();
    return node;
  }

  /** Lets the settling pass and everything be written. */
  async settled(ms = 500): Promise<void> {
    await this.clock.advance(ms);
    await settle();
  }

  /** The writes since the last call, as `PATCH servicel2statuses/status`. */
  writes(): string[] {
    const { requests } = this.cluster;
    const found = requests.filter((each) => WRITE.test(each)).map((each) => {
      const [, method, plural, part = ""] = CALL.exec(each) ?? [];
      return `${method} ${plural}${part}`;
    });
    requests.length = 0;
    return found;
  }

  async statuses(): Promise<readonly CustomResource[]> {
    return (await this.cluster.client.list(SERVICE_L2_STATUSES)).items;
  }

  /** What the objects say: node, Service and interfaces. */
  async said(): Promise<string[]> {
    return (await this.statuses()).map(({ status }) => {
      const { node, serviceNamespace, serviceName, interfaces } =
        status as Readonly<Record<string, unknown>>;
      const names = (interfaces as readonly { readonly name: string }[])
        .map(({ name }) => name);
      return `${node} ${serviceNamespace}/${serviceName} ${names}`.trim();
    }).sort();
  }

  async events(): Promise<string[]> {
    const { items } = await this.cluster.client.list(EVENTS);
    return items.map(({ reason, message, involvedObject, source }) =>
      `${source?.component} ${reason} ${involvedObject.name}: ${message}`
    );
  }

  /** A field that the projections leave out. */
  async raw(): Promise<readonly Record<string, unknown>[]> {
    const url =
      `http://cluster.test/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/servicel2statuses`;
    const answer = await this.cluster.server.handle(new Request(url));
    return (await answer.json()).items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map(({ reporter }) => reporter.stop()));
    this.cluster[Symbol.dispose]();
  }
}

function scenario(name: string, play: (rig: Rig) => Promise<void>): void {
  Deno.test(`Reporter ${name}`, { permissions: "none" }, async () => {
    await using rig = await Rig.make();
    await play(rig);
  });
}

const CREATED = [
  "POST servicel2statuses",
  "PATCH servicel2statuses/status",
  "POST events",
];

scenario(
  "writes one object and one Event for a Service, in three calls",
  async (rig) => {
    const a = await rig.node("node-a");
    rig.writes();
    a.announce("default/web", "192.0.2.1", ["eth0"]);
    await rig.settled();
    assertEquals(rig.writes(), CREATED);
    assertEquals(await rig.said(), ["node-a default/web eth0"]);
    assertEquals(await rig.events(), [
      'metallb-speaker nodeAssigned web: announcing from node "node-a" with protocol "layer2"',
    ]);
    const [object] = await rig.raw();
    const { name, labels, annotations, ownerReferences } = object
      ?.["metadata"] as Record<string, unknown>;
    assert(/^l2-\w+$/.test(String(name)), String(name));
    assertEquals(labels, {
      "metallb.io/node": "node-a",
      "metallb.io/service-name": "web",
      "metallb.io/service-namespace": "default",
    });
    assertEquals(annotations, {
      "herald-lb.io/ips": "192.0.2.1",
      "herald-lb.io/since": "2000-01-01T00:00:00Z",
    });
    assertEquals(ownerReferences, [{
      apiVersion: "v1",
      kind: "Pod",
      name: "pod-of-node-a",
      uid: "uid-of-node-a",
    }]);
  },
);

scenario("writes nothing when nothing has changed", async (rig) => {
  const a = await rig.node("node-a");
  a.announce("default/web", "192.0.2.1");
  await rig.settled();
  rig.writes();
  a.reporter.look();
  await rig.settled();
  rig.cluster.server.compact();
  rig.cluster.server.faults.dropWatches("close");
  await rig.settled(20_000);
  assertEquals(rig.writes(), []);
});

scenario(
  "writes nothing after a restart, whenever its Lease comes",
  async (rig) => {
    const a = await rig.node("node-a");
    a.announce("default/web", "192.0.2.1", ["eth0"]);
    await rig.settled();
    rig.writes();
    a.members = [];
    a.outcomes.clear();
    await a.restart();
    a.reporter.look();
    await rig.settled(5000);
    assertEquals(rig.writes(), []);
    a.members = ["node-a"];
    a.announce("default/web", "192.0.2.1", ["eth0"]);
    await rig.settled(5000);
    assertEquals(rig.writes(), []);
    assertEquals((await rig.events()).length, 1);
  },
);

scenario(
  "removes what is left of a life before, once it is clear that it will not come back",
  async (rig) => {
    const a = await rig.node("node-a");
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    a.members = [];
    a.outcomes.clear();
    await a.restart();
    a.reporter.look();
    await rig.settled(5000);
    assertEquals((await rig.said()).length, 1);
    await rig.settled(2000);
    assertEquals(await rig.said(), []);
  },
);

scenario("writes once for what changes to and fro", async (rig) => {
  const a = await rig.node("node-a");
  rig.writes();
  for (let time = 0; time < 5; time++) {
    a.announce("default/web", "192.0.2.1");
    a.withdraw("default/web");
  }
  await rig.settled();
  assertEquals(rig.writes(), []);
  a.announce("default/web", "192.0.2.1");
  a.announce("default/web", "192.0.2.2");
  await rig.settled();
  assertEquals(rig.writes(), CREATED);
});

scenario(
  "writes what has changed, and tells of other addresses only",
  async (rig) => {
    const a = await rig.node("node-a");
    a.usable = [usable("eth0"), usable("eth1")];
    a.announce("default/web", "192.0.2.1", ["eth0"]);
    await rig.settled();
    rig.writes();
    a.announce("default/web", "192.0.2.1", ["eth0", "eth1"]);
    await rig.settled();
    assertEquals(rig.writes(), ["PATCH servicel2statuses/status"]);
    assertEquals(await rig.said(), ["node-a default/web eth0,eth1"]);
    a.announce("default/web", "192.0.2.9", ["eth0", "eth1"]);
    await rig.settled();
    assertEquals(rig.writes(), ["PATCH servicel2statuses", "POST events"]);
    a.withdraw("default/web");
    await rig.settled();
    assertEquals(rig.writes(), ["DELETE servicel2statuses"]);
    assertEquals(await rig.said(), []);
  },
);

scenario(
  "makes an object once in ten seconds that is deleted again and again",
  async (rig) => {
    const a = await rig.node("node-a");
    a.announce("default/web", "192.0.2.1");
    await rig.settled(60_000);
    rig.writes();
    for (let second = 0; second < 60; second++) {
      for (const { metadata: { name } } of await rig.statuses()) {
        const key = { namespace: NAMESPACE, name };
        await rig.cluster.client.delete(SERVICE_L2_STATUSES, key);
      }
      await rig.settled(1000);
    }
    const made = rig.writes().filter((write) => write.startsWith("POST"));
    // At once, and then six times more.
    assertEquals(made.length, 7);
    await rig.settled(10_000);
    assertEquals(await rig.said(), ["node-a default/web"]);
  },
);

scenario(
  "restores what somebody deletes or changes, without an Event",
  async (rig) => {
    const a = await rig.node("node-a");
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    const since = (await rig.raw()).map(sinceOf);
    await rig.settled(60_000);
    const [object] = await rig.statuses();
    const name = object?.metadata.name ?? "";
    const key = { namespace: NAMESPACE, name };
    rig.writes();
    await rig.cluster.client.delete(SERVICE_L2_STATUSES, key);
    await rig.settled();
    assertEquals(rig.writes(), [
      "DELETE servicel2statuses",
      "POST servicel2statuses",
      "PATCH servicel2statuses/status",
    ]);
    assertEquals((await rig.raw()).map(sinceOf), since);
    const [again] = await rig.statuses();
    await rig.cluster.client.patch(
      SERVICE_L2_STATUSES,
      { namespace: NAMESPACE, name: again?.metadata.name ?? "" },
      { type: "merge", body: { status: { interfaces: [{ name: "x" }] } } },
      { subresource: "status" },
    );
    await rig.settled();
    assertEquals(await rig.said(), ["node-a default/web"]);
    assertEquals((await rig.events()).length, 1);
  },
);

function sinceOf(object: Record<string, unknown>): unknown {
  const { annotations } = object["metadata"] as {
    readonly annotations: Readonly<Record<string, string>>;
  };
  return annotations["herald-lb.io/since"];
}

scenario(
  "moves the object to the node that takes over from a dead one",
  async (rig) => {
    const a = await rig.node("node-a");
    const b = await rig.node("node-b");
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    await a.reporter.stop();
    rig.writes();
    b.announce("default/web", "192.0.2.1");
    await rig.settled();
    assertEquals(
      rig.writes().toSorted(),
      [
        "DELETE servicel2statuses",
        ...CREATED.toSorted(),
      ].toSorted(),
    );
    assertEquals(await rig.said(), ["node-b default/web"]);
    assertEquals((await rig.events()).length, 2);
  },
);

scenario(
  "leaves it to a living node to delete its object, and looks again",
  async (rig) => {
    const a = await rig.node("node-a");
    const b = await rig.node("node-b");
    b.members = ["node-a", "node-b"];
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    b.announce("default/web", "192.0.2.1");
    await rig.settled();
    assertEquals(await rig.said(), [
      "node-a default/web",
      "node-b default/web",
    ]);
    await a.reporter.stop();
    b.members = ["node-b"];
    await rig.settled(30_000);
    assertEquals(await rig.said(), ["node-b default/web"]);
  },
);

scenario(
  "deletes its object when it loses the Service to a living node",
  async (rig) => {
    const a = await rig.node("node-a");
    const b = await rig.node("node-b");
    a.members = b.members = ["node-a", "node-b"];
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    rig.writes();
    a.withdraw("default/web");
    b.announce("default/web", "192.0.2.1");
    await rig.settled();
    await rig.settled(60_000);
    assertEquals(await rig.said(), ["node-b default/web"]);
    // No more than it takes: two nodes that undo each other's writes would go on.
    assertEquals(rig.writes().length, 4);
  },
);

scenario(
  "makes an object its own that its node's MetalLB has left",
  async (rig) => {
    const { client } = rig.cluster;
    const made = await client.create(SERVICE_L2_STATUSES, {
      metadata: {
        name: "l2-theirs",
        namespace: NAMESPACE,
        labels: {
          "metallb.io/node": "node-a",
          "metallb.io/service-name": "web",
          "metallb.io/service-namespace": "default",
        },
        ownerReferences: [{
          apiVersion: "v1",
          kind: "Pod",
          name: "speaker-x",
          uid: "7",
        }],
      },
    });
    const { name } = made.metadata;
    const status = {
      node: "node-a",
      serviceName: "web",
      serviceNamespace: "default",
      interfaces: [],
    };
    await client.patch(
      SERVICE_L2_STATUSES,
      { namespace: NAMESPACE, name },
      { type: "merge", body: { status } },
      { subresource: "status" },
    );
    const a = await rig.node("node-a");
    rig.writes();
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    assertEquals(rig.writes(), ["PATCH servicel2statuses", "POST events"]);
    const [object] = await rig.statuses();
    assertEquals(object?.metadata.name, "l2-theirs");
    assertEquals(object?.metadata.ownerReferences?.map(({ uid }) => uid), [
      "uid-of-node-a",
    ]);
  },
);

scenario("asks for its Pod's UID by its name", async (rig) => {
  const made = await rig.cluster.server.handle(
    new Request(
      `http://cluster.test/api/v1/namespaces/${NAMESPACE}/pods`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "speaker-1", namespace: NAMESPACE },
        }),
      },
    ),
  );
  const { metadata: { uid } } = await made.json();
  const pods: [string, string | undefined][] = [
    ["speaker-1", uid],
    ["nobody", undefined],
  ];
  for (const [name, owner] of pods) {
    const a = await rig.node("node-a", { name, uid: undefined as never });
    a.announce("default/web", "192.0.2.1");
    await rig.settled();
    const [object] = await rig.statuses();
    assertEquals(object?.metadata.ownerReferences?.[0]?.uid, owner);
    a.withdraw("default/web");
    await rig.settled();
    await a.reporter.stop();
  }
});

scenario(
  "tries again, less and less often, when the server refuses",
  async (rig) => {
    const a = await rig.node("node-a");
    rig.writes();
    const refusal = { path: "servicel2statuses", code: 503, reason: "Down" };
    rig.cluster.server.faults.refuse({ ...refusal, method: "GET", times: 1e6 });
    for (let index = 0; index < 20; index++) {
      a.announce(`default/s${index}`, `192.0.2.${index}`);
    }
    const asked = async (ms: number): Promise<number> => {
      rig.cluster.requests.length = 0;
      await rig.settled(ms);
      return rig.cluster.requests.filter((each) => each.startsWith("GET"))
        .length;
    };
    const first = await asked(10_000);
    await asked(300_000);
    const later = await asked(10_000);
    assert(
      later < first && later <= 25,
      `${first} calls, then ${later} in 10 s`,
    );
    assertEquals(await rig.statuses().catch(({ code }) => code), 503);
  },
);

scenario("writes everything when the server is back", async (rig) => {
  const a = await rig.node("node-a");
  rig.cluster.server.faults.refuse({
    path: "servicel2statuses",
    code: 503,
    reason: "Down",
    times: 50,
  });
  for (let index = 0; index < 20; index++) {
    a.announce(`default/s${index}`, `192.0.2.${index}`);
  }
  await rig.settled(120_000);
  assertEquals((await rig.said()).length, 20);
  assertEquals((await rig.events()).length, 20);
});

scenario(
  "does not storm the server when it takes over hundreds of Services",
  async (rig) => {
    const a = await rig.node("node-a");
    rig.cluster.requests.length = 0;
    for (let index = 0; index < 200; index++) {
      a.announce(`default/s${index}`, `192.0.2.${index}`);
    }
    await rig.settled(1250);
    const calls = rig.cluster.requests.length;
    assert(calls > 100 && calls <= 250, `${calls} calls in the first second`);
    await rig.settled(10_000);
    assertEquals(a.reporter.waiting, { statuses: 0, events: 0 });
    // One list for all of them.
    assertEquals(rig.cluster.requests.length, 1 + 200 * 3);
  },
);

scenario(
  "removes what a dead node has left once its own objects are there, in one search",
  async (rig) => {
    const [a, b] = [await rig.node("node-a"), await rig.node("node-b")];
    a.announce("default/mine", "192.0.2.200");
    const services = Array.from({ length: 20 }, (_, i) => `default/s${i}`);
    for (const each of services) b.announce(each, "192.0.2.1");
    await rig.settled(2000);
    await b.reporter.stop();
    rig.cluster.requests.length = 0;
    for (const each of services) a.announce(each, "192.0.2.1");
    await rig.settled(3000);
    const kinds = rig.cluster.requests.filter((each) =>
      each.includes("servicel2statuses")
    ).map((each) => each.slice(0, each.indexOf(" ")));
    assertEquals(kinds.filter((method) => method === "GET").length, 1);
    assert(kinds.indexOf("GET") > kinds.lastIndexOf("POST"), kinds.join());
    assertEquals((await rig.said()).length, 21);
    assertEquals(
      (await rig.said()).filter((each) => !each.startsWith("node-a")),
      [],
    );
  },
);

const COMPLAINING: Outcome = {
  announced: [{ ips: [parseIp("192.0.2.1")], interfaces: ["eth7"] }],
  complaint: undefined,
  watched: [],
};

scenario(
  "warns that the elected node lacks the interfaces, once it has lasted",
  async (rig) => {
    const a = await rig.node("node-a");
    rig.writes();
    a.outcomes.set("default/web", COMPLAINING);
    a.reporter.look();
    await rig.settled(9_000);
    assertEquals(await rig.events(), []);
    await rig.settled(2_000);
    assertEquals(await rig.events(), [
      'metallb-speaker announceFailed web: the interfaces specified by LB IP "192.0.2.1" (eth7) do not exist on the assigned node "node-a" with protocol "layer2"',
    ]);
    await rig.settled(60_000);
    assertEquals((await rig.events()).length, 1);
    assertEquals(await rig.said(), []);
    a.usable = [usable("eth7")];
    a.reporter.look();
    await rig.settled();
    assertEquals(await rig.said(), ["node-a default/web eth7"]);
  },
);

scenario(
  "warns that the elected node has no IPv6, and says no more when it has",
  async (rig) => {
    const a = await rig.node("node-a");
    a.usable = [usable("eth0", false)];
    const ips = [parseIp("192.0.2.1"), parseIp("2001:db8::1")];
    const announced = [{ ips, interfaces: "all" }] as const;
    a.outcomes.set("default/web", { ...COMPLAINING, announced });
    a.reporter.look();
    await rig.settled(9_000);
    // The other family is announced meanwhile.
    assertEquals(await rig.said(), ["node-a default/web"]);
    await rig.settled(2_000);
    assertEquals((await rig.events()).sort(), [
      'metallb-speaker announceFailed web: the assigned node "node-a" cannot answer for LB IP "2001:db8::1" with protocol "layer2": of its interfaces (eth0) none has an IPv6 link-local address, which Neighbor Discovery needs: see whether IPv6 is disabled there',
      'metallb-speaker nodeAssigned web: announcing from node "node-a" with protocol "layer2"',
    ]);
    a.usable = [usable("eth0")];
    a.reporter.look();
    await rig.settled(60_000);
    assertEquals((await rig.events()).length, 3);
    assertEquals(await rig.said(), ["node-a default/web"]);
  },
);

scenario(
  "warns that who comes first has no IPv6 at all, and nobody else warns",
  async (rig) => {
    const ips = [parseIp("2001:db8::1")];
    const [a, b] = [await rig.node("node-a"), await rig.node("node-b")];
    const candidates = [a, b].map(({ node }) => ({
      node: nodeId(node),
      hash: 0,
    }));
    const each = { group: 1, key: "2001:db8::1", ips, candidates };
    const watched = [{ ...each, interfaces: "all" }] as const;
    for (const { outcomes, reporter } of [a, b]) {
      outcomes.set("default/web", { ...COMPLAINING, announced: [], watched });
      reporter.look();
    }
    await rig.settled(20_000);
    assertEquals(await rig.events(), []);
    for (const each of [a, b]) {
      each.usable = [usable("eth0", false)];
      each.reporter.look();
    }
    await rig.settled(20_000);
    assertEquals(await rig.events(), [
      'metallb-speaker announceFailed web: the assigned node "node-a" cannot answer for LB IP "2001:db8::1" with protocol "layer2": of its interfaces (eth0) none has an IPv6 link-local address, which Neighbor Discovery needs: see whether IPv6 is disabled there',
    ]);
  },
);

scenario(
  "asks for other nodes' objects when it takes over later",
  async (rig) => {
    const a = await rig.node("node-a");
    const b = await rig.node("node-b");
    for (const each of ["web", "api"]) {
      b.announce(
        `default/${each}`,
        "192.0.2.1",
      );
    }
    a.announce("default/mine", "192.0.2.2");
    await rig.settled();
    await b.reporter.stop();
    for (const each of ["web", "api"]) {
      a.announce(
        `default/${each}`,
        "192.0.2.1",
      );
    }
    await rig.settled();
    assertEquals(await rig.said(), [
      "node-a default/api",
      "node-a default/mine",
      "node-a default/web",
    ]);
  },
);

scenario(
  "removes after a restart what it had no time to remove before",
  async (rig) => {
    const a = await rig.node("node-a");
    const b = await rig.node("node-b");
    a.announce("default/web", "192.0.2.1");
    a.members = b.members = ["node-a", "node-b"];
    b.announce("default/web", "192.0.2.1");
    await rig.settled();
    assertEquals((await rig.said()).length, 2);
    await b.reporter.stop();
    a.members = ["node-a"];
    await a.restart();
    a.reporter.look();
    await rig.settled();
    assertEquals(await rig.said(), ["node-a default/web"]);
  },
);
