import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeResource,
  decodeStatus,
  IP_ADDRESS_POOL,
  type IpAddressPoolSpec,
  KINDS,
  L2_ADVERTISEMENT,
  SERVICE_L2_STATUS,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const minimal: IpAddressPoolSpec = {
  addresses: ["192.0.2.0/24"],
  autoAssign: true,
  avoidBuggyIPs: false,
};

Deno.test(
  "decodeResource() fills in defaults and zero values",
  NO_PERMISSIONS,
  () => {
    const pool = decodeResource(IP_ADDRESS_POOL, {
      metadata: { name: "p" },
      spec: { addresses: ["192.0.2.0/24"], autoAssign: null },
    });
    assertEquals(pool, {
      metadata: { name: "p", labels: {}, annotations: {} },
      spec: minimal,
      problems: [],
    });
    const advertisement = decodeResource(L2_ADVERTISEMENT, {
      metadata: { name: "l2", labels: { a: "b" } },
      spec: { preferredNodeSelectors: [{}] },
    });
    assertEquals(advertisement.spec.preferredNodeSelectors, [{
      weight: 0,
      preference: { matchLabels: {}, matchExpressions: [] },
    }]);
    assertEquals(advertisement.spec.interfaces, []);
    assertEquals(advertisement.metadata.labels, { a: "b" });
  },
);

Deno.test("decodeResource() reads every field", NO_PERMISSIONS, () => {
  const spec = {
    addresses: ["192.0.2.1-192.0.2.9", "2001:db8::/120"],
    autoAssign: false,
    avoidBuggyIPs: true,
    serviceAllocation: {
      priority: -3,
      namespaces: ["a"],
      namespaceSelectors: [{
        matchLabels: { x: "y" },
        matchExpressions: [{ key: "k", operator: "In", values: ["v"] }],
      }],
      serviceSelectors: [{
        matchLabels: {},
        matchExpressions: [{ key: "k", operator: "Exists", values: [] }],
      }],
    },
  };
  const { spec: decoded, problems } = decodeResource(IP_ADDRESS_POOL, {
    metadata: { name: "p" },
    spec,
  });
  assertEquals(decoded, spec);
  assertEquals(problems, []);
});

Deno.test("decodeResource() tolerates unknown fields", NO_PERMISSIONS, () => {
  const { spec, problems } = decodeResource(IP_ADDRESS_POOL, {
    metadata: { name: "p", managedFields: [] },
    spec: { addresses: ["192.0.2.0/24"], protocol: "layer2" },
    extra: 1,
  });
  assertEquals(spec, minimal);
  assertEquals(problems, []);
});

const wrongTypes: readonly {
  name: string;
  raw: unknown;
  paths: readonly string[];
}[] = [
  { name: "a list for the object", raw: [], paths: [""] },
  { name: "text for the spec", raw: { spec: "x" }, paths: ["spec"] },
  {
    name: "text for the metadata",
    raw: { metadata: "x" },
    paths: ["metadata"],
  },
  {
    name: "text for the addresses",
    raw: { spec: { addresses: "192.0.2.0/24" } },
    paths: ["spec.addresses"],
  },
  {
    name: "a number as the second address",
    raw: { spec: { addresses: ["192.0.2.0/24", 7] } },
    paths: ["spec.addresses[1]"],
  },
  {
    name: "text for a boolean and a fraction for a number",
    raw: {
      spec: { autoAssign: "yes", serviceAllocation: { priority: 1.5 } },
    },
    paths: ["spec.autoAssign", "spec.serviceAllocation.priority"],
  },
  {
    name: "a number too great to be exact",
    raw: { spec: { serviceAllocation: { priority: 2 ** 53 } } },
    paths: ["spec.serviceAllocation.priority"],
  },
  {
    name: "a number as the value of a label",
    raw: { metadata: { labels: { "a.b/c": 1 } } },
    paths: ['metadata.labels["a.b/c"]'],
  },
  {
    name: "a list for a selector",
    raw: { spec: { serviceAllocation: { serviceSelectors: [[]] } } },
    paths: ["spec.serviceAllocation.serviceSelectors[0]"],
  },
];

for (const { name, raw, paths } of wrongTypes) {
  Deno.test(
    `decodeResource() names the field when it finds ${name}`,
    NO_PERMISSIONS,
    () => {
      const { problems } = decodeResource(IP_ADDRESS_POOL, raw);
      assertEquals(problems.map((problem) => problem.path), paths);
      for (const { message } of problems) {
        assert(message.startsWith("Cannot read "));
      }
    },
  );
}

Deno.test(
  "decodeResource() keeps a label named __proto__ as a label",
  NO_PERMISSIONS,
  () => {
    const { metadata } = decodeResource(
      IP_ADDRESS_POOL,
      JSON.parse('{"metadata":{"name":"p","labels":{"__proto__":"x"}}}'),
    );
    assertEquals(Object.entries(metadata.labels), [["__proto__", "x"]]);
    assertEquals(Object.getPrototypeOf(metadata.labels), Object.prototype);
  },
);

Deno.test(
  "decodeResource() never throws and always gives a complete spec",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue() }, {
        requiredKeys: [],
      }),
      (raw) => {
        for (const { definition } of KINDS) {
          const { spec, metadata } = decodeResource(definition, raw);
          const empty = decodeResource(definition, {}).spec;
          assert(isRecord(spec) && isRecord(empty));
          for (const key of Object.keys(empty)) {
            assert(Object.hasOwn(spec, key));
          }
          assertEquals(typeof metadata.name, "string");
        }
      },
    ));
  },
);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

Deno.test("decodeStatus() reads what a speaker wrote", NO_PERMISSIONS, () => {
  const status = {
    node: "n1",
    serviceName: "web",
    serviceNamespace: "default",
    interfaces: [{ name: "eth0" }],
  };
  assertEquals(
    decodeStatus(SERVICE_L2_STATUS, { metadata: { name: "l2-x" }, status }),
    {
      metadata: { name: "l2-x", labels: {}, annotations: {} },
      status,
      problems: [],
    },
  );
  const { status: empty, problems } = decodeStatus(SERVICE_L2_STATUS, {
    status: { node: 1 },
  });
  assertEquals(empty, {
    node: "",
    serviceName: "",
    serviceNamespace: "",
    interfaces: [],
  });
  assertEquals(problems.map(({ path }) => path), ["status.node"]);
});

Deno.test("KINDS holds every kind of the group once", NO_PERMISSIONS, () => {
  assertEquals(
    KINDS.map(({ definition }) => definition.kind).sort(),
    [
      "BFDProfile",
      "BGPAdvertisement",
      "BGPPeer",
      "Community",
      "ConfigurationState",
      "IPAddressPool",
      "L2Advertisement",
      "ServiceBGPStatus",
      "ServiceL2Status",
    ],
  );
});
