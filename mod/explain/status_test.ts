import { assertEquals } from "@std/assert";
import { type ClusterFacts, clusterStatus, type SpeakerFacts } from "./mod.ts";

const ALIVE: SpeakerFacts = { node: "node-a", ageMs: 100, alive: true };

const QUIET: ClusterFacts = {
  configProblems: [],
  pools: [],
  nodes: ["node-a", "node-b"],
  draining: [],
  speakers: [ALIVE],
  services: [],
};

const cases: {
  readonly why: string;
  readonly cluster?: Partial<ClusterFacts>;
  readonly available?: bigint;
  readonly problems: readonly string[];
}[] = [
  { why: "nothing is wrong", problems: [] },
  {
    why: "the configuration is wrong",
    cluster: { configProblems: ["IPAddressPool/p: no addresses"] },
    problems: ["IPAddressPool/p: no addresses"],
  },
  {
    why: "there are no speakers",
    cluster: { speakers: [] },
    problems: ["no speaker is alive: nobody answers for any address"],
  },
  {
    why: "a speaker died",
    cluster: {
      speakers: [ALIVE, { node: "node-b", ageMs: 9000, alive: false }],
    },
    problems: ["speaker of node-b: its Lease was last renewed 9 s ago"],
  },
  {
    why: "a node was removed",
    cluster: {
      speakers: [ALIVE, { node: "node-x", ageMs: 9000, alive: false }],
    },
    problems: ["speaker of node-x: its Lease is left, the node is gone"],
  },
  {
    why: "a pool is full",
    available: 0n,
    problems: [
      'pool "p" has no free address: give it more with spec.addresses',
    ],
  },
];

Deno.test.each(cases)(
  "clusterStatus() says that $why",
  { permissions: "none" },
  ({ cluster = {}, available = 2n ** 63n, problems }) => {
    const status = clusterStatus({ ...QUIET, ...cluster }, [
      { pool: "p", assigned: 1n, available },
    ]);
    assertEquals(status.problems, problems);
    assertEquals(status.pools, [
      { pool: "p", assigned: "1", available: String(available) },
    ]);
  },
);

Deno.test("clusterStatus() leaves out another load balancer's Services", {
  permissions: "none",
}, () => {
  const status = clusterStatus({
    ...QUIET,
    services: [{
      service: "default/other",
      ips: [],
      asksFor: null,
      allocation: { kind: "ignored", why: "its class is another one" },
      ownership: { kind: "refused", reason: "otherClass" },
      announcers: [],
    }],
  }, []);
  assertEquals(status.services, []);
  assertEquals(status.problems, []);
});
