/** What the server adds to, or refuses in, an object before it is stored, by kind. */
import {
  arrayOr,
  compact,
  type Json,
  type JsonObject,
  objectOr,
} from "./json.ts";
import type { Kind } from "./kinds.ts";
import { type ApiObject, nameOf, namespaceOf } from "./object.ts";
import {
  prepareChangedService,
  prepareNewService,
  prepareServiceStatus,
} from "./service.ts";
import type { ServiceAllocations } from "./service_allocations.ts";
import { badRequest, type Cause, invalid, invalidValue } from "./status.ts";

/** What preparing an object needs to know of the store. */
export interface PrepareContext {
  readonly kind: Kind;
  readonly allocations: ServiceAllocations;
}

/** RFC 3339 with exactly six digits of a second (`metav1.MicroTime`). */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/;

function checkMicroTime(value: Json | undefined): void {
  if (value === undefined || value === null) return;
  if (typeof value === "string" && MICRO_TIME.test(value)) return;
  throw badRequest(
    `Lease in version "v1" cannot be handled as a Lease: parsing time ${
      JSON.stringify(value)
    } as "2006-01-02T15:04:05.000000Z07:00": cannot parse it`,
  );
}

function prepareLease(lease: ApiObject, kind: Kind): ApiObject {
  const spec = objectOr(lease.spec);
  checkMicroTime(spec.acquireTime);
  checkMicroTime(spec.renewTime);
  const causes: Cause[] = [];
  const positive = "must be greater than 0";
  const { leaseDurationSeconds: duration, leaseTransitions } = spec;
  if (typeof duration === "number" && duration <= 0) {
    const field = "spec.leaseDurationSeconds";
    causes.push(invalidValue(field, duration, positive));
  }
  if (typeof leaseTransitions === "number" && leaseTransitions < 0) {
    const why = "must be greater than or equal to 0";
    causes.push(invalidValue("spec.leaseTransitions", leaseTransitions, why));
  }
  if (causes.length > 0) throw invalid(kind, nameOf(lease), causes);
  return { ...lease, spec };
}

function prepareEvent(event: ApiObject, kind: Kind): ApiObject {
  const { namespace } = objectOr(event.involvedObject);
  // Events about objects without a namespace belong to "default".
  const expected = namespace === undefined || namespace === ""
    ? "default"
    : namespace;
  if (expected === namespaceOf(event)) return event;
  throw invalid(kind, nameOf(event), [
    invalidValue(
      "involvedObject.namespace",
      namespace ?? "",
      "does not match event.namespace",
    ),
  ]);
}

function prepareSlice(slice: ApiObject): ApiObject {
  const endpoint = (raw: Json): JsonObject => ({
    ...objectOr(raw),
    conditions: objectOr(objectOr(raw).conditions),
  });
  const port = (raw: Json): JsonObject => ({
    name: "",
    protocol: "TCP",
    ...objectOr(raw),
  });
  return {
    ...slice,
    endpoints: nullIfEmpty(arrayOr(slice.endpoints).map(endpoint)),
    ports: nullIfEmpty(arrayOr(slice.ports).map(port)),
  };
}

/** What the real server makes of empty lists that its types cannot leave out. */
function nullIfEmpty(items: readonly Json[]): Json {
  return items.length === 0 ? null : items;
}

function prepareNamespace(namespace: ApiObject): ApiObject {
  const name = nameOf(namespace);
  const labels = {
    ...objectOr(namespace.metadata.labels),
    "kubernetes.io/metadata.name": name,
  };
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels },
    status: { phase: "Active", ...objectOr(namespace.status) },
  };
}

/** Rules that hold at creation and at every change alike. */
function prepareAlways(object: ApiObject, kind: Kind): ApiObject {
  switch (kind.kind) {
    case "Lease":
      return prepareLease(object, kind);
    case "Event":
      return prepareEvent(object, kind);
    case "EndpointSlice":
      return prepareSlice(object);
    case "Namespace":
      return prepareNamespace(object);
    default:
      return object;
  }
}

/** A new object as it is stored. Throws a refusal (400, 422). */
export function prepareNew(
  object: ApiObject,
  context: PrepareContext,
): ApiObject {
  const { kind } = context;
  if (kind.group === "" && kind.kind === "Service") {
    return prepareNewService(object, context);
  }
  const status = kind.keepsStatusOnCreate ? object.status : undefined;
  return prepareAlways(withStatus(object, status), kind);
}

/** A changed object as it is stored, changed through its main endpoint. */
export function prepareChanged(
  object: ApiObject,
  previous: ApiObject,
  context: PrepareContext,
): ApiObject {
  const { kind } = context;
  if (kind.group === "" && kind.kind === "Service") {
    return prepareChangedService(object, previous, context);
  }
  const kept = kind.status ? withStatus(object, previous.status) : object;
  return prepareAlways(kept, kind);
}

/**
 * An object changed through its status endpoint: the specification stays; so
 * does the metadata of a custom kind, as the real server has it.
 */
export function prepareStatus(
  object: ApiObject,
  previous: ApiObject,
  context: PrepareContext,
): ApiObject {
  const { kind } = context;
  const metadata = kind.custom ? previous.metadata : object.metadata;
  const changed = withStatus({ ...previous, metadata }, object.status);
  return kind.group === "" && kind.kind === "Service"
    ? prepareServiceStatus(changed, context)
    : changed;
}

function withStatus(object: ApiObject, status: Json | undefined): ApiObject {
  const { metadata } = object;
  return { ...compact({ ...object, status }), metadata };
}
