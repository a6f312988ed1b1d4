/**
 * `ServiceL2Status`: which node answers for a Service on the local network. The
 * rules are MetalLB's; what its schema has no field for is in annotations.
 */
import {
  IPS_ANNOTATION,
  SERVICE_L2_STATUSES,
  SINCE_ANNOTATION,
} from "../config/mod.ts";
import {
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  projectMetadata,
  type Raw,
  type Resource,
} from "../kube/mod.ts";

const NODE = "metallb.io/node";
const SERVICE_NAME = "metallb.io/service-name";
const SERVICE_NAMESPACE = "metallb.io/service-namespace";

/** What a node announces for a Service. */
export interface L2Announcement {
  /** The addresses, joined by commas. */
  readonly ips: string;
  /** Interfaces on which they are announced, sorted; empty = all. */
  readonly interfaces: readonly string[];
}

/** An object as far as decisions depend on it: every speaker holds its own ones. */
export interface L2StatusRecord extends KubeObject, L2Announcement {
  /** `namespace/name` of the Service, by the labels. */
  readonly service: string;
  /** The node that announces it, by the label. */
  readonly node: string;
  /** When the node began, RFC 3339; `""` = the object does not say. */
  readonly since: string;
  /** UID of the Pod that it goes away with; `""` = none. */
  readonly pod: string;
  /**
   * Whether the status says what the labels say: `"missing"` when there is none
   * yet. What a status says of nodes and Services cannot be changed.
   */
  readonly state: "sound" | "missing" | "contradicting";
}

/** `ServiceL2Status` as {@linkcode L2StatusRecord}. */
export const L2_STATUS_RECORDS: Resource<L2StatusRecord> = {
  ...SERVICE_L2_STATUSES,
  project: ({ metadata, status }) =>
    recordOf(projectMetadata(metadata), isRaw(status) ? status : undefined),
};

/** Selects the objects of a node. */
export function selectorOfNode(node: string): string {
  return `${NODE}=${node}`;
}

/**
 * Selects the objects of all other nodes.
 *
 * @param service `namespace/name`; left out, those of every Service.
 */
export function selectorOfOthers(node: string, service?: string): string {
  const others = `${NODE}!=${node}`;
  if (service === undefined) return others;
  const { namespace, name } = parseKey(service);
  return `${others},${SERVICE_NAME}=${name},${SERVICE_NAMESPACE}=${namespace}`;
}

/** The object that one is wanted, for a Service and a node. */
export interface WantedL2Status extends L2Announcement {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The node that announces it. */
  readonly node: string;
  /** When it began, RFC 3339. */
  readonly since: string;
  /** The Pod that the object goes away with; `undefined` = not known. */
  readonly owner: OwnerReference | undefined;
}

/** One write that leads from what there is to what is wanted. */
export type L2StatusStep =
  /** Make the object; its status is a write of its own. */
  | { readonly kind: "create" }
  /** Write the annotations and the owner of an object. */
  | { readonly kind: "describe"; readonly name: string }
  /** Write the status of an object. */
  | { readonly kind: "state"; readonly name: string }
  | { readonly kind: "delete"; readonly name: string };

/**
 * What a node has to do about its own objects for a Service.
 *
 * @param wanted What it announces; `undefined` = nothing.
 * @param own Its objects for the Service; there should be one at most.
 */
export function planL2Status(
  wanted: WantedL2Status | undefined,
  own: readonly L2StatusRecord[],
): readonly L2StatusStep[] {
  const kept = wanted === undefined ? undefined : own.toSorted(byName)
    .find(({ state }) => state !== "contradicting");
  const deletes = own.filter((each) => each !== kept)
    .map(({ metadata }) => ({ kind: "delete", name: metadata.name } as const));
  if (wanted === undefined) return deletes;
  if (kept === undefined) return [{ kind: "create" }, ...deletes];
  const { name } = kept.metadata;
  return [
    ...isDescribed(kept, wanted) ? [] : [{ kind: "describe", name } as const],
    ...isStated(kept, wanted) ? [] : [{ kind: "state", name } as const],
    ...deletes,
  ];
}

