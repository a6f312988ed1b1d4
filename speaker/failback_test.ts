/** From the annotation of an advertisement to what the packet worker is told. */
import { nodeId } from "../mod/ownership/mod.ts";
import { assertEquals } from "@std/assert";
import {
  FAILBACK_ANNOTATION,
  resolveConfig,
  TWO_POOLS_ANNOTATION,
} from "../mod/config/mod.ts";
import type { Service } from "../mod/kube/mod.ts";
import { Decisions } from "./decisions.ts";
import { watchedGroups } from "./watched_groups.ts";

const options = { permissions: "none" } as const;
/** What the speakers' flag says, in ms. */
const FLAG = 1000;
const NODES = ["node-a", "node-b"].map((name) => ({ metadata: { name } }));

function service(name: string, ip: string): Service {
  return {
    metadata: {
      name,
      namespace: "default",
    },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: [{ ip }] } },
  };
}

/** The policy of each group, by its key, with advertisements for two pools. */
function policies(
  near: string | undefined,
  far: string | undefined,
  services: readonly Service[],
): Record<string, number> {
  const advertise = (pool: string, policy: string | undefined) => ({
    metadata: {
      name: pool,
      ...policy === undefined
        ? {}
        : { annotations: { [FAILBACK_ANNOTATION]: policy } },
    },
    spec: { ipAddressPools: [pool] },
  });
  const { config } = resolveConfig({
    pools: [
      { metadata: { name: "near" }, spec: { addresses: ["192.0.2.0/24"] } },
      {
        metadata: { name: "far" },
        spec: { addresses: ["198.51.100.0/24", "2001:db8::/64"] },
      },
    ],
    l2Advertisements: [advertise("near", near), advertise("far", far)],
    nodes: NODES,
    namespaces: [],
  });
  const decisions = new Decisions();
  decisions.update({
    node: "node-a",
    config,
    services: new Map(
      services.map((each) => [`default/${each.metadata.name}`, each]),
    ),
    slicesOf: () => [{
      metadata: { name: "s", namespace: "default" },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"], nodeName: "node-a" }],
    }],
    nodes: NODES,
    members: ["node-a", "node-b"],
    claims: { known: ["node-a", "node-b"], idOf: nodeId, owns: () => false },
    classes: { loadBalancerClass: "", alsoWithoutClass: false },
    ignoreExcludeLB: false,
  }, "all");
  const keys = new Map<number, string>();
  for (const { watched } of decisions.all.values()) {
    for (const { group, key } of watched) keys.set(group, key);
  }
  const { groups } = watchedGroups(
    "node-a",
    decisions.all.values(),
    () => ({ isNew: false, failbackDelay: FLAG }),
  );
  return Object.fromEntries(
    groups.map(({ id, failbackDelay }) => [keys.get(id) ?? "", failbackDelay]),
  );
}

const web = service("web", "192.0.2.1");
const shop = service("shop", "198.51.100.1");

Deno.test.each([
  { near: undefined, far: undefined, web: FLAG, shop: FLAG },
  { near: "never", far: undefined, web: Infinity, shop: FLAG },
  { near: "immediate", far: "60", web: 0, shop: 60_000 },
  { near: "later", far: "60", web: FLAG, shop: 60_000 },
])(
  "an advertisement's policy $near counts for its groups alone",
  options,
  (row) => {
    assertEquals(policies(row.near, row.far, [web, shop]), {
      "192.0.2.1": row.web,
      "198.51.100.1": row.shop,
    });
  },
);

Deno.test(
  "where a group's families come from two pools the most reluctant policy counts",
  options,
  () => {
    const both: Service = {
      ...web,
      metadata: {
        ...web.metadata,
        annotations: { [TWO_POOLS_ANNOTATION]: "true" },
      },
      status: {
        loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }] },
      },
    };
    assertEquals(policies("90", "never", [both]), { "192.0.2.1": Infinity });
    assertEquals(policies("90", "60", [both]), { "192.0.2.1": 90_000 });
    assertEquals(policies(undefined, "60", [both]), { "192.0.2.1": 60_000 });
  },
);
