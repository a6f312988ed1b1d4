/** The columns in which kubectl shows each kind. */
import {
  arrayOr,
  type Json,
  objectOr,
  stringOr,
  strings,
  valueAt,
} from "./json.ts";
import type { Kind } from "./kinds.ts";
import { type ApiObject, nameOf } from "./object.ts";

/** One column: its head, its cell for an object at an instant. */
export interface Column {
  readonly name: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: ApiObject, now: number) => Json;
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, y: 31_536_000 } as const;
type Unit = keyof typeof SECONDS;

/** Units below a number of seconds; the second unit only while the first is small. */
const AGE_STEPS: readonly (readonly [number, Unit, Unit | ""])[] = [
  [120, "s", ""],
  [600, "m", "s"],
  [3 * SECONDS.h, "m", ""],
  [8 * SECONDS.h, "h", "m"],
  [2 * SECONDS.d, "h", ""],
  [8 * SECONDS.d, "d", "h"],
  [2 * SECONDS.y, "d", ""],
  [Infinity, "y", "d"],
];

/** A duration in ms as kubectl shows ages: `"7s"`, `"3m5s"`, `"2d4h"`. */
export function formatAge(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000));
  const step = AGE_STEPS.find(([below]) => total < below);
  const [, unit, rest] = step ?? [0, "y", ""] as const;
  const first = Math.floor(total / SECONDS[unit]);
  if (rest === "") return `${first}${unit}`;
  const second = Math.floor((total % SECONDS[unit]) / SECONDS[rest]);
  return second === 0 ? `${first}${unit}` : `${first}${unit}${second}${rest}`;
}

function ageSince(time: Json | undefined, now: number): string {
  const instant = Date.parse(stringOr(time));
  return Number.isNaN(instant) ? "<unknown>" : formatAge(now - instant);
}

function orNone(items: readonly string[]): string {
  return items.length === 0 ? "<none>" : items.join(",");
}

function column(
  name: string,
  cell: (object: ApiObject, now: number) => Json,
  priority: 0 | 1 = 0,
): Column {
  return { name, cell, priority };
}

/** A column with the text at a path. */
function field(name: string, path: string, priority: 0 | 1 = 0): Column {
  const keys = path.split(".");
  return column(name, (object) => valueAt(object, keys) ?? "", priority);
}

const NAME = column("Name", nameOf);
const AGE = column(
  "Age",
  ({ metadata }, now) => ageSince(metadata.creationTimestamp, now),
);

function externalIp(service: ApiObject): string {
  const spec = objectOr(service.spec);
  if (spec.type === "ExternalName") return stringOr(spec.externalName);
  if (spec.type !== "LoadBalancer") return orNone(strings(spec.externalIPs));
  const ingress = arrayOr(
    valueAt(service, ["status", "loadBalancer", "ingress"]),
  )
    .map(objectOr).map(({ ip, hostname }) => stringOr(ip ?? hostname));
  return ingress.length === 0 ? "<pending>" : ingress.join(",");
}

function servicePorts(service: ApiObject): string {
  const ports = arrayOr(valueAt(service, ["spec", "ports"])).map(objectOr);
  return orNone(
    ports.map(({ port, nodePort, protocol }) =>
      `${port}${nodePort === undefined ? "" : `:${nodePort}`}/${protocol}`
    ),
  );
}

function selector(service: ApiObject): string {
  const labels = objectOr(valueAt(service, ["spec", "selector"]));
  return orNone(
    Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  );
}

function nodeStatus(node: ApiObject): string {
  const conditions = arrayOr(valueAt(node, ["status", "conditions"]))
    .map(objectOr);
  const ready = conditions.find(({ type }) => type === "Ready");
  const word = ready === undefined
    ? "Unknown"
    : ready.status === "True"
    ? "Ready"
    : "NotReady";
  const isClosed = valueAt(node, ["spec", "unschedulable"]) === true;
  return isClosed ? `${word},SchedulingDisabled` : word;
}

function nodeRoles(node: ApiObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.keys(objectOr(node.metadata.labels))
    .filter((label) => label.startsWith(prefix));
  return orNone(roles.map((label) => label.slice(prefix.length)));
}

