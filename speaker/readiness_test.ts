import { assertEquals } from "@std/assert";
import { WELL_WORKER } from "../tests/worker_health.ts";
import type { PacketWorkerHealth } from "./packet/packet_worker.ts";
import type { Problem } from "../mod/config/mod.ts";
import { KubeError } from "../mod/kube/mod.ts";
import { liveness, readiness, type ReadinessInputs } from "./readiness.ts";

const WELL: ReadinessInputs = {
  caches: [["services", { kind: "connected", since: 0 }]],
  now: 100_000,
  worker: WELL_WORKER,
  published: 3,
  applied: 3,
  usableInterfaces: 1,
  isConfigLoaded: true,
  forwarding: { kind: "forwards", reason: "healthy" },
  configProblems: [],
  leaseProblems: [],
  memberProblems: [],
};
const OFFLINE = new KubeError("no route", {
  code: 0,
  reason: "connectionFailed",
});
const INVALID: Problem = {
  severity: "error",
  transient: false,
  admission: "refuse",
  class: "cidrInvalid",
  kind: "IPAddressPool",
  name: "p",
  field: "spec.addresses[0]",
  path: "IPAddressPool/p spec.addresses[0]",
  message: "is no prefix",
};

const livenessCases: readonly [Partial<PacketWorkerHealth>, string[]][] = [
  [{}, []],
  [{ state: "starting", silentFor: 0 }, []],
  [{ silentFor: 2000 }, []],
  [{ silentFor: 2000.6 }, ["packet worker: no round for 2001 ms"]],
  [{ state: "failed" }, ["packet worker: failed"]],
  [{ state: "stopped" }, ["packet worker: stopped"]],
];

for (const [health, problems] of livenessCases) {
  Deno.test(
    `liveness() of ${JSON.stringify(health)}`,
    { permissions: "none" },
    () =>
      assertEquals(liveness({ ...WELL_WORKER, ...health }), {
        ok: problems.length === 0,
        problems,
      }),
  );
}

const readinessCases: readonly {
  readonly name: string;
  readonly inputs: Partial<ReadinessInputs>;
  readonly ok: boolean;
  readonly problem: string | undefined;
}[] = [
  { name: "all is well", inputs: {}, ok: true, problem: undefined },
  {
    name: "kube-proxy has no rules yet",
    inputs: { forwarding: { kind: "waits", reason: "noRules" } },
    ok: false,
    problem: "kube-proxy: it has not said that this node forwards (noRules)",
  },
  {
    name: "a cache is empty",
    inputs: { caches: [["nodes", { kind: "unsynced", since: 0 }]] },
    ok: false,
    problem: "nodes: not listed yet",
  },
  {
    name: "a cache cannot be listed",
    inputs: {
      caches: [["nodes", { kind: "unsynced", since: 0, error: OFFLINE }]],
    },
    ok: false,
    problem: "nodes: not listed yet: no route",
  },
  {
    name: "a watch was away for 5 s",
    inputs: {
      caches: [["nodes", {
        kind: "disconnected",
        since: 95_000,
        error: OFFLINE,
      }]],
    },
    ok: true,
    problem: undefined,
  },
  {
    name: "a watch was away for longer",
    inputs: {
      caches: [["nodes", {
        kind: "disconnected",
        since: 94_000,
        error: OFFLINE,
      }]],
    },
    ok: false,
    problem: "nodes: not followed for 6 s: no route",
  },
  {
    name: "the packet worker starts",
    inputs: { worker: { ...WELL_WORKER, state: "starting" } },
    ok: false,
    problem: "packet worker: starting",
  },
  {
    name: "the packet worker hangs",
    inputs: { worker: { ...WELL_WORKER, silentFor: 3000 } },
    ok: false,
    problem: "packet worker: no round for 3000 ms",
  },
  {
    name: "the packet worker is late again and again",
    inputs: {
      worker: { ...WELL_WORKER, detectionTime: 300, patience: 600 },
    },
    ok: true,
    problem: "packet worker: late again and again, the others wait 600 ms " +
      "for this node: grant CAP_SYS_NICE (manifests/overlays/real-time), " +
      "request more CPU, or set a longer --heartbeat-interval",
  },
  {
    name: "the newest state is not in force",
    inputs: { applied: 2 },
    ok: false,
    problem: "packet worker: the newest state is not in force yet",
  },
  {
    name: "no interface can be used",
    inputs: { usableInterfaces: 0 },
    ok: false,
    problem: "interfaces: none can be used; /status says why",
  },
  {
    name: "the Lease cannot be renewed",
    inputs: { leaseProblems: ["cannot be renewed: forbidden"] },
    ok: false,
    problem: "lease: cannot be renewed: forbidden",
  },
  {
    name: "no configuration was valid yet",
    inputs: { isConfigLoaded: false, configProblems: [INVALID] },
    ok: false,
    problem: "configuration: none was valid yet",
  },
];

for (const { name, inputs, ok, problem } of readinessCases) {
  Deno.test(`readiness() when ${name}`, { permissions: "none" }, () => {
    const health = readiness({ ...WELL, ...inputs });
    assertEquals([health.ok, health.problems[0]], [ok, problem]);
  });
}

Deno.test(
  "readiness() names a problem of the configuration while an older one serves",
  {
    permissions: "none",
  },
  () => {
    const health = readiness({ ...WELL, configProblems: [INVALID] });
    assertEquals(health.ok, true);
    assertEquals(health.problems.length, 1);
    assertEquals(
      health.problems[0]?.includes("IPAddressPool/p spec.addresses[0]"),
      true,
    );
  },
);

Deno.test(
  "readiness() names a members' secret that cannot be used while an older one serves",
  { permissions: "none" },
  () => {
    const memberProblems = ["secretkey is empty"];
    assertEquals(readiness({ ...WELL, memberProblems }), {
      ok: true,
      problems: ["members: secretkey is empty"],
    });
  },
);
