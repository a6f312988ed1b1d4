import { assertEquals } from "@std/assert";
import { columnsOf, formatAge } from "./columns.ts";
import { KINDS } from "./kinds.ts";
import type { ApiObject } from "./object.ts";

const AGES: readonly (readonly [number, string])[] = [
  [-5, "0s"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [185, "3m5s"],
  [3_599, "59m"],
  [10_800, "3h"],
  [12_060, "3h21m"],
  [90_000, "25h"],
  [187_200, "2d4h"],
  [8_640_000, "100d"],
  [63_072_000, "2y"],
  [63_158_400, "2y1d"],
];

Deno.test(
  "formatAge() shows ages as kubectl does",
  { permissions: "none" },
  () => {
    for (const [seconds, expected] of AGES) {
      assertEquals(formatAge(seconds * 1_000), expected, `${seconds} s`);
    }
  },
);

function cellsOf(kindName: string, object: ApiObject): unknown[] {
  const kind = KINDS.find(({ kind }) => kind === kindName);
  if (kind === undefined) throw new RangeError(`no kind ${kindName}`);
  return columnsOf(kind).filter(({ priority }) => priority === 0)
    .map(({ cell }) => cell(object, 60_000));
}

const METADATA = { name: "a", creationTimestamp: "1970-01-01T00:00:00Z" };

const ROWS: readonly {
  readonly kind: string;
  readonly object: ApiObject;
  readonly cells: readonly unknown[];
}[] = [
  {
    kind: "Service",
    object: {
      metadata: METADATA,
      spec: {
        type: "LoadBalancer",
        clusterIP: "10.96.0.9",
        ports: [
          { port: 80, protocol: "TCP", nodePort: 30_001 },
          { port: 53, protocol: "UDP" },
        ],
      },
      status: {
        loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }] },
      },
    },
    cells: [
      "a",
      "LoadBalancer",
      "10.96.0.9",
      "192.0.2.1,2001:db8::1",
      "80:30001/TCP,53/UDP",
      "60s",
    ],
  },
  {
    kind: "Service",
    object: { metadata: METADATA, spec: { type: "LoadBalancer" } },
    cells: ["a", "LoadBalancer", "<none>", "<pending>", "<none>", "60s"],
  },
  {
    kind: "Node",
    object: {
      metadata: {
        ...METADATA,
        labels: { "node-role.kubernetes.io/worker": "" },
      },
      spec: { unschedulable: true },
      status: { conditions: [{ type: "Ready", status: "Unknown" }] },
    },
    cells: ["a", "NotReady,SchedulingDisabled", "worker", "60s", ""],
  },
  {
    kind: "Community",
    object: { metadata: { name: "c" } },
    cells: ["c", "<unknown>"],
  },
];

Deno.test("columnsOf() gives the cells that kubectl shows", {
  permissions: "none",
}, () => {
  for (const { kind, object, cells } of ROWS) {
    assertEquals(cellsOf(kind, object), cells);
  }
});
