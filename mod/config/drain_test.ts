import { assertEquals } from "@std/assert";
import type { Node } from "../kube/mod.ts";
import { DRAIN_ANNOTATION, isDraining, resolveConfig } from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

/** A node whose annotation has a value; "none" = without the annotation. */
function nodeWith(value: string): Node {
  const annotations = value === "none" ? {} : { [DRAIN_ANNOTATION]: value };
  return { metadata: { name: "node-a", annotations } };
}

const UNCLEAR = (value: string): string =>
  `Node/node-a metadata.annotations["herald-lb.io/drain"]: The annotation takes "true" or "false", not "${value}": the node does not drain`;

Deno.test.each([
  { value: "none", drains: false, warnings: [] },
  { value: "true", drains: true, warnings: [] },
  { value: "false", drains: false, warnings: [] },
  ...["", "True", "yes", "1", " true"].map((value) => ({
    value,
    drains: false,
    warnings: [UNCLEAR(value)],
  })),
])(
  "a Node with the drain annotation '$value' drains: $drains",
  NO_PERMISSIONS,
  ({ value, drains, warnings }) => {
    const node = nodeWith(value);
    assertEquals(isDraining(node), drains);
    const { valid, problems } = resolveConfig({
      pools: [],
      l2Advertisements: [],
      nodes: [node],
      namespaces: [],
    });
    assertEquals(valid, true);
    assertEquals(
      problems.map(({ path, message }) => `${path}: ${message}`),
      warnings,
    );
    assertEquals(
      problems.every(({ severity, transient }) =>
        severity === "warning" && !transient
      ),
      true,
    );
  },
);