/**
 * Objects of other nodes for a Service that this node announces. Who is alive
 * deletes its own: deleting them for it would hide that two announce.
 *
 * @param others The other nodes' objects for the Service.
 * @param members Nodes whose speakers are alive.
 * @returns Those to delete, and whether some are left to their nodes.
 */
export function leftovers(
  others: readonly L2StatusRecord[],
  members: readonly string[],
): { readonly names: readonly string[]; readonly isRivalled: boolean } {
  const [dead, alive] = [false, true].map((isAlive) =>
    others.filter((each) => members.includes(each.node) === isAlive)
  );
  return {
    names: (dead ?? []).map(({ metadata }) => metadata.name),
    isRivalled: (alive ?? []).length > 0,
  };
}

/** The metadata of a new object. */
export function l2StatusMetadata(
  wanted: WantedL2Status,
  namespace: string,
): ObjectMeta {
  const { namespace: serviceNamespace, name } = parseKey(wanted.service);
  return {
    name: "",
    generateName: "l2-",
    namespace,
    labels: {
      [NODE]: wanted.node,
      [SERVICE_NAME]: name,
      [SERVICE_NAMESPACE]: serviceNamespace,
    },
    ...l2StatusDescription(wanted),
  };
}

/** The part of the metadata that may change. */
export function l2StatusDescription(
  { ips, since, owner }: WantedL2Status,
): Pick<ObjectMeta, "annotations" | "ownerReferences"> {
  return {
    annotations: { [IPS_ANNOTATION]: ips, [SINCE_ANNOTATION]: since },
    // What another Pod's object goes away with stays, if the own is not known.
    ...owner === undefined ? {} : { ownerReferences: [owner] },
  };
}

/** The status of an object, in MetalLB's fields. */
export function l2StatusState(
  { node, service, interfaces }: WantedL2Status,
): Raw {
  const { namespace, name } = parseKey(service);
  return {
    node,
    serviceName: name,
    serviceNamespace: namespace,
    interfaces: interfaces.map((name) => ({ name })),
  };
}

function parseKey(
  service: string,
): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = service.split("/");
  return { namespace, name };
}

function byName(a: L2StatusRecord, b: L2StatusRecord): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function isDescribed(
  { ips, since, pod }: L2StatusRecord,
  wanted: WantedL2Status,
): boolean {
  return ips === wanted.ips && since !== "" &&
    (wanted.owner === undefined || wanted.owner.uid === pod);
}

function isStated(
  { state, interfaces }: L2StatusRecord,
  wanted: WantedL2Status,
): boolean {
  // No interface has a slash in its name.
  return state === "sound" &&
    interfaces.join("/") === wanted.interfaces.join("/");
}

function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NO_INTERFACES: readonly string[] = [];

function recordOf(meta: ObjectMeta, status: Raw | undefined): L2StatusRecord {
  const { labels = {}, annotations = {}, ownerReferences = [] } = meta;
  const node = labels[NODE] ?? "";
  const namespace = labels[SERVICE_NAMESPACE] ?? "";
  const name = labels[SERVICE_NAME] ?? "";
  return {
    metadata: kept(meta),
    service: `${namespace}/${name}`,
    node,
    ips: annotations[IPS_ANNOTATION] ?? "",
    since: annotations[SINCE_ANNOTATION] ?? "",
    pod: ownerReferences.find(({ kind }) => kind === "Pod")?.uid ?? "",
    interfaces: interfacesOf(status?.["interfaces"]),
    state: stateOf(status, [node, name, namespace]),
  };
}

/** Names are made up for each object, so that they tell objects apart as UIDs do. */
function kept({ name, namespace, resourceVersion }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...namespace === undefined ? {} : { namespace },
    ...resourceVersion === undefined ? {} : { resourceVersion },
  };
}

function interfacesOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return NO_INTERFACES;
  return value.flatMap((each) =>
    isRaw(each) && typeof each["name"] === "string" ? [each["name"]] : []
  ).sort();
}

function stateOf(
  status: Raw | undefined,
  labels: readonly string[],
): L2StatusRecord["state"] {
  const fields = ["node", "serviceName", "serviceNamespace"];
  const said = fields.map((field) => status?.[field] ?? "");
  if (said.every((value) => value === "")) return "missing";
  return said.every((value, index) => value === labels[index])
    ? "sound"
    : "contradicting";
}
