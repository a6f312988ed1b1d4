import { assertEquals, assertStringIncludes } from "@std/assert";
import type { PoolConfig } from "../config/mod.ts";
import { parseIp, parsePrefix } from "../net/mod.ts";
import { decide, decideGroup, type OwnershipView } from "../ownership/mod.ts";
import {
  type AllocationFacts,
  type ClusterFacts,
  explain,
  type Explanation,
  type OwnershipFacts,
  type ServiceFacts,
} from "./mod.ts";

const POOL: PoolConfig = {
  name: "office",
  prefixes: [parsePrefix("192.0.2.0/24")],
  autoAssign: true,
  avoidBuggyIPs: false,
  l2Advertisements: [],
  bgpAdvertisements: [],
};

const HELD: AllocationFacts = {
  kind: "decided",
  wouldSet: null,
  wouldClear: false,
  refusals: [],
};

function view(more: Partial<OwnershipView> = {}): OwnershipView {
  return {
    key: "192.0.2.1",
    members: ["node-a", "node-b"],
    nodes: ["node-a", "node-b", "node-c"].map((name) => ({
      name,
      networkUnavailable: false,
      excluded: false,
    })),
    advertisements: [{
      names: ["all"],
      nodes: new Set(["node-a", "node-b", "node-c"]),
      interfaces: [],
      selectsServices: false,
      preference: new Map(),
    }],
    servingEndpoints: ["node-a"],
    trafficPolicy: "Cluster",
    sharesAddress: false,
    ...more,
  };
}

function decided(...views: readonly OwnershipView[]): OwnershipFacts {
  const ips = [parseIp("192.0.2.1"), parseIp("2001:db8::1")];
  const parts = decideGroup(views).map((decision, index) => ({
    ips: ips.slice(index, index + 1),
    pool: ["office", "six"][index] ?? "",
    decision,
  }));
  return { kind: "decided", parts };
}

function service(more: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    service: "default/web",
    ips: [parseIp("192.0.2.1")],
    asksFor: null,
    allocation: HELD,
    ownership: decided(view()),
    announcers: [],
    ...more,
  };
}

function ask(subject: string, ...services: ServiceFacts[]): Explanation {
  return askWhile([], subject, ...services);
}

/** As {@linkcode ask}, while these nodes drain. */
function askWhile(
  draining: readonly string[],
  subject: string,
  ...services: ServiceFacts[]
): Explanation {
  const cluster: ClusterFacts = {
    configProblems: [],
    pools: [POOL],
    nodes: ["node-a", "node-b", "node-c"],
    draining,
    speakers: [
      { node: "node-a", ageMs: 1000, alive: true },
      { node: "node-b", ageMs: 1500, alive: true },
      { node: "node-c", ageMs: 60_000, alive: false },
    ],
    services,
  };
  const explanation = explain(subject, cluster);
  if (explanation === undefined) throw new Error(`nothing about ${subject}`);
  return explanation;
}

Deno.test("explain() says why a Service has its address and its owner", {
  permissions: "none",
}, () => {
  const explained = ask("web", service());
  if (explained.kind !== "service") throw new Error(explained.kind);
  const { owner, standbys, pools, whyOwner, excluded, problems } = explained;
  assertEquals([owner, ...standbys].toSorted(), ["node-a", "node-b"]);
  assertEquals(pools, ["office"]);
  assertStringIncludes(whyOwner, 'the lowest sha256("<node>#<address>")');
  assertEquals(excluded, [{
    node: "node-c",
    exclusions: ["notMember"],
    why: ["its speaker is not alive (no Lease renewed in time)"],
  }]);
  assertEquals(problems, []);
});

const troubles: {
  readonly why: string;
  readonly facts: Partial<ServiceFacts>;
  readonly problem: string;
}[] = [
  {
    why: "no pool has an address",
    facts: {
      ips: [],
      allocation: { ...HELD, refusals: ["no eligible pool has a free one"] },
    },
    problem: "default/web: no eligible pool has a free one",
  },
  {
    why: "the controller does not write",
    facts: {
      ips: [],
      allocation: { ...HELD, wouldSet: [parseIp("192.0.2.9")] },
    },
    problem:
      "default/web: the controller would write 192.0.2.9 now, but has not: see whether it runs and leads",
  },
  {
    why: "nothing serves",
    facts: {
      ownership: decided(view({ servingEndpoints: [] })),
    },
    problem:
      "default/web: nobody answers: no endpoint of the Service can serve, on any node",
  },
  {
    why: "no speaker is alive",
    facts: {
      ownership: decided(view({ members: [] })),
    },
    problem: "default/web: nobody answers: no node is a candidate",
  },
  {
    why: "its pool is gone",
    facts: { ownership: { kind: "refused", reason: "ipNotAllowed" } },
    problem:
      "default/web: nobody answers: its addresses are not all in one configured pool, nor does it ask for its families from two",
  },
];

