/** A change that breaks each rule in the Common Expression Language. */

/** A change of a stored object that breaks one rule. */
export interface CelRow {
  /** Kind, version and path of the rule. */
  readonly place: string;
  /** A part of the expression, where a field has several. */
  readonly about: string;
  /** Path of the stored object, below the kind's version. */
  readonly object: string;
  /** What is merged into it. */
  readonly change: Readonly<Record<string, unknown>>;
  /** What the API server says. */
  readonly says: readonly string[];
}

const IMMUTABLE = "self == oldSelf";

function connectTime(about: string, connectTime: string): CelRow {
  return {
    place: "BGPPeer v1beta2 spec.connectTime",
    about,
    object: "v1beta2 bgppeers/router-a",
    change: { spec: { connectTime } },
    says: ["spec.connectTime", connectTime],
  };
}

function fixed(
  kind: "ServiceL2Status" | "ServiceBGPStatus",
  plural: string,
): readonly CelRow[] {
  return ["node", "serviceName", "serviceNamespace"].map((field) => ({
    place: `${kind} v1beta1 status.${field}`,
    about: IMMUTABLE,
    object: `v1beta1 ${plural}/sample/status`,
    change: { status: { [field]: "another" } },
    says: [`status.${field}`, "another", "cannot be changed"],
  }));
}

/** A row for each rule. */
export const CEL_ROWS: readonly CelRow[] = [
  {
    place: "BGPAdvertisement v1beta1 spec",
    about: "aggregationLengthV6 == 128",
    object: "v1beta1 bgpadvertisements/routes",
    change: {
      spec: {
        aggregationLengthV6: 120,
        serviceSelectors: [{ matchLabels: { a: "b" } }],
      },
    },
    says: ["spec: Invalid value", "aggregationLengthV6 128"],
  },
  connectTime("getSeconds", "18h13m"),
  connectTime("getMilliseconds", "1500ms"),
  {
    place: "BGPPeer v1beta2 spec.enableGracefulRestart",
    about: IMMUTABLE,
    object: "v1beta2 bgppeers/router-a",
    change: { spec: { enableGracefulRestart: true } },
    says: ["spec.enableGracefulRestart", "cannot be changed"],
  },
  ...fixed("ServiceL2Status", "servicel2statuses"),
  ...fixed("ServiceBGPStatus", "servicebgpstatuses"),
];
