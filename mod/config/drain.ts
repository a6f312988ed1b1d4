/** What Nodes say about draining: who does, and what means nothing. */
import type { KubeObject, Node } from "../kube/mod.ts";
import { DRAIN_ANNOTATION } from "./annotations.ts";
import { type Problem, ResourceProblems } from "./problem.ts";

/** Whether a Node drains, or is to. */
export function isDraining({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[DRAIN_ANNOTATION] === "true";
}

/**
 * Warnings about Nodes whose annotation is neither `"true"` nor `"false"`:
 * whoever set it believes that the node drains.
 */
export function findUnclearDrains(nodes: readonly Node[]): readonly Problem[] {
  return nodes.flatMap(({ metadata: { name, annotations = {} } }) => {
    const value = annotations[DRAIN_ANNOTATION] ?? "false";
    const problems = new ResourceProblems("Node", name);
    if (value !== "true" && value !== "false") {
      problems.advice({
        class: "drainInvalid",
        field: `metadata.annotations["${DRAIN_ANNOTATION}"]`,
        message:
          `The annotation takes "true" or "false", not "${value}": the node does not drain`,
      });
    }
    return problems.all;
  });
}
