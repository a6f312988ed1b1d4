import { assertEquals } from "@std/assert";
import { formatIp, type Ip, parsePrefix } from "../net/mod.ts";
import {
  Allocator,
  type Decision,
  perform,
  type Pool,
  reconcile,
  type ServiceRequest,
} from "./mod.ts";

function pool(
  name: string,
  prefixes: readonly string[],
  more: Partial<Pool> = {},
): Pool {
  return {
    name,
    prefixes: prefixes.map(parsePrefix),
    autoAssign: true,
    avoidBuggyIPs: false,
    ...more,
  };
}

function request(
  name: string,
  more: Partial<ServiceRequest> = {},
): ServiceRequest {
  return {
    key: `default/${name}`,
    namespace: "default",
    labels: {},
    wantsAddress: true,
    clusterIps: ["10.96.0.1"],
    familyPolicy: "SingleStack",
    primaryFamily: "IPv4",
    addressesAnnotation: "",
    loadBalancerIp: "",
    wantedPool: "",
    sharingKey: "",
    backendKey: "",
    ports: ["TCP/80"],
    statusIps: [],
    statusPool: undefined,
    ...more,
  };
}

const DUAL = { clusterIps: ["10.96.0.1", "fd00::1"] } as const;

/** Reconciles and performs, as the driver does when the write succeeds. */
function handle(allocator: Allocator, asked: ServiceRequest): Decision {
  const decision = reconcile(allocator, asked);
  perform(allocator, asked.key, decision);
  return decision;
}

function written(decision: Decision): string {
  const { status } = decision;
  return status.kind === "set"
    ? `${status.pool}: ${text(status.ips)}`
    : status.kind;
}

function text(ips: readonly Ip[]): string {
  return ips.map(formatIp).join(" ");
}

function withPools(...pools: Pool[]): Allocator {
  const allocator = new Allocator();
  allocator.setPools(pools);
  return allocator;
}

function step(name: string, fn: () => void): void {
  Deno.test(`reconcile() ${name}`, { permissions: "none" }, fn);
}

step("keeps an address whose new request cannot be met", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/30"]));
  handle(allocator, request("taken"));
  handle(allocator, request("s"));
  const held = { statusIps: ["192.0.2.1"], statusPool: "a" };
  for (
    const wish of [
      { loadBalancerIp: "192.0.2.0" },
      { loadBalancerIp: "203.0.113.1" },
      { wantedPool: "ghost" },
    ]
  ) {
    const decision = handle(allocator, request("s", { ...held, ...wish }));
    assertEquals(decision.result, "errorNoRetry");
    assertEquals(decision.status.kind, "unchanged");
    assertEquals(decision.events.map(({ reason }) => reason), [
      "AllocationFailed",
    ]);
    assertEquals(
      text(allocator.allocation("default/s")?.ips ?? []),
      "192.0.2.1",
    );
  }
});

step("holds what a status says though the request is unreadable", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/32"]));
  const decision = handle(
    allocator,
    request("s", {
      addressesAnnotation: "garbage",
      statusIps: ["192.0.2.0"],
      statusPool: "a",
    }),
  );
  assertEquals(decision.status.kind, "unchanged");
  assertEquals(decision.events.map(({ reason }) => reason), [
    "LoadBalancerFailed",
  ]);
  assertEquals(allocator.allocation("default/s")?.pool, "a");
});

step("changes to the requested address once it is free", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/30"]));
  handle(allocator, request("s"));
  const decision = handle(
    allocator,
    request("s", {
      loadBalancerIp: "192.0.2.3",
      statusIps: ["192.0.2.0"],
      statusPool: "a",
    }),
  );
  assertEquals(written(decision), "a: 192.0.2.3");
  assertEquals(decision.frees, true);
});

step("gives PreferDualStack with one cluster address one address", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/30", "2001:db8::/126"]));
  const prefer = { familyPolicy: "PreferDualStack" } as const;
  handle(allocator, request("s", prefer));
  const again = handle(
    allocator,
    request("s", { ...prefer, statusIps: ["192.0.2.0"], statusPool: "a" }),
  );
  assertEquals(again.status.kind, "unchanged");
  assertEquals(again.record.kind, "keep");
  assertEquals(again.events, []);
});

step("never turns the order of two addresses", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/30", "2001:db8::/126"]));
  const decision = handle(
    allocator,
    request("s", {
      ...DUAL,
      familyPolicy: "RequireDualStack",
      addressesAnnotation: "192.0.2.1,2001:db8::1",
      statusIps: ["2001:db8::1", "192.0.2.1"],
      statusPool: "a",
    }),
  );
  assertEquals(decision.status.kind, "unchanged");
});

