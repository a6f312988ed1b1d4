import { assertEquals } from "@std/assert";
import type { OwnerReference } from "../kube/mod.ts";
import {
  L2_STATUS_RECORDS,
  l2StatusMetadata,
  type L2StatusRecord,
  l2StatusState,
  leftovers,
  planL2Status,
  selectorOfNode,
  selectorOfOthers,
  type WantedL2Status,
} from "./l2_status.ts";

const options = { permissions: "none" } as const;

const OWNER: OwnerReference = {
  apiVersion: "v1",
  kind: "Pod",
  name: "pod-1",
  uid: "u1",
};

const WANTED: WantedL2Status = {
  service: "default/web",
  node: "node-a",
  ips: "192.0.2.1,2001:db8::1",
  interfaces: ["eth0", "eth1"],
  since: "2026-01-02T03:04:05Z",
  owner: OWNER,
};

/** The object that the API shows after both writes. */
function stored(
  name: string,
  more: { readonly status?: unknown } = {},
): L2StatusRecord {
  const { name: _, generateName, ...metadata } = l2StatusMetadata(
    WANTED,
    "metallb-system",
  );
  assertEquals(generateName, "l2-");
  return L2_STATUS_RECORDS.project({
    apiVersion: "metallb.io/v1beta1",
    kind: "ServiceL2Status",
    metadata: { ...metadata, name, resourceVersion: "7" },
    spec: {},
    status: "status" in more ? more.status : l2StatusState(WANTED),
  });
}

const OLD = { ...WANTED, ips: "192.0.2.1" };

const plans: readonly {
  readonly when: string;
  readonly wanted: WantedL2Status | undefined;
  readonly own: readonly L2StatusRecord[];
  readonly steps: readonly string[];
}[] = [
  { when: "nothing is announced", wanted: undefined, own: [], steps: [] },
  {
    when: "it begins to announce",
    wanted: WANTED,
    own: [],
    steps: ["create"],
  },
  {
    when: "nothing has changed",
    wanted: WANTED,
    own: [stored("l2-a")],
    steps: [],
  },
  {
    when: "only the clock has, as after a restart",
    wanted: { ...WANTED, since: "2027-01-01T00:00:00Z" },
    own: [stored("l2-a")],
    steps: [],
  },
  {
    when: "it announces other addresses",
    wanted: OLD,
    own: [stored("l2-a")],
    steps: ["describe l2-a"],
  },
  {
    when: "it announces on other interfaces",
    wanted: { ...WANTED, interfaces: [] },
    own: [stored("l2-a")],
    steps: ["state l2-a"],
  },
  {
    when: "another Pod runs on the node",
    wanted: { ...WANTED, owner: { ...OWNER, uid: "u2" } },
    own: [stored("l2-a")],
    steps: ["describe l2-a"],
  },
  {
    when: "the own Pod is not known",
    wanted: { ...WANTED, owner: undefined },
    own: [stored("l2-a")],
    steps: [],
  },
  {
    when: "it ended before it wrote the status",
    wanted: WANTED,
    own: [stored("l2-a", { status: undefined })],
    steps: ["state l2-a"],
  },
  {
    when: "there are two",
    wanted: WANTED,
    own: [stored("l2-b"), stored("l2-a")],
    steps: ["delete l2-b"],
  },
  {
    when: "it does not announce any more",
    wanted: undefined,
    own: [stored("l2-a"), stored("l2-b")],
    steps: ["delete l2-a", "delete l2-b"],
  },
  {
    when: "the status is about something else, which cannot be changed",
    wanted: WANTED,
    own: [stored("l2-a", {
      status: { ...l2StatusState(WANTED), node: "node-b" },
    })],
    steps: ["create", "delete l2-a"],
  },
];

Deno.test.each(plans)(
  "planL2Status() when $when",
  options,
  ({ wanted, own, steps }) => {
    const planned = planL2Status(wanted, own).map((step) =>
      step.kind === "create" ? step.kind : `${step.kind} ${step.name}`
    );
    assertEquals(planned, steps);
  },
);

Deno.test(
  "leftovers() are those of the dead; the living delete their own",
  options,
  () => {
    const of = (node: string): L2StatusRecord => ({
      ...stored(`l2-${node}`),
      node,
    });
    const others = [of("node-b"), of("node-c")];
    assertEquals(leftovers(others, ["node-a", "node-c"]), {
      names: ["l2-node-b"],
      isRivalled: true,
    });
    assertEquals(leftovers(others, ["node-a"]), {
      names: ["l2-node-b", "l2-node-c"],
      isRivalled: false,
    });
  },
);

Deno.test(
  "an object is written in MetalLB's fields and labels",
  options,
  () => {
    assertEquals(l2StatusMetadata(WANTED, "metallb-system"), {
      name: "",
      generateName: "l2-",
      namespace: "metallb-system",
      labels: {
        "metallb.io/node": "node-a",
        "metallb.io/service-name": "web",
        "metallb.io/service-namespace": "default",
      },
      annotations: {
        "herald-lb.io/ips": "192.0.2.1,2001:db8::1",
        "herald-lb.io/since": "2026-01-02T03:04:05Z",
      },
      ownerReferences: [OWNER],
    });
    assertEquals(l2StatusState(WANTED), {
      node: "node-a",
      serviceName: "web",
      serviceNamespace: "default",
      interfaces: [{ name: "eth0" }, { name: "eth1" }],
    });
    assertEquals(selectorOfNode("node-a"), "metallb.io/node=node-a");
    assertEquals(
      selectorOfOthers("node-a", "default/web"),
      "metallb.io/node!=node-a,metallb.io/service-name=web,metallb.io/service-namespace=default",
    );
    assertEquals(selectorOfOthers("node-a"), "metallb.io/node!=node-a");
  },
);

Deno.test("L2_STATUS_RECORDS take whatever the API sends", options, () => {
  for (const bad of [null, 7, "x", [], [null], { interfaces: [7, {}] }]) {
    const record = L2_STATUS_RECORDS.project({
      metadata: {
        name: "x",
        labels: bad,
        annotations: bad,
        ownerReferences: bad,
      },
      status: bad,
    });
    assertEquals(record.state, "missing");
    assertEquals(record.interfaces, []);
    // Whatever it is, it can be repaired or removed.
    assertEquals(planL2Status(undefined, [record]).length, 1);
  }
});
