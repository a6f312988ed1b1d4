import { assertEquals, assertStringIncludes } from "@std/assert";
import { setColorEnabled } from "@std/fmt/colors";
import {
  faultsOf,
  formatOutcome,
  type Outcome,
  type ServiceFacts,
} from "./outcome.ts";
import { compareStatuses } from "./speaker_status.ts";
import { formatServices, formatWhy } from "./table.ts";
import { drawPicture } from "./view.ts";

setColorEnabled(false);

const FACTS: ServiceFacts = {
  name: "shop",
  note: "dual stack",
  ips: ["192.0.2.100", "2001:db8:1::1000"],
  owner: "node-b",
  standbys: ["node-c", "node-a"],
  why: [
    { node: "node-b", hash: "0".repeat(64) },
    { node: "node-c", hash: "5".repeat(64) },
    { node: "node-a", hash: "e".repeat(64) },
  ],
  excluded: [{ node: "node-d", exclusions: ["notOwner"] }],
  clientMac: "02:00:00:00:00:0b",
  ownerMac: "02:00:00:00:00:0b",
  http: true,
  answer: "pod-c",
};

const OUTCOME: Outcome = {
  proxy: "kube-proxy",
  nodes: ["node-a", "node-b", "node-c"],
  services: [FACTS],
  failover: {
    killed: "node-b",
    newOwner: "node-c",
    firstAnnouncementMs: 1012.3456,
    outage: { probes: 400, lost: 203, outageMs: 1019.99, recovered: true },
  },
  events: [
    { kind: "nodeKilled", node: "node-b", atMs: 1500 },
    {
      kind: "moved",
      ip: "192.0.2.100",
      mac: "02:00:00:00:00:0c",
      node: "node-c",
      form: "ARP request",
      atMs: 2512.3,
    },
  ],
};

Deno.test("formatOutcome() has exactly the documented fields, on one line", {
  permissions: "none",
}, () => {
  const text = formatOutcome(OUTCOME);
  assertEquals(text.includes("\n"), false);
  assertEquals(JSON.parse(text), {
    proxy: "kube-proxy",
    nodes: ["node-a", "node-b", "node-c"],
    services: [{
      name: "shop",
      ips: ["192.0.2.100", "2001:db8:1::1000"],
      owner: "node-b",
      standbys: ["node-c", "node-a"],
      clientMac: "02:00:00:00:00:0b",
      ownerMac: "02:00:00:00:00:0b",
      http: true,
    }],
    failover: {
      killed: "node-b",
      newOwner: "node-c",
      firstAnnouncementMs: 1012.3,
      outageMs: 1020,
      probes: 400,
      lost: 203,
    },
    events: OUTCOME.events,
  });
});

const FAULTS: readonly {
  name: string;
  change: Partial<ServiceFacts>;
  faults: readonly string[];
}[] = [
  { name: "none", change: {}, faults: [] },
  {
    name: "no owner",
    change: { owner: null, ownerMac: null, clientMac: null },
    faults: ['no node owns "shop"'],
  },
  {
    name: "another MAC address",
    change: { clientMac: "02:00:00:00:00:0a" },
    faults: [
      'the client resolved 02:00:00:00:00:0a for "shop", its owner has 02:00:00:00:00:0b',
    ],
  },
  {
    name: "no answer",
    change: { http: false, answer: "192.0.2.100: TimeoutError" },
    faults: ['"shop" does not answer HTTP: 192.0.2.100: TimeoutError'],
  },
];

for (const { name, change, faults } of FAULTS) {
  Deno.test(`faultsOf(): ${name}`, { permissions: "none" }, () => {
    assertEquals(faultsOf({ ...FACTS, ...change }), [...faults]);
  });
}

Deno.test("formatServices() has a line per address", {
  permissions: "none",
}, () => {
  assertEquals(formatServices([FACTS]), [
    "SERVICE  ADDRESS           OWNER   STANDBYS        CLIENT RESOLVES      HTTP",
    "shop     192.0.2.100       node-b  node-c, node-a  ✓ 02:00:00:00:00:0b  ✓ pod-c",
    "         2001:db8:1::1000",
  ]);
});

Deno.test("formatServices() counts what does not fit", {
  permissions: "none",
}, () => {
  const lines = formatServices([FACTS, FACTS, FACTS], 3);
  assertEquals(lines.length, 4);
  assertEquals(lines.at(-1), "and 2 more");
});

Deno.test("formatWhy() shows the hashes in their order", {
  permissions: "none",
}, () => {
  assertEquals(formatWhy([FACTS]).slice(1), [
    "node-b 00000000…  <  node-c 55555555…  <  node-a eeeeeeee…",
    "node-d is no candidate for shop: notOwner",
  ]);
});

Deno.test("drawPicture() fits the terminal and shows nodes and events", {
  permissions: "none",
}, () => {
  const picture = {
    nodes: [{ name: "node-a", up: true }, { name: "node-b", up: false }],
    services: Array.from({ length: 100 }, () => FACTS),
    failover: OUTCOME.failover,
    events: OUTCOME.events,
    rows: 24,
  };
  const lines = drawPicture(picture);
  const text = lines.join("\n");
  assertEquals(lines.length <= 24, true);
  assertStringIncludes(text, "Ctrl-C");
  assertStringIncludes(text, "● node-a [a]   ○ node-b [b]");
  assertStringIncludes(text, "node-c announced after 1012 ms");
  assertStringIncludes(text, "1.50 s  node-b killed");
  assertStringIncludes(
    text,
    "2.51 s  192.0.2.100 is at 02:00:00:00:00:0c node-c ARP request",
  );
});

function status(node: string, owners: Readonly<Record<string, string | null>>) {
  return {
    node,
    services: Object.entries(owners).map(([service, owner]) => ({
      service,
      owner,
    })),
  };
}

Deno.test("compareStatuses() finds the first difference", {
  permissions: "none",
}, () => {
  const agreed = compareStatuses([
    status("node-a", { "lab/web": "node-b" }),
    status("node-b", { "lab/web": "node-b" }),
  ]);
  assertEquals(agreed.kind, "agreed");
  const open = compareStatuses([
    status("node-a", { "lab/web": "node-b" }),
    status("node-b", { "lab/web": null }),
  ]);
  assertEquals(open, {
    kind: "open",
    why: "node-a and node-b differ about lab/web: node-b or nobody",
  });
  assertEquals(compareStatuses([]).kind, "open");
});
