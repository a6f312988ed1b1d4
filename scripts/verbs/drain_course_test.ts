import { assertEquals } from "@std/assert";
import type { L2StatusRecord } from "../../mod/report/mod.ts";
import { handedOver } from "./drain_course.ts";

function record(node: string, ips: string): L2StatusRecord {
  return {
    metadata: { name: `l2-${node}`, namespace: "metallb-system" },
    service: "default/web",
    node,
    ips,
    interfaces: [],
    since: `2026-01-01T00:00:0${node === "c" ? 1 : 0}Z`,
    pod: "",
    state: "sound",
  };
}

const BOTH = "192.0.2.1,2001:db8::1";

/** What the node announced, what others say now, what the Service has, and what became of it. */
Deno.test.each(
  [
    [BOTH, [["b", BOTH]], undefined, "moved to b"],
    [BOTH, [["b", "192.0.2.1"], ["c", "2001:db8::1"]], undefined, "moved to c"],
    [BOTH, [["b", "192.0.2.1"]], undefined, "unanswered 2001:db8::1"],
    [BOTH, [["b", "192.0.2.1"]], BOTH, "unanswered 2001:db8::1"],
    [BOTH, [["b", "192.0.2.1"]], "192.0.2.1", "moved to b"],
    [BOTH, [["a", "192.0.2.1"], ["b", BOTH]], undefined, `kept ${BOTH}`],
    [BOTH, [], BOTH, `unanswered ${BOTH}`],
    [BOTH, [], "", `gone ${BOTH}`],
    // MetalLB's speakers do not say which addresses they announce.
    [BOTH, [["b", ""]], BOTH, "moved to b"],
    ["", [["b", "192.0.2.1"]], undefined, "moved to b"],
    ["", [], "192.0.2.1", "unanswered 192.0.2.1"],
  ] as const,
)(
  "handedOver() of %s with %j, the Service having %s: %s",
  { permissions: "none" },
  (announced, others, served, expected) => {
    const [handed] = handedOver({
      node: "a",
      announced: new Map([["default/web", announced]]),
      records: others.map(([node, ips]) => record(node, ips)),
      ...served === undefined ? {} : {
        served: new Map([[
          "default/web",
          served === "" ? [] : served.split(","),
        ]]),
      },
    });
    const { state, to, ips } = handed ?? {};
    assertEquals(
      state === "moved" ? `moved to ${to}` : `${state} ${ips}`,
      expected,
    );
  },
);