function nodeAddress(node: ApiObject): string {
  const addresses = arrayOr(valueAt(node, ["status", "addresses"]))
    .map(objectOr);
  const internal = addresses.find(({ type }) => type === "InternalIP");
  return stringOr(internal?.address) || "<none>";
}

function slicePorts(slice: ApiObject): string {
  const ports = arrayOr(slice.ports).map((port) => `${objectOr(port).port}`);
  return ports.length === 0 ? "<unset>" : ports.join(",");
}

function sliceEndpoints(slice: ApiObject): string {
  const endpoints = arrayOr(slice.endpoints).map(objectOr);
  const addresses = endpoints.flatMap((one) => strings(one.addresses));
  return addresses.length === 0 ? "<unset>" : addresses.join(",");
}

function involved(event: ApiObject): string {
  const { kind, name } = objectOr(event.involvedObject);
  return `${stringOr(kind).toLowerCase()}/${stringOr(name)}`;
}

function listAt(name: string, path: string): Column {
  const keys = path.split(".");
  return column(name, (object) => JSON.stringify(valueAt(object, keys) ?? []));
}

/** Columns by kind; a kind without a row shows name and age. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Service: [
    NAME,
    field("Type", "spec.type"),
    column(
      "Cluster-IP",
      (service) =>
        stringOr(valueAt(service, ["spec", "clusterIP"])) || "<none>",
    ),
    column("External-IP", externalIp),
    column("Port(s)", servicePorts),
    AGE,
    column("Selector", selector, 1),
  ],
  Node: [
    NAME,
    column("Status", nodeStatus),
    column("Roles", nodeRoles),
    AGE,
    field("Version", "status.nodeInfo.kubeletVersion"),
    column("Internal-IP", nodeAddress, 1),
  ],
  Namespace: [NAME, field("Status", "status.phase"), AGE],
  Pod: [NAME, field("Status", "status.phase"), AGE],
  Lease: [NAME, field("Holder", "spec.holderIdentity"), AGE],
  EndpointSlice: [
    NAME,
    field("AddressType", "addressType"),
    column("Ports", slicePorts),
    column("Endpoints", sliceEndpoints),
    AGE,
  ],
  Event: [
    column(
      "Last Seen",
      ({ lastTimestamp, metadata }, now) =>
        ageSince(lastTimestamp ?? metadata.creationTimestamp, now),
    ),
    field("Type", "type"),
    field("Reason", "reason"),
    column("Object", involved),
    field("Source", "source.component", 1),
    field("Message", "message"),
    column("Name", nameOf, 1),
  ],
  IPAddressPool: [
    NAME,
    column(
      "Auto Assign",
      (pool) => valueAt(pool, ["spec", "autoAssign"]) ?? true,
    ),
    column(
      "Avoid Buggy IPs",
      (pool) => valueAt(pool, ["spec", "avoidBuggyIPs"]) ?? false,
    ),
    listAt("Addresses", "spec.addresses"),
  ],
  L2Advertisement: [
    NAME,
    listAt("IPAddressPools", "spec.ipAddressPools"),
    listAt("IPAddressPool Selectors", "spec.ipAddressPoolSelectors"),
    listAt("Interfaces", "spec.interfaces"),
  ],
  BGPAdvertisement: [
    NAME,
    listAt("IPAddressPools", "spec.ipAddressPools"),
    listAt("IPAddressPool Selectors", "spec.ipAddressPoolSelectors"),
    listAt("Peers", "spec.peers"),
  ],
  BGPPeer: [
    NAME,
    field("Address", "spec.peerAddress"),
    field("ASN", "spec.peerASN"),
    field("BFD Profile", "spec.bfdProfile"),
  ],
  ServiceL2Status: [
    NAME,
    field("Allocated Node", "status.node"),
    field("Service Name", "status.serviceName"),
    field("Service Namespace", "status.serviceNamespace"),
  ],
};

/** The columns of a kind. */
export function columnsOf(kind: Kind): readonly Column[] {
  return COLUMNS[kind.kind] ?? [NAME, AGE];
}
