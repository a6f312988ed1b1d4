/** IP families and cluster IPs of a Service: the policy's defaults and what follows. */
import {
  equalJson,
  isObject,
  type Json,
  type JsonObject,
  stringOr,
  strings,
} from "./json.ts";
import type { Family, ServiceAllocations } from "./service_allocations.ts";
import { type Cause, invalidValue } from "./status.ts";

/** The fields that this file decides, or the values that cannot be. */
export type FamilyDecision =
  | { readonly kind: "set"; readonly fields: JsonObject }
  | { readonly kind: "refuse"; readonly causes: readonly Cause[] };

const HEADLESS = "None";

function familyOf(address: string): Family {
  return address.includes(":") ? "IPv6" : "IPv4";
}

function otherFamily(family: Family): Family {
  return family === "IPv4" ? "IPv6" : "IPv4";
}

/** Addresses asked for; of the two fields the one that changed counts. */
function requestedAddresses(
  spec: JsonObject,
  previous: readonly string[],
): readonly string[] {
  const many = strings(spec.clusterIPs);
  const one = stringOr(spec.clusterIP);
  const isManyOld = equalJson(many, previous) && one !== previous[0];
  return one !== "" && (many.length === 0 || isManyOld) ? [one] : many;
}

/** A headless Service without a selector may point anywhere, so it spans both families. */
function defaultPolicy(spec: JsonObject, headless: boolean): string {
  const hasSelector = isObject(spec.selector);
  const free = headless && !hasSelector && strings(spec.ipFamilies).length < 2;
  return free ? "RequireDualStack" : "SingleStack";
}

function chooseFamilies(
  spec: JsonObject,
  addresses: readonly string[],
  policy: string,
): readonly Family[] {
  const asked = strings(spec.ipFamilies)
    .filter((family) => family === "IPv4" || family === "IPv6");
  const implied = addresses.filter((ip) => ip !== HEADLESS).map(familyOf);
  const first = asked[0] ?? implied[0] ?? "IPv4";
  if (policy === "SingleStack") return [first];
  return [first, otherFamily(first)];
}

function addressCauses(
  addresses: readonly string[],
  previous: readonly string[],
  allocations: ServiceAllocations,
): Cause[] {
  const field = "spec.clusterIPs";
  return addresses.flatMap((address, index) => {
    const old = previous[index];
    if (address === old) return [];
    const shown: Json = [...addresses];
    if (old !== undefined) {
      const why = "may not change once set";
      return [invalidValue(`${field}[${index}]`, shown, why)];
    }
    const failed = `failed to allocate IP ${address}`;
    if (!allocations.inRange(address)) {
      const why = "the provided network does not match the current range";
      return [invalidValue(field, shown, `${failed}: ${why}`)];
    }
    if (!allocations.holdsAddress(address)) return [];
    const why = "provided IP is already allocated";
    return [invalidValue(field, shown, `${failed}: ${why}`)];
  });
}

/**
 * Decides `ipFamilies`, `ipFamilyPolicy`, `clusterIP` and `clusterIPs`.
 * `previous` are the cluster IPs that the Service has.
 */
export function decideFamilies(
  spec: JsonObject,
  previous: readonly string[],
  allocations: ServiceAllocations,
): FamilyDecision {
  const requested = requestedAddresses(spec, previous);
  const headless = requested[0] === HEADLESS;
  const policy = stringOr(spec.ipFamilyPolicy) ||
    defaultPolicy(spec, headless);
  const familiesAsked = strings(spec.ipFamilies);
  const unchanged = previous.length === 2;
  if (familiesAsked.length > 1 && policy === "SingleStack" && !unchanged) {
    const cause = invalidValue(
      "spec.ipFamilyPolicy",
      policy,
      "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    );
    return { kind: "refuse", causes: [cause] };
  }
  const families = chooseFamilies(spec, requested, policy);
  const wanted = headless ? [HEADLESS] : requested.slice(0, families.length);
  const causes = headless ? [] : addressCauses(wanted, previous, allocations);
  if (causes.length > 0) return { kind: "refuse", causes };
  const clusterIPs = headless
    ? wanted
    : families.map((family, index) =>
      wanted[index] ?? allocations.nextAddress(family)
    );
  return {
    kind: "set",
    fields: {
      clusterIP: clusterIPs[0] ?? "",
      clusterIPs,
      ipFamilies: families,
      ipFamilyPolicy: policy,
    },
  };
}
