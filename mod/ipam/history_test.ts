import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatIp, parseIp, parsePrefix } from "../net/mod.ts";
import {
  adoption,
  Allocator,
  perform,
  type Pool,
  reconcile,
  type ServiceRequest,
  sharingConflict,
} from "./mod.ts";

/** Two layouts of pools; the second moves, splits and shrinks the first. */
const LAYOUTS: readonly (readonly Pool[])[] = [
  [
    pool("a", ["192.0.2.0/30", "2001:db8::/126"]),
    pool("b", ["198.51.100.252/30"], true),
  ],
  [
    pool("renamed", ["192.0.2.0/31", "2001:db8::/127"]),
    pool("b", ["198.51.100.254/31", "192.0.2.2/31"]),
  ],
];

function pool(
  name: string,
  prefixes: readonly string[],
  avoidBuggyIPs = false,
): Pool {
  return {
    name,
    prefixes: prefixes.map(parsePrefix),
    autoAssign: true,
    avoidBuggyIPs,
  };
}

type Wish = Omit<
  ServiceRequest,
  "key" | "namespace" | "labels" | "statusIps" | "statusPool"
>;

type Action =
  | { readonly kind: "apply"; readonly name: string; readonly wish: Wish }
  | { readonly kind: "delete" | "wipeStatus"; readonly name: string }
  | { readonly kind: "setPools"; readonly layout: number }
  | { readonly kind: "restart" };

const WISH: fc.Arbitrary<Wish> = fc.record({
  wantsAddress: fc.constantFrom(true, true, true, false),
  clusterIps: fc.constantFrom(
    ["10.96.0.1"],
    ["fd00::1"],
    ["10.96.0.1", "fd00::1"],
  ),
  familyPolicy: fc.constantFrom(
    "SingleStack",
    "PreferDualStack",
    "RequireDualStack",
  ),
  primaryFamily: fc.constantFrom("IPv4", "IPv6"),
  addressesAnnotation: fc.constantFrom("", "", "192.0.2.1", "garbage"),
  loadBalancerIp: fc.constantFrom("", "", "", "198.51.100.254"),
  wantedPool: fc.constantFrom("", "", "a", "b"),
  sharingKey: fc.constantFrom("", "k", "z"),
  backendKey: fc.constantFrom("", "", "app=x"),
  ports: fc.constantFrom(["TCP/80"], ["TCP/81"], ["TCP/80", "UDP/53"]),
});

const NAME = fc.constantFrom("s0", "s1", "s2", "s3", "s4", "s5");

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("apply"),
      name: NAME,
      wish: WISH,
    }),
  },
  fc.record({ kind: fc.constantFrom("delete", "wipeStatus"), name: NAME }),
  fc.record({ kind: fc.constant("setPools"), layout: fc.constantFrom(0, 1) }),
  fc.record({ kind: fc.constant("restart") }),
);

interface Stored {
  readonly wish: Wish;
  readonly ips: readonly string[];
  readonly pool: string | undefined;
}

/** A store of Services and a controller whose every write succeeds. */
class History {
  allocator = new Allocator();
  readonly stored = new Map<string, Stored>();
  writes = 0;
  #pools = LAYOUTS[0] ?? [];

