import { assertEquals, assertThrows } from "@std/assert";
import {
  FAILBACK_ANNOTATION,
  mostReluctant,
  ownershipView,
  parseFailback,
  resolveConfig,
  type ResolvedConfig,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

Deno.test.each([
  { text: "immediate", delay: 0 },
  { text: "0", delay: 0 },
  { text: "90", delay: 90_000 },
  { text: "0.5", delay: 500 },
  { text: "never", delay: Infinity },
])("parseFailback() reads $text as $delay ms", NO_PERMISSIONS, (row) => {
  assertEquals(parseFailback(row.text), row.delay);
});

Deno.test.each([
  { text: "" },
  { text: "Never" },
  { text: "-1" },
  { text: "10s" },
  { text: "1e3" },
  { text: "1234567" },
])("parseFailback() refuses '$text'", NO_PERMISSIONS, ({ text }) => {
  assertThrows(() => parseFailback(text), TypeError, `not "${text}"`);
});

Deno.test.each([
  { delays: [], most: undefined },
  { delays: [undefined, undefined], most: undefined },
  { delays: [undefined, 0], most: 0 },
  { delays: [0, 60_000, undefined], most: 60_000 },
  { delays: [60_000, Infinity, 0], most: Infinity },
])("mostReluctant() of $delays is $most", NO_PERMISSIONS, (row) => {
  assertEquals(mostReluctant(row.delays), row.most);
});

/** A pool with an advertisement for each policy; "" = without the annotation. */
function resolved(policies: readonly string[]): ResolvedConfig {
  return resolveConfig({
    pools: [{
      metadata: { name: "p" },
      spec: { addresses: ["192.0.2.0/24"] },
    }],
    l2Advertisements: policies.map((policy, index) => ({
      metadata: {
        name: `l2-${index}`,
        ...policy === ""
          ? {}
          : { annotations: { [FAILBACK_ANNOTATION]: policy } },
      },
      spec: {},
    })),
    nodes: [],
    namespaces: [],
  });
}

Deno.test.each([
  { policies: [""], delay: undefined },
  { policies: ["30"], delay: 30_000 },
  { policies: ["", "immediate"], delay: 0 },
  { policies: ["immediate", "30"], delay: 30_000 },
  { policies: ["30", "never", ""], delay: Infinity },
  { policies: ["soon"], delay: undefined },
  { policies: ["soon", "5"], delay: 5000 },
])(
  "ownershipView() takes the most reluctant of $policies: $delay",
  NO_PERMISSIONS,
  ({ policies, delay }) => {
    const result = ownershipView(resolved(policies).config, {
      service: {
        metadata: { name: "web", namespace: "default" },
        spec: { type: "LoadBalancer" },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
      },
      endpointSlices: [],
      nodes: [],
      members: [],
    });
    assertEquals(
      result.kind === "views" && result.parts.map((part) => part.failbackDelay),
      [delay],
    );
  },
);

Deno.test(
  "resolveConfig() warns about a policy that means nothing, and goes on",
  NO_PERMISSIONS,
  () => {
    const { valid, problems, config } = resolved(["soon", ""]);
    assertEquals(valid, true);
    assertEquals(
      problems.map(({ severity, transient, path, message }) => ({
        severity,
        transient,
        path,
        message,
      })),
      [{
        severity: "warning",
        transient: false,
        path:
          'L2Advertisement/l2-0 metadata.annotations["herald-lb.io/failback"]',
        message:
          'The annotation takes immediate, never, or a number of seconds, not "soon": the speakers\' flag counts',
      }],
    );
    assertEquals(config.pools.get("p")?.l2Advertisements.length, 1);
  },
);

Deno.test(
  "resolveConfig() keeps advertisements with different policies apart",
  NO_PERMISSIONS,
  () => {
    const { config } = resolved(["30", "30", "never"]);
    assertEquals(
      config.pools.get("p")?.l2Advertisements.map((
        { names, failbackDelay },
      ) => [
        names,
        failbackDelay,
      ]),
      [[["l2-0", "l2-1"], 30_000], [["l2-2"], Infinity]],
    );
  },
);