Deno.test.each(troubles)(
  "explain() finds that $why",
  { permissions: "none" },
  ({ facts, problem }) => {
    assertEquals(ask("default/web", service(facts)).problems, [problem]);
  },
);

/** Advertisements of a pool that select these nodes. */
function selecting(...nodes: string[]): Partial<OwnershipView> {
  return {
    advertisements: [{
      names: [nodes.join()],
      nodes: new Set(nodes),
      interfaces: [],
      selectsServices: false,
      preference: new Map(),
    }],
  };
}

Deno.test("explain() says why a node cannot answer for both families", {
  permissions: "none",
}, () => {
  const explained = ask(
    "web",
    service({
      ownership: decided(view(), view(selecting("node-b"))),
    }),
  );
  if (explained.kind !== "service") throw new Error(explained.kind);
  assertEquals([explained.owner, explained.standbys], ["node-b", []]);
  const why = explained.excluded.find(({ node }) => node === "node-a")?.why;
  assertEquals(why, [
    'no L2Advertisement that reaches the pool and the Service selects it, for 2001:db8::1 (pool "six")',
  ]);
  assertEquals(explained.problems, []);
});

const halves: {
  readonly why: string;
  readonly six: Partial<OwnershipView>;
  readonly problem: string;
}[] = [
  {
    why: "no node can answer for both",
    six: selecting("node-c"),
    problem: "no node is a candidate",
  },
  {
    why: "the other pool is not announced",
    six: { advertisements: [] },
    problem: "no node is a candidate",
  },
];

Deno.test.each(halves)(
  "explain() names the family that nobody answers for when $why",
  { permissions: "none" },
  ({ six, problem }) => {
    const ownership = decided(view(), view(six));
    const explained = ask("web", service({ ownership }));
    if (explained.kind !== "service") throw new Error(explained.kind);
    assertEquals(
      explained.owner,
      decide(view()).owner,
    );
    assertEquals(explained.problems, [
      `default/web: nobody answers for 2001:db8::1 (pool "six"): ${problem}`,
    ]);
  },
);

Deno.test("explain() names the family for which the owner is no candidate", {
  permissions: "none",
}, () => {
  const [owner = "", other = ""] = decide(view()).order.map(({ node }) => node);
  const first = view(selecting(owner));
  const ownership = decided(first, view(selecting(other)));
  const explained = ask("web", service({ ownership }));
  if (explained.kind !== "service") throw new Error(explained.kind);
  assertEquals(explained.owner, owner);
  assertEquals(explained.problems, [
    'default/web: nobody answers for 2001:db8::1 (pool "six"): the node that owns the addresses which come with it is no candidate for it',
  ]);
});

Deno.test("explain() leaves another load balancer's Service alone", {
  permissions: "none",
}, () => {
  const explained = ask(
    "web",
    service({
      allocation: { kind: "ignored", why: "not ours" },
      ownership: { kind: "refused", reason: "otherClass" },
    }),
  );
  assertEquals(explained.problems, []);
});

const [OWNER = "", STANDBY = ""] = decide(view()).order.map(({ node }) => node);

const saying: {
  readonly why: string;
  readonly nodes: readonly string[];
  readonly problems: readonly string[];
}[] = [
  { why: "the owner says so", nodes: [OWNER], problems: [] },
  {
    why: "another candidate says so, which keeps what it has",
    nodes: [STANDBY],
    problems: [],
  },
  {
    why: "a node says so whose speaker is not alive",
    nodes: ["node-c"],
    problems: [
      `default/web: node-c says that it announces it; ${OWNER} should: its speaker is not alive (no Lease renewed in time)`,
    ],
  },
  {
    why: "a node says so that is gone",
    nodes: ["node-x"],
    problems: [
      `default/web: node-x says that it announces it; ${OWNER} should: the cluster has no such node, or nobody may answer`,
    ],
  },
  {
    why: "two say so",
    nodes: [OWNER, "node-x"],
    problems: [
      `default/web: ${OWNER} and node-x say that they announce it; one should`,
    ],
  },
];