  constructor() {
    this.allocator.setPools(this.#pools);
  }

  act(action: Action): void {
    switch (action.kind) {
      case "apply": {
        const { ips = [], pool } = this.stored.get(action.name) ?? {};
        this.stored.set(action.name, { wish: action.wish, ips, pool });
        return this.reconcile(action.name);
      }
      case "delete":
        this.stored.delete(action.name);
        this.allocator.release(keyOf(action.name));
        return;
      case "wipeStatus": {
        const found = this.stored.get(action.name);
        if (found === undefined) return;
        this.stored.set(action.name, { ...found, ips: [] });
        return this.reconcile(action.name);
      }
      case "setPools":
        this.#pools = LAYOUTS[action.layout] ?? [];
        this.allocator.setPools(this.#pools);
        return this.settle();
      case "restart":
        return this.restart();
    }
  }

  /** As the driver does: all statuses are adopted before anything is decided. */
  restart(): void {
    this.allocator = new Allocator();
    this.allocator.setPools(this.#pools);
    for (const name of this.stored.keys()) {
      const held = adoption(this.allocator, this.requestOf(name));
      if (held !== undefined) this.allocator.hold(held);
    }
    this.settle();
  }

  settle(): void {
    for (let pass = 0; pass < 10; pass++) {
      const before = this.writes;
      for (const name of this.stored.keys()) this.reconcile(name);
      if (this.writes === before) return;
    }
    throw new Error("The Services do not settle");
  }

  reconcile(name: string): void {
    const request = this.requestOf(name);
    const decision = reconcile(this.allocator, request);
    perform(this.allocator, request.key, decision);
    const { status } = decision;
    const found = this.stored.get(name);
    if (status.kind === "unchanged" || found === undefined) return;
    this.writes++;
    this.stored.set(name, {
      wish: found.wish,
      ips: status.kind === "set" ? status.ips.map(formatIp) : [],
      pool: status.kind === "set" ? status.pool : undefined,
    });
  }

  requestOf(name: string): ServiceRequest {
    const found = this.stored.get(name);
    if (found === undefined) throw new RangeError(`No Service "${name}"`);
    return {
      ...found.wish,
      key: keyOf(name),
      namespace: "default",
      labels: {},
      statusIps: found.ips,
      statusPool: found.pool,
    };
  }
}

function keyOf(name: string): string {
  return `default/${name}`;
}

function checkInvariants({ allocator, stored }: History): void {
  for (const [name, { ips, pool }] of stored) {
    const record = allocator.allocation(keyOf(name));
    assertEquals(record?.ips.map(formatIp) ?? [], ips, "status and record");
    if (record === undefined) continue;
    assertEquals(record.pool, pool);
    const owners = allocator.poolsOf(record.ips, record.twoPools);
    const names = owners.map(({ name }) => name).join();
    assertEquals(names, pool, "outside its pool");
    for (const ip of record.ips) {
      assertEquals(sharingConflict(allocator.use(ip), record), undefined);
    }
  }
  for (const key of allocator.records.keys()) {
    assert(stored.has(key.slice("default/".length)), `${key} leaked`);
  }
  checkCounters(allocator);
}

/** Every address that nobody holds can be taken. */
function checkCounters(allocator: Allocator): void {
  const held = new Set(
    [...allocator.records.values()].flatMap(({ ips }) => ips.map(formatIp)),
  );
  let assigned = 0n;
  for (const [, counters] of allocator.counters()) {
    assigned += counters.assignedIPv4 + counters.assignedIPv6;
  }
  assertEquals(assigned, BigInt(held.size));
  for (const text of ["192.0.2.0", "192.0.2.1", "2001:db8::1"]) {
    const ip = parseIp(text);
    assertEquals(allocator.use(ip) !== undefined, held.has(text));
  }
}

Deno.test("any history keeps the invariants of allocation", {
  permissions: "none",
}, () => {
  let held = 0;
  const histories = fc.array(ACTION, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(histories, (actions) => {
      const history = new History();
      for (const action of actions) {
        history.act(action);
        checkInvariants(history);
      }
      held += history.allocator.records.size;
    }),
    { numRuns: 300 },
  );
  assert(held > 100, `only ${held} addresses were ever held`);
});

Deno.test("a restart of a settled cluster writes nothing", {
  permissions: "none",
}, () => {
  const histories = fc.array(ACTION, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(histories, (actions) => {
      const history = new History();
      for (const action of actions) history.act(action);
      history.settle();
      const writes = history.writes;
      const before = [...history.stored].map(([name, { ips }]) => [name, ips]);
      history.restart();
      assertEquals(
        [...history.stored].map(([name, { ips }]) => [name, ips]),
        before,
      );
      assertEquals(history.writes, writes);
    }),
    { numRuns: 300 },
  );
});
