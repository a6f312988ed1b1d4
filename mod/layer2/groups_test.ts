import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatIp, ipFromBytes, parseIp } from "../net/mod.ts";
import { solicitedNodeMulticast } from "../net/mod.ts";
import { groupBytes, GroupPlan, JOIN_RETRY_INTERVAL } from "./groups.ts";

const options = { permissions: "none" } as const;

/** Does everything that is due with sockets that take `room` groups. */
function perform(
  plan: GroupPlan,
  sockets: Map<number, Set<number>>,
  now = 0,
  room = Infinity,
): void {
  for (;;) {
    const action = plan.next(now);
    if (action === undefined) return;
    const groups = sockets.get(action.socket) ?? new Set<number>();
    sockets.set(action.socket, groups);
    if (action.kind === "leave") {
      assertEquals(groups.delete(action.group), true, "left what it had not");
    } else if (groups.size < room) {
      groups.add(action.group);
      plan.confirm(action);
    } else if (!plan.fill(action)) {
      plan.refuse(action, now);
    }
  }
}

Deno.test("GroupPlan spreads groups over sockets", options, () => {
  const plan = new GroupPlan(200);
  const sockets = new Map<number, Set<number>>();
  for (let group = 0; group < 650; group++) plan.acquire(group);
  perform(plan, sockets);
  const sizes = [...sockets.values()].map((groups) => groups.size);
  assertEquals(sizes, [200, 200, 200, 50]);
  assertEquals([plan.joined, plan.size], [650, 650]);
  assertEquals(plan.deadline(), Infinity);
});

Deno.test(
  "GroupPlan joins for the first address and leaves after the last",
  options,
  () => {
    const plan = new GroupPlan(200);
    const sockets = new Map<number, Set<number>>();
    plan.acquire(7);
    plan.acquire(7);
    perform(plan, sockets);
    plan.release(7);
    assertEquals(plan.next(0), undefined);
    plan.release(7);
    assertEquals(plan.deadline(), -Infinity);
    assertEquals(plan.next(0), { kind: "leave", socket: 0, group: 7 });
    assertEquals([plan.joined, plan.size], [0, 0]);
  },
);

Deno.test(
  "GroupPlan goes on with another socket when one is full early",
  options,
  () => {
    const plan = new GroupPlan(200);
    const sockets = new Map<number, Set<number>>();
    for (let group = 0; group < 100; group++) plan.acquire(group);
    perform(plan, sockets, 0, 30);
    assertEquals([...sockets.values()].map(({ size }) => size), [
      30,
      30,
      30,
      10,
    ]);
  },
);

Deno.test(
  "GroupPlan tries a refused group again, after the others",
  options,
  () => {
    const plan = new GroupPlan(200);
    const sockets = new Map<number, Set<number>>();
    plan.acquire(1);
    const refused = plan.next(1000);
    assertEquals(refused?.group, 1);
    if (refused !== undefined) plan.refuse(refused, 1000);
    assertEquals(plan.next(1000), undefined);
    assertEquals(plan.deadline(), 1000 + JOIN_RETRY_INTERVAL);
    plan.acquire(2);
    assertEquals(plan.next(1000)?.group, 2);
    perform(plan, sockets, 1000);
    assertEquals(plan.joined, 1);
    perform(plan, sockets, 1000 + JOIN_RETRY_INTERVAL);
    assertEquals([plan.joined, plan.deadline()], [2, Infinity]);
  },
);

Deno.test(
  "GroupPlan forgets a refused group that nobody needs any more",
  options,
  () => {
    const plan = new GroupPlan();
    plan.acquire(1);
    const action = plan.next(0);
    if (action !== undefined) plan.refuse(action, 0);
    plan.release(1);
    assertEquals([plan.deadline(), plan.size], [Infinity, 0]);
  },
);

Deno.test(
  "GroupPlan holds exactly the needed groups, none twice",
  options,
  () => {
    const changes = fc.array(
      fc.tuple(fc.boolean(), fc.nat(12), fc.boolean()),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 5 }), (list, room) => {
        const plan = new GroupPlan(4);
        const sockets = new Map<number, Set<number>>();
        const needed = new Map<number, number>();
        for (const [isAcquired, group, isPerformed] of list) {
          const count = needed.get(group) ?? 0;
          if (isAcquired) {
            plan.acquire(group);
            needed.set(group, count + 1);
          } else if (count > 0) {
            plan.release(group);
            needed.set(group, count - 1);
          }
          if (isPerformed) perform(plan, sockets, 0, room);
        }
        perform(plan, sockets, 0, room);
        const held = [...sockets.values()].flatMap((groups) => [...groups]);
        const wanted = [...needed].filter(([, count]) => count > 0)
          .map(([group]) => group);
        assertEquals(held.toSorted(), wanted.toSorted());
      }),
    );
  },
);

Deno.test("groupBytes() is the solicited-node address", options, () => {
  const ip = parseIp("2001:db8::ab:cd12:3456");
  assertEquals(
    formatIp(ipFromBytes(groupBytes(0x123456))),
    formatIp(solicitedNodeMulticast(ip)),
  );
});