Deno.test.each(saying)(
  "explain() compares who announces with who should when $why",
  { permissions: "none" },
  ({ nodes, problems }) => {
    const announcers = nodes.map((node) => ({ node, since: null, macs: [] }));
    assertEquals(ask("web", service({ announcers })).problems, problems);
  },
);

const owning: {
  readonly why: string;
  readonly says?: string;
  readonly draining?: readonly string[];
  readonly owner: string;
  readonly standbys: readonly string[];
  readonly whyOwner: string;
  readonly problems?: readonly string[];
}[] = [
  {
    why: "nobody says that it announces",
    owner: OWNER,
    standbys: [STANDBY],
    whyOwner: "it has the lowest sha256",
  },
  {
    why: "who comes second says so",
    says: STANDBY,
    owner: STANDBY,
    standbys: [OWNER],
    whyOwner:
      `it says that it announces it, and keeps it until it is handed over or lost; ${OWNER} comes first`,
  },
  {
    why: "the first drains and has given it away",
    says: STANDBY,
    draining: [OWNER],
    owner: STANDBY,
    standbys: [],
    whyOwner: `${OWNER} comes first, but it drains`,
  },
  {
    why: "the first drains and nobody says that it announces",
    draining: [OWNER],
    owner: STANDBY,
    standbys: [],
    whyOwner: `${OWNER} comes first, but it drains`,
  },
  {
    why: "the owner drains and announces still",
    says: OWNER,
    draining: [OWNER],
    owner: OWNER,
    standbys: [STANDBY],
    whyOwner: "it has the lowest sha256",
    problems: [
      `default/web: ${OWNER} drains and still announces it; ${STANDBY} is next`,
    ],
  },
  {
    why: "the standby drains",
    says: OWNER,
    draining: [STANDBY],
    owner: OWNER,
    standbys: [],
    whyOwner: "it has the lowest sha256",
  },
  {
    why: "all drain",
    says: OWNER,
    draining: [OWNER, STANDBY],
    owner: OWNER,
    standbys: [],
    whyOwner: "it has the lowest sha256",
    problems: [
      `default/web: ${OWNER} drains and still announces it; no other node can take it`,
    ],
  },
];

Deno.test.each(owning)(
  "explain() tells who owns a Service when $why",
  { permissions: "none" },
  ({ says, draining = [], owner, standbys, whyOwner, problems = [] }) => {
    const announcers = says === undefined
      ? []
      : [{ node: says, since: null, macs: [] }];
    const explained = askWhile(draining, "web", service({ announcers }));
    if (explained.kind !== "service") throw new Error(explained.kind);
    assertEquals(explained.owner, owner);
    assertEquals(explained.standbys, standbys);
    assertStringIncludes(explained.whyOwner, whyOwner);
    assertEquals(explained.problems, problems);
    const marked = explained.excluded.filter(({ exclusions }) =>
      exclusions.includes("draining")
    ).map(({ node }) => node);
    assertEquals(
      marked.toSorted(),
      draining.filter((node) => node !== owner).toSorted(),
    );
  },
);

Deno.test("explain() tells whose an address is", {
  permissions: "none",
}, () => {
  const words = ["192.0.2.1", "192.0.2.2", "198.51.100.1"].map((ip) => {
    const explained = ask(ip, service());
    return explained.kind === "address" ? explained.why : explained.kind;
  });
  assertEquals(words, [
    'pool "office" holds it; default/web has it',
    'pool "office" holds it; no Service has it',
    "no pool holds it; no Service has it",
  ]);
});

Deno.test("explain() shows what a node does, and that its speaker is gone", {
  permissions: "none",
}, () => {
  const order = decide(view()).order.map(({ node }) => node);
  const [owner = "", standby = ""] = order;
  const first = ask(owner, service());
  const second = ask(standby, service());
  const third = ask("node-c", service());
  assertEquals(first.kind === "node" && first.owns, ["default/web"]);
  assertEquals(second.kind === "node" && second.standbyFor, [
    { service: "default/web", place: 1 },
  ]);
  assertEquals(third.problems, [
    "node-c: its speaker's Lease was last renewed 60 s ago",
  ]);
});
