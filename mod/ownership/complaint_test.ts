import { assertEquals } from "@std/assert";
import {
  type Complaint,
  complaintOf,
  decide,
  decideGroup,
  electionOrder,
  type OwnershipView,
  spokesman,
} from "./mod.ts";

const options = { permissions: "none" } as const;
const NODES = ["node-a", "node-b"];
const KEY = "192.0.2.1";

function view(more: Partial<OwnershipView> = {}): OwnershipView {
  return {
    key: KEY,
    members: NODES,
    nodes: NODES.map((name) => ({
      name,
      networkUnavailable: false,
      excluded: false,
    })),
    advertisements: [selecting(...NODES)],
    servingEndpoints: ["node-a"],
    trafficPolicy: "Cluster",
    sharesAddress: false,
    ...more,
  };
}

function selecting(
  ...nodes: readonly string[]
): OwnershipView["advertisements"][number] {
  return {
    names: ["l2"],
    nodes: new Set(nodes),
    interfaces: [],
    selectsServices: false,
    preference: new Map(),
  };
}

const excluded = NODES.map((name) => ({
  name,
  networkUnavailable: false,
  excluded: true,
}));

const cases: readonly {
  readonly when: string;
  readonly view: OwnershipView;
  readonly complaint: Complaint | undefined;
}[] = [
  { when: "somebody announces", view: view(), complaint: undefined },
  {
    when: "nothing serves, as after scaling to zero",
    view: view({ servingEndpoints: [] }),
    complaint: undefined,
  },
  {
    when: "nothing serves and nothing selects",
    view: view({ servingEndpoints: [], advertisements: [] }),
    complaint: undefined,
  },
  {
    when: "sharers could part",
    view: view({
      sharesAddress: true,
      advertisements: [{ ...selecting(...NODES), selectsServices: true }],
    }),
    complaint: "sharedIPWithServiceSelector",
  },
  {
    when: "there is no advertisement",
    view: view({ advertisements: [] }),
    complaint: "noMatchingAdvertisement",
  },
  {
    when: "the advertisement selects a node that is not there",
    view: view({ advertisements: [selecting("node-x")] }),
    complaint: "noMatchingAdvertisement",
  },
  {
    when: "all nodes have the exclude label",
    view: view({ nodes: excluded }),
    complaint: "noCandidate",
  },
  {
    when: "the only selected node is dead",
    view: view({ members: ["node-a"], advertisements: [selecting("node-b")] }),
    complaint: "noCandidate",
  },
];

Deno.test.each(cases)(
  "complaintOf() when $when",
  options,
  ({ view, complaint }) => assertEquals(complaintOf(decide(view)), complaint),
);

Deno.test(
  "complaintOf() names the part of a group that its owner leaves out",
  options,
  () => {
    const decisions = decideGroup([
      view({ advertisements: [selecting("node-a")] }),
      view({ advertisements: [selecting("node-b")] }),
    ]);
    assertEquals(decisions.map(complaintOf), [undefined, "ownerNotCandidate"]);
  },
);

Deno.test(
  "spokesman() is the owner, else the first of the living",
  options,
  () => {
    assertEquals(spokesman(KEY, "node-a", ["node-b"]), "node-a");
    const [first, second] = electionOrder(NODES, KEY);
    assertEquals(spokesman(KEY, null, NODES), first);
    assertEquals(spokesman(KEY, null, NODES.toReversed()), first);
    assertEquals(spokesman(KEY, null, [second ?? ""]), second);
    assertEquals(spokesman(KEY, null, []), undefined);
  },
);