step("admits nobody to a pool whose namespace selectors match nothing", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/30"], {
    serviceAllocation: {
      priority: 0,
      namespaces: new Set(),
      matchesService: () => true,
    },
  }));
  const decision = handle(allocator, request("s", { wantedPool: "a" }));
  assertEquals(decision.status.kind, "unchanged");
  assertEquals(decision.result, "errorNoRetry");
});

step("prefers the emptier of equal pools, then the name", () => {
  const allocator = withPools(
    pool("b", ["198.51.100.0/30"]),
    pool("a", ["192.0.2.0/31"]),
  );
  const taken = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"].map((name) =>
    written(handle(allocator, request(name)))
  );
  assertEquals(taken, [
    "a: 192.0.2.0",
    "b: 198.51.100.0",
    "b: 198.51.100.1",
    "a: 192.0.2.1",
    "b: 198.51.100.2",
    "b: 198.51.100.3",
    "unchanged",
  ]);
});

step("tells that a port was freed", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/32"]));
  const shared = { sharingKey: "k" };
  handle(allocator, request("s1", shared));
  const held = { ...shared, statusIps: ["192.0.2.0"], statusPool: "a" };
  const waits = handle(allocator, request("s2", shared));
  assertEquals(waits.result, "errorNoRetry");
  const moved = handle(
    allocator,
    request("s1", { ...held, ports: ["TCP/81"] }),
  );
  assertEquals(moved.frees, true);
  assertEquals(
    written(handle(allocator, request("s2", shared))),
    "a: 192.0.2.0",
  );
});

step("keeps what is being given up from others, not from its Service", () => {
  const allocator = withPools(pool("a", ["192.0.2.0/32"]));
  handle(allocator, request("s1"));
  const before = allocator.allocation("default/s1");
  if (before === undefined) throw new Error("s1 holds nothing");
  allocator.release("default/s1");
  allocator.retire(before);
  const wants = { loadBalancerIp: "192.0.2.0" };
  assertEquals(reconcile(allocator, request("s2", wants)).record.kind, "keep");
  assertEquals(reconcile(allocator, request("s2")).record.kind, "keep");
  assertEquals(reconcile(allocator, request("s1")).record.kind, "hold");
  assertEquals(reconcile(allocator, request("s1", wants)).record.kind, "hold");
  assertEquals(allocator.dropRetired("default/s1"), true);
  assertEquals(reconcile(allocator, request("s2")).record.kind, "hold");
});

step("holds a /8 and a /0 of IPv6 at no cost", () => {
  const allocator = withPools(pool("a", ["10.0.0.0/8", "::/0"]));
  assertEquals(written(handle(allocator, request("s1"))), "a: 10.0.0.0");
  const six = request("s2", { clusterIps: ["fd00::1"] });
  assertEquals(written(handle(allocator, six)), "a: ::");
  assertEquals(
    allocator.counters().get("a")?.availableIPv6,
    2n ** 63n - 2n,
  );
});

const SHARED = "192.0.2.0";
const PARTINGS: readonly {
  readonly name: string;
  readonly changes: "old" | "young";
  readonly change: Partial<ServiceRequest>;
  /** What the younger one asks for. */
  readonly asks?: string;
  readonly old: string;
  readonly young: string;
}[] = [
  {
    name: "the oldest gives its key up",
    changes: "old",
    change: { sharingKey: "" },
    old: "unchanged",
    young: "a: 192.0.2.1",
  },
  {
    name: "the oldest takes a port of another's",
    changes: "old",
    change: { ports: ["TCP/81"] },
    old: "unchanged",
    young: "a: 192.0.2.1",
  },
  {
    name: "the oldest gives its key up, and the other asks for this address",
    changes: "old",
    change: { sharingKey: "" },
    asks: SHARED,
    old: "unchanged",
    young: "clear",
  },
  {
    name: "the youngest gives its key up",
    changes: "young",
    change: { sharingKey: "" },
    old: "unchanged",
    young: "a: 192.0.2.1",
  },
];
Deno.test.each(PARTINGS)(
  "reconcile() leaves a shared address to the oldest when $name",
  { permissions: "none" },
  ({ changes, change, asks, old, young }) => {
    const allocator = withPools(pool("a", ["192.0.2.0/29"]));
    const held = { sharingKey: "k", statusIps: [SHARED], statusPool: "a" };
    const first = request("old", { ...held, created: "2026-01-01T00:00:00Z" });
    const second = request("young", {
      ...held,
      created: "2026-01-02T00:00:00Z",
      ports: ["TCP/81"],
      addressesAnnotation: asks ?? "",
    });
    for (const each of [first, second]) handle(allocator, each);
    const [before, after] = changes === "old"
      ? [{ ...first, ...change }, second]
      : [first, { ...second, ...change }];
    const decision = handle(allocator, before);
    assertEquals(
      decision.evicts ?? [],
      changes === "old" ? ["default/young"] : [],
    );
    assertEquals([written(decision), written(handle(allocator, after))], [
      old,
      young,
    ]);
  },
);
