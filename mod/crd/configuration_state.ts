/** `ConfigurationState` of `metallb.io/v1beta1`: is the configuration in force? */
import type { KindDefinition } from "./kind.ts";
import { integer, list, object, text, withKeywords } from "./schema.ts";

/** `metav1.Condition`. */
export interface Condition {
  /** What it is about; one condition per type. */
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  /** One word in CamelCase. */
  readonly reason: string;
  /** For people; may be empty. */
  readonly message: string;
  /** RFC 3339, seconds. */
  readonly lastTransitionTime: string;
  /** Generation of the object that was looked at. */
  readonly observedGeneration?: number;
}

/** `ConfigurationState.status`. */
export interface ConfigurationStateStatus {
  /** `Valid`, `Invalid` or `Unknown`. */
  readonly result: string;
  /** What is wrong; empty when the result is `Valid`. */
  readonly errorSummary: string;
  /** One for each part of the component that reads the configuration. */
  readonly conditions: readonly Condition[];
}

const DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const CONDITION_TYPE =
  `^(${DNS_LABEL}(\\.${DNS_LABEL})*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`;
const REASON = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";

const condition = object<Condition>({
  type: {
    schema: withKeywords(text, { maxLength: 316, pattern: CONDITION_TYPE }),
    description: "What the condition is about.",
    required: true,
  },
  status: {
    schema: withKeywords(text, { enum: ["True", "False", "Unknown"] }),
    description: "Whether it holds.",
    required: true,
  },
  reason: {
    schema: withKeywords(text, {
      maxLength: 1024,
      minLength: 1,
      pattern: REASON,
    }),
    description: "Why, as one word for programs.",
    required: true,
  },
  message: {
    schema: withKeywords(text, { maxLength: 32_768 }),
    description: "Why, in words for people; may be empty.",
    required: true,
  },
  lastTransitionTime: {
    schema: withKeywords(text, { format: "date-time" }),
    description: "When the component last looked at its configuration.",
    required: true,
  },
  observedGeneration: {
    schema: integer({ format: "int64", minimum: 0 }),
    description: "Generation of the object that was looked at.",
    optional: true,
  },
});

/** The kind `ConfigurationState`. */
export const CONFIGURATION_STATE: KindDefinition<
  Record<never, never>,
  ConfigurationStateStatus
> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "ConfigurationState",
  plural: "configurationstates",
  singular: "configurationstate",
  description:
    "Whether a component could use the configuration it last saw. The labels metallb.io/component-type and metallb.io/node-name say which component.",
  specDescription: "There is none.",
  specPresence: "none",
  spec: object<Record<never, never>>({}),
  statusDescription: "The verdict, written by the component.",
  status: object<ConfigurationStateStatus>({
    result: {
      schema: withKeywords(text, { enum: ["Valid", "Invalid", "Unknown"] }),
      description: "The verdict.",
    },
    errorSummary: {
      schema: text,
      description: "What is wrong; empty when the result is Valid.",
    },
    conditions: {
      schema: list(condition, {
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
      }),
      description: "The verdict of each part of the component.",
    },
  }),
  columns: [
    {
      name: "Result",
      type: "string",
      description: "The verdict.",
      jsonPath: ".status.result",
    },
    {
      name: "ErrorSummary",
      type: "string",
      description: "What is wrong.",
      jsonPath: ".status.errorSummary",
    },
    {
      name: "Age",
      type: "date",
      description: "Time since the object was made.",
      jsonPath: ".metadata.creationTimestamp",
    },
  ],
};
