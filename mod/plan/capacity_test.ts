import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { validateManifests } from "../config/mod.ts";
import {
  type CapacityRequest,
  CapacityRequestError,
  planCapacity,
  planManifests,
} from "./mod.ts";

const EXAMPLE: CapacityRequest = {
  vips: 10,
  perNode: 5,
  failures: 1,
  virtualMachines: false,
};

Deno.test(
  "planCapacity() reproduces 10 VIPs, 5 per node, one failure: 2 pools, 4 nodes",
  {
    permissions: "none",
  },
  () => {
    assertEquals(planCapacity(EXAMPLE), {
      request: EXAMPLE,
      pools: [
        { name: "pool-1", vips: 5, nodes: 2 },
        { name: "pool-2", vips: 5, nodes: 2 },
      ],
      nodesPerPool: 2,
      nodes: 4,
      working: [
        "pools = ceil(addresses / addresses per node) = ceil(10 / 5) = 2",
        "nodes per pool = 1 + tolerated failures = 1 + 1 = 2",
        "nodes = pools × nodes per pool = 2 × 2 = 4",
      ],
    });
  },
);

const cases = [
  { asked: { vips: 1 }, pools: [1], nodes: 2 },
  { asked: { vips: 11 }, pools: [4, 4, 3], nodes: 6 },
  { asked: { failures: 0 }, pools: [5, 5], nodes: 2 },
  { asked: { failures: 3 }, pools: [5, 5], nodes: 8 },
  { asked: { perNode: 100 }, pools: [10], nodes: 2 },
  { asked: { virtualMachines: true }, pools: [5, 5], nodes: 6 },
  { asked: { virtualMachines: true, failures: 0 }, pools: [5, 5], nodes: 6 },
];

Deno.test.each(cases)(
  "planCapacity($asked) gives pools of $pools",
  { permissions: "none" },
  ({ asked, pools, nodes }) => {
    const plan = planCapacity({ ...EXAMPLE, ...asked });
    assertEquals(plan.pools.map(({ vips }) => vips), pools);
    assertEquals(plan.nodes, nodes);
  },
);

const refusals = [
  { asked: { vips: 0 }, field: "vips", says: "give a whole number from 1 on" },
  { asked: { vips: 1.5 }, field: "vips", says: "1.5 cannot be the number" },
  { asked: { perNode: 0 }, field: "perNode", says: "one node can handle" },
  { asked: { failures: -1 }, field: "failures", says: "from 0 on" },
  { asked: { failures: NaN }, field: "failures", says: "NaN cannot be" },
  {
    asked: { failures: 2, virtualMachines: true },
    field: "failures",
    says: "plan for 1, or use machines of their own",
  },
  {
    asked: { vips: 1001, perNode: 1 },
    field: "perNode",
    says: "make 1001 pools, more than 1000: raise",
  },
];

Deno.test.each(refusals)(
  "planCapacity($asked) is refused",
  { permissions: "none" },
  ({ asked, field, says }) => {
    const error = assertThrows(
      () => planCapacity({ ...EXAMPLE, ...asked }),
      CapacityRequestError,
    );
    assertEquals(error.field, field);
    assertStringIncludes(error.message, says);
  },
);

Deno.test("planCapacity() overloads no node, whatever fails", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(
    fc.record({
      vips: fc.integer({ min: 1, max: 5000 }),
      perNode: fc.integer({ min: 5, max: 500 }),
      failures: fc.integer({ min: 0, max: 1 }),
      virtualMachines: fc.boolean(),
    }),
    (request) => {
      const { pools, nodes } = planCapacity(request);
      assertEquals(
        pools.reduce((sum, { vips }) => sum + vips, 0),
        request.vips,
      );
      assertEquals(pools.every(({ vips }) => vips <= request.perNode), true);
      assertEquals(
        pools.every((pool) => pool.nodes > request.failures && pool.vips > 0),
        true,
      );
      assertEquals(pools.reduce((sum, pool) => sum + pool.nodes, 0), nodes);
    },
  ));
});

Deno.test("planManifests() gives resources that are valid together", {
  permissions: "none",
}, () => {
  const plan = planCapacity({ ...EXAMPLE, vips: 700, perNode: 300 });
  const text = planManifests(plan, "lb").map((each) => JSON.stringify(each))
    .join("\n---\n");
  const report = validateManifests([{ name: "plan.yaml", text }], {
    strict: true,
  });
  assertEquals(report.findings, []);
  assertEquals(report.checked, 6);
  assertStringIncludes(text, '"addresses":["198.18.0.1-198.18.0.234"]');
});
