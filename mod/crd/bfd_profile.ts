/** `BFDProfile` of `metallb.io/v1beta1`. */
import type { KindDefinition } from "./kind.ts";
import { boolean, object, unsigned } from "./schema.ts";

/** `BFDProfile.spec`: what is absent is left to the implementation. */
export interface BfdProfileSpec {
  /** Desired minimum interval between received packets, in ms; 10 to 60,000. */
  readonly receiveInterval?: number;
  /** Minimum interval between sent packets, in ms; 10 to 60,000. */
  readonly transmitInterval?: number;
  /** Packets that may be lost in a row; 2 to 255. */
  readonly detectMultiplier?: number;
  /** Interval of echo packets, in ms; 10 to 60,000. */
  readonly echoInterval?: number;
  /** Whether echo packets are sent. */
  readonly echoMode: boolean;
  /** Whether the other side has to begin. */
  readonly passiveMode: boolean;
  /** Lowest TTL of received packets of multi-hop sessions; 1 to 254. */
  readonly minimumTtl?: number;
}

const interval = unsigned(32, {
  format: "int32",
  minimum: 10,
  maximum: 60_000,
});

/** The kind `BFDProfile`. */
export const BFD_PROFILE: KindDefinition<BfdProfileSpec> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "BFDProfile",
  plural: "bfdprofiles",
  singular: "bfdprofile",
  description:
    "Settings of the BFD session (RFC 5880) that goes with a BGP session.",
  specDescription: "Intervals and modes.",
  specPresence: "optional",
  spec: object<BfdProfileSpec>({
    receiveInterval: {
      schema: interval,
      description:
        "Shortest interval between received packets that this side can take, in milliseconds.",
      optional: true,
    },
    transmitInterval: {
      schema: interval,
      description:
        "Shortest interval between packets that this side wants to send, in milliseconds.",
      optional: true,
    },
    detectMultiplier: {
      schema: unsigned(32, { format: "int32", minimum: 2, maximum: 255 }),
      description:
        "Number of packets lost in a row after which the session is down.",
      optional: true,
    },
    echoInterval: {
      schema: interval,
      description:
        "Shortest interval between received echo packets that this side can take, in milliseconds.",
      optional: true,
    },
    echoMode: {
      schema: boolean,
      description:
        "Whether echo packets are sent; not on sessions of several hops.",
    },
    passiveMode: {
      schema: boolean,
      description: "Whether this side waits until the other one begins.",
    },
    minimumTtl: {
      schema: unsigned(32, { format: "int32", minimum: 1, maximum: 254 }),
      description:
        "Lowest TTL of received packets, for sessions of several hops.",
      optional: true,
    },
  }),
  statusDescription: "Nothing yet.",
  status: object<Record<never, never>>({}),
  columns: [
    {
      name: "Passive Mode",
      type: "boolean",
      description: "Waits until the other side begins.",
      jsonPath: ".spec.passiveMode",
    },
    {
      name: "Transmit Interval",
      type: "integer",
      description: "Between sent packets, in milliseconds.",
      jsonPath: ".spec.transmitInterval",
    },
    {
      name: "Receive Interval",
      type: "integer",
      description: "Between received packets, in milliseconds.",
      jsonPath: ".spec.receiveInterval",
    },
    {
      name: "Multiplier",
      type: "integer",
      description: "Packets lost in a row that end the session.",
      jsonPath: ".spec.detectMultiplier",
    },
  ],
};
