import { assertEquals } from "@std/assert";
import { parseIp } from "../../mod/net/mod.ts";
import {
  complaintOf,
  decideGroup,
  type OwnershipView,
} from "../../mod/ownership/mod.ts";
import type { ServiceDecision } from "../decisions.ts";
import type { Announced } from "../outcomes.ts";
import { complaintReport, failedReport } from "./messages.ts";

const NODES = Array.from({ length: 7 }, (_, index) => `node-${index}`);

function view(more: Partial<OwnershipView> = {}): OwnershipView {
  return {
    key: "192.0.2.1",
    members: NODES,
    nodes: NODES.map((name) => ({
      name,
      networkUnavailable: false,
      excluded: true,
    })),
    advertisements: [selecting(NODES)],
    servingEndpoints: ["node-1"],
    trafficPolicy: "Cluster",
    sharesAddress: false,
    ...more,
  };
}

function selecting(
  nodes: readonly string[],
): OwnershipView["advertisements"][number] {
  return {
    names: ["l2"],
    nodes: new Set(nodes),
    interfaces: [],
    selectsServices: false,
    preference: new Map(),
  };
}

function decided(...views: readonly OwnershipView[]): ServiceDecision {
  const ips = [parseIp("192.0.2.1"), parseIp("2001:db8::1")];
  const parts = decideGroup(views).map((decision, index) => ({
    ips: ips.slice(index, index + 1),
    pool: `pool-${index}`,
    decision,
  }));
  return { kind: "decided", parts };
}

const usable = NODES.map((name) => ({
  name,
  networkUnavailable: false,
  excluded: false,
}));

const cases: readonly {
  readonly when: string;
  readonly decided: ServiceDecision;
  readonly message: string;
}[] = [
  {
    when: "there is no advertisement",
    decided: decided(view({ advertisements: [] })),
    message:
      'nobody announces 192.0.2.1: no L2Advertisement that reaches pool "pool-0" and the Service selects a node',
  },
  {
    when: "every node is excluded",
    decided: decided(view()),
    message:
      "nobody announces 192.0.2.1: no node is a candidate (node-0: it has the label node.kubernetes.io/exclude-from-external-load-balancers; node-1: it has the label node.kubernetes.io/exclude-from-external-load-balancers; node-2: it has the label node.kubernetes.io/exclude-from-external-load-balancers; node-3: it has the label node.kubernetes.io/exclude-from-external-load-balancers; node-4: it has the label node.kubernetes.io/exclude-from-external-load-balancers; and 2 more)",
  },
  {
    when: "sharers could part",
    decided: decided(view({
      sharesAddress: true,
      advertisements: [{ ...selecting(NODES), selectsServices: true }],
    })),
    message:
      "nobody announces 192.0.2.1: the address may be shared while an L2Advertisement selects Services, so the sharers could part; remove serviceSelectors or allow-shared-ip",
  },
  {
    when: "the owner is no candidate for the other family",
    decided: decided(
      view({ nodes: usable, advertisements: [selecting(["node-1"])] }),
      view({ nodes: usable, advertisements: [selecting(["node-2"])] }),
    ),
    message:
      "nobody announces 2001:db8::1: the node that owns the addresses which come with it is no candidate for it",
  },
];

Deno.test.each(cases)(
  "complaintReport() when $when",
  { permissions: "none" },
  ({ decided, message }) => {
    if (decided.kind === "refused") throw new Error(decided.reason);
    const [word] = decided.parts.flatMap(({ decision }) =>
      complaintOf(decision) ?? []
    );
    if (word === undefined) throw new Error("nothing to complain of");
    assertEquals(complaintReport(word, decided), {
      type: "Warning",
      reason: word,
      message,
    });
  },
);

Deno.test("complaintReport() says nothing of what is well again", {
  permissions: "none",
}, () => {
  const well = decided(view({ nodes: usable }));
  assertEquals(complaintReport("noCandidate", well), undefined);
  assertEquals(complaintReport("noCandidate", undefined), undefined);
});

const FOUR = parseIp("192.0.2.1");
const SIX = parseIp("2001:db8::1");
const PORTS = [
  { name: "four", arp: true, ndp: false },
  { name: "six", arp: false, ndp: true },
];

const failures: readonly {
  readonly what: string;
  readonly announced: readonly Announced[];
  readonly message: string;
}[] = [
  {
    what: "interfaces that are not there",
    announced: [{ ips: [FOUR, SIX], interfaces: ["eth7", "eth8"] }],
    message:
      'the interfaces specified by LB IP "192.0.2.1, 2001:db8::1" (eth7, eth8) do not exist on the assigned node "node-0" with protocol "layer2"',
  },
  {
    what: "an interface without IPv6",
    announced: [{ ips: [FOUR, SIX], interfaces: ["four"] }],
    message:
      'the assigned node "node-0" cannot answer for LB IP "2001:db8::1" with protocol "layer2": of its interfaces (four) none has an IPv6 link-local address, which Neighbor Discovery needs: see whether IPv6 is disabled there',
  },
  {
    what: "an interface without broadcast, and one that is not there",
    announced: [
      { ips: [FOUR], interfaces: ["six"] },
      { ips: [SIX], interfaces: ["eth7"] },
    ],
    message:
      'the interfaces specified by LB IP "2001:db8::1" (eth7) do not exist on the assigned node "node-0" with protocol "layer2"; the assigned node "node-0" cannot answer for LB IP "192.0.2.1" with protocol "layer2": of its interfaces (six) none can broadcast, which ARP needs',
  },
];

Deno.test.each(failures)(
  "failedReport() names $what",
  { permissions: "none" },
  ({ announced, message }) => {
    const outcome = { announced, complaint: undefined, watched: [] };
    const report = { type: "Warning", reason: "announceFailed", message };
    assertEquals(failedReport("node-0", outcome, PORTS), report);
  },
);
