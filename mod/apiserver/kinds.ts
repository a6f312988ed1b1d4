/** The kinds that the server knows, as a table. */

/** One kind of object and the rules of its endpoint. */
export interface Kind {
  /** API group, `""` for the core group. */
  readonly group: string;
  /** Version of the group, for example `"v1beta1"`. */
  readonly version: string;
  /** The `kind` of its objects, for example `"Service"`. */
  readonly kind: string;
  /** Its word in paths, for example `"services"`. */
  readonly plural: string;
  /** Abbreviations that kubectl takes. */
  readonly shortNames: readonly string[];
  /** Words for several kinds at once, such as `"all"`. */
  readonly categories: readonly string[];
  /** Whether its objects live in namespaces. */
  readonly namespaced: boolean;
  /** Has a `/status` endpoint; the main one then ignores status on updates. */
  readonly status: boolean;
  /** Whether a status given at creation stays. */
  readonly keepsStatusOnCreate: boolean;
  /** Defined by a CustomResourceDefinition, not built in. */
  readonly custom: boolean;
  /** Counts changes of the specification in `metadata.generation`. */
  readonly counted: boolean;
  /** An update of a missing object creates it. */
  readonly createOnUpdate: boolean;
  /** An update may leave `metadata.resourceVersion` out. */
  readonly unconditionalUpdate: boolean;
  /** Delete answers the object instead of a `metav1.Status`. */
  readonly returnsDeleted: boolean;
  /** Field selectors besides `metadata.name` and `metadata.namespace`. */
  readonly fieldSelectors: readonly string[];
}

/** What every row shares unless it says otherwise: a namespaced, built-in kind. */
const BUILT_IN = {
  shortNames: [],
  categories: [],
  namespaced: true,
  status: false,
  keepsStatusOnCreate: true,
  custom: false,
  counted: false,
  createOnUpdate: false,
  unconditionalUpdate: true,
  returnsDeleted: false,
  fieldSelectors: [],
} as const;

/** What a kind of a CustomResourceDefinition with a status subresource looks like. */
export function customKind(
  fields: Pick<Kind, "group" | "version" | "kind" | "plural"> & Partial<Kind>,
): Kind {
  return {
    ...BUILT_IN,
    status: true,
    keepsStatusOnCreate: false,
    custom: true,
    counted: true,
    unconditionalUpdate: false,
    ...fields,
  };
}

const CORE = { ...BUILT_IN, group: "", version: "v1" } as const;

const INVOLVED = [
  "involvedObject.kind",
  "involvedObject.namespace",
  "involvedObject.name",
  "involvedObject.uid",
  "involvedObject.apiVersion",
  "involvedObject.resourceVersion",
  "involvedObject.fieldPath",
];

const BUILT_IN_KINDS: readonly Kind[] = [
  {
    ...CORE,
    kind: "Service",
    plural: "services",
    shortNames: ["svc"],
    categories: ["all"],
    status: true,
    keepsStatusOnCreate: false,
    createOnUpdate: true,
    returnsDeleted: true,
    fieldSelectors: ["spec.clusterIP", "spec.type"],
  },
  {
    ...CORE,
    kind: "Node",
    plural: "nodes",
    shortNames: ["no"],
    namespaced: false,
    status: true,
    fieldSelectors: ["spec.unschedulable"],
  },
  {
    ...CORE,
    kind: "Namespace",
    plural: "namespaces",
    shortNames: ["ns"],
    namespaced: false,
    status: true,
    fieldSelectors: ["status.phase"],
  },
  {
    ...CORE,
    kind: "Pod",
    plural: "pods",
    shortNames: ["po"],
    categories: ["all"],
    status: true,
    returnsDeleted: true,
    fieldSelectors: ["spec.nodeName", "status.phase", "status.podIP"],
  },
  {
    ...CORE,
    kind: "Endpoints",
    plural: "endpoints",
    shortNames: ["ep"],
    createOnUpdate: true,
  },
  {
    ...CORE,
    kind: "Event",
    plural: "events",
    shortNames: ["ev"],
    createOnUpdate: true,
    fieldSelectors: [
      ...INVOLVED,
      "reason",
      "reportingComponent",
      "source",
      "type",
    ],
  },
  {
    ...BUILT_IN,
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    counted: true,
  },
  {
    ...BUILT_IN,
    group: "coordination.k8s.io",
    version: "v1",
    kind: "Lease",
    plural: "leases",
    createOnUpdate: true,
    unconditionalUpdate: false,
  },
];

/** Kind and plural of the `metallb.io` resources, by version. */
const METALLB: Readonly<Record<string, readonly (readonly string[])[]>> = {
  v1beta1: [
    ["IPAddressPool", "ipaddresspools"],
    ["L2Advertisement", "l2advertisements"],
    ["BGPAdvertisement", "bgpadvertisements"],
    ["BFDProfile", "bfdprofiles"],
    ["Community", "communities"],
    ["ServiceL2Status", "servicel2statuses"],
    ["ServiceBGPStatus", "servicebgpstatuses"],
    ["ConfigurationState", "configurationstates"],
  ],
  v1beta2: [["BGPPeer", "bgppeers"]],
};

const METALLB_KINDS: readonly Kind[] = Object.entries(METALLB).flatMap(
  ([version, rows]) =>
    rows.map(([kind = "", plural = ""]) =>
      customKind({ group: "metallb.io", version, kind, plural })
    ),
);

/** The kinds that a server has without being told. */
export const KINDS: readonly Kind[] = [...BUILT_IN_KINDS, ...METALLB_KINDS];

/** `apiVersion` of a kind: `"v1"` or `"GROUP/VERSION"`. */
export function apiVersionOf(kind: Kind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** How messages name a kind's collection: `"services"`, `"leases.coordination.k8s.io"`. */
export function qualifiedPlural(kind: Kind): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** How validation messages name a kind: `"Service"`, `"Lease.coordination.k8s.io"`. */
export function qualifiedKind(kind: Kind): string {
  return kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** Finds a kind by where it is served. */
export function findKind(
  kinds: readonly Kind[],
  where: Pick<Kind, "group" | "version" | "plural">,
): Kind | undefined {
  return kinds.find((kind) =>
    kind.group === where.group && kind.version === where.version &&
    kind.plural === where.plural
  );
}
