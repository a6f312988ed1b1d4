/** `metav1.LabelSelector` as a field of other resources. */
import { list, object, type Schema, text, textMap } from "./schema.ts";

/** `metav1.LabelSelectorRequirement`. */
export interface LabelSelectorRequirement {
  /** Label key. */
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`; anything else is refused later. */
  readonly operator: string;
  /** Values for `In` and `NotIn`. */
  readonly values: readonly string[];
}

/** `metav1.LabelSelector`: all requirements must hold; empty matches everything. */
export interface LabelSelector {
  /** Labels that must be there with exactly this value. */
  readonly matchLabels: Readonly<Record<string, string>>;
  /** Further requirements. */
  readonly matchExpressions: readonly LabelSelectorRequirement[];
}

const requirement = object<LabelSelectorRequirement>({
  key: { schema: text, description: "Label key.", required: true },
  operator: {
    schema: text,
    description: "In, NotIn, Exists or DoesNotExist.",
    required: true,
  },
  values: {
    schema: list(text, { "x-kubernetes-list-type": "atomic" }),
    description:
      "Values for In and NotIn (at least one); empty for the other operators.",
  },
});

/** Schema of a label selector. */
export const labelSelector: Schema<LabelSelector> = object<LabelSelector>({
  matchLabels: {
    schema: textMap,
    description: "Labels that must be present with exactly these values.",
  },
  matchExpressions: {
    schema: list(requirement, { "x-kubernetes-list-type": "atomic" }),
    description: "Requirements, all of which must hold.",
  },
}, { "x-kubernetes-map-type": "atomic" });
