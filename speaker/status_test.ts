import { assertEquals } from "@std/assert";
import { parseIp } from "../mod/net/mod.ts";
import { decide, type OwnershipView } from "../mod/ownership/mod.ts";
import { interfaceStatus, problemLines, serviceStatus } from "./status.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const IP = parseIp("192.168.1.240");

function decided(fields: Partial<OwnershipView> = {}) {
  const view: OwnershipView = {
    key: "192.168.1.240",
    members: ["node-a", "node-b", "node-c"],
    nodes: ["node-a", "node-b", "node-c"].map((name) => ({
      name,
      networkUnavailable: false,
      excluded: false,
    })),
    advertisements: [{
      names: ["l2"],
      nodes: new Set(["node-a", "node-b", "node-c"]),
      interfaces: [],
      selectsServices: false,
      preference: new Map(),
    }],
    servingEndpoints: ["node-b"],
    trafficPolicy: "Cluster",
    sharesAddress: false,
    ...fields,
  };
  const parts = [{ ips: [IP], pool: "p", decision: decide(view) }];
  return { kind: "decided", parts } as const;
}

Deno.test(
  "serviceStatus() shows the owner, who is next, and who is not",
  NO_PERMISSIONS,
  () => {
    const status = serviceStatus(
      "default/web",
      decided({ members: ["node-a", "node-c"] }),
    );
    assertEquals({ ...status, order: status.order.map(({ node }) => node) }, {
      service: "default/web",
      ips: ["192.168.1.240"],
      pool: "p",
      owner: "node-a",
      standbys: ["node-c"],
      refusal: null,
      order: ["node-a", "node-c"],
      excluded: [{ node: "node-b", exclusions: ["notMember"] }],
    });
  },
);

Deno.test(
  "serviceStatus() says why nobody owns a Service",
  NO_PERMISSIONS,
  () => {
    const of = (fields: Partial<OwnershipView>) => {
      const { owner, refusal, excluded } = serviceStatus("s", decided(fields));
      return [owner, refusal, excluded.length];
    };
    assertEquals(of({ servingEndpoints: [] }), [null, "noServingEndpoint", 3]);
    assertEquals(of({ members: [] }), [null, "noCandidate", 3]);
  },
);

Deno.test(
  "serviceStatus() shows a refused Service without candidates",
  NO_PERMISSIONS,
  () => {
    assertEquals(
      serviceStatus("default/web", { kind: "refused", reason: "otherClass" }),
      {
        service: "default/web",
        ips: [],
        pool: null,
        owner: null,
        standbys: [],
        refusal: "otherClass",
        order: [],
        excluded: [],
      },
    );
  },
);

Deno.test(
  "interfaceStatus() shows what an interface answers, or why it does not",
  NO_PERMISSIONS,
  () => {
    const link = {
      index: 2,
      name: "eth0",
      mac: new Uint8Array([2, 0, 0, 0, 0, 1]),
      up: true,
      running: true,
      lowerUp: true,
      broadcast: true,
      loopback: false,
      noArp: false,
    };
    assertEquals(
      interfaceStatus({
        kind: "skip",
        reason: "excluded",
        link: { ...link, mac: null },
      }),
      { name: "eth0", mac: null, arp: false, ndp: false, skipped: "excluded" },
    );
    assertEquals(
      interfaceStatus({
        kind: "use",
        link,
        mac: link.mac,
        arp: true,
        ndp: false,
      }),
      {
        name: "eth0",
        mac: "02:00:00:00:00:01",
        arp: true,
        ndp: false,
        skipped: null,
      },
    );
  },
);

Deno.test("problemLines() names the field", NO_PERMISSIONS, () => {
  const [line = ""] = problemLines([{
    path: "IPAddressPool/p spec.addresses[0]",
    message: "is no prefix",
  }]);
  assertEquals(line.includes("IPAddressPool/p spec.addresses[0]"), true);
  assertEquals(line.includes("is no prefix"), true);
});
