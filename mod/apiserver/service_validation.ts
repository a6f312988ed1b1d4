/** What is refused in a Service: the mistakes that people make, not every rule there is. */
import {
  arrayOr,
  type Json,
  type JsonObject,
  objectOr,
  stringOr,
} from "./json.ts";
import {
  type Cause,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from "./status.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];

function forbidden(field: string, why: string): Cause {
  const message = `Forbidden: ${why}`;
  return { reason: "FieldValueForbidden", message, field };
}

function isPort(value: Json | undefined): boolean {
  return typeof value === "number" && Number.isInteger(value) &&
    value >= 1 && value <= 65_535;
}

function portCauses(port: JsonObject, at: string, type: string): Cause[] {
  const causes: Cause[] = [];
  const range = "must be between 1 and 65535, inclusive";
  if (!isPort(port.port)) {
    causes.push(invalidValue(`${at}.port`, port.port ?? 0, range));
  }
  if (typeof port.targetPort === "number" && !isPort(port.targetPort)) {
    causes.push(invalidValue(`${at}.targetPort`, port.targetPort, range));
  }
  if (!PROTOCOLS.includes(stringOr(port.protocol))) {
    causes.push(
      unsupportedValue(`${at}.protocol`, port.protocol ?? "", PROTOCOLS),
    );
  }
  if (type === "ClusterIP" && port.nodePort !== undefined) {
    causes.push(
      forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"),
    );
  }
  return causes;
}

function portsCauses(spec: JsonObject, type: string): Cause[] {
  const ports = arrayOr(spec.ports).map(objectOr);
  const mayBeEmpty = type === "ExternalName" || spec.clusterIP === "None";
  if (ports.length === 0 && !mayBeEmpty) return [requiredValue("spec.ports")];
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const name = stringOr(port.name);
    const causes = portCauses(port, at, type);
    if (name === "" && ports.length > 1) {
      causes.push(requiredValue(`${at}.name`));
    }
    if (name !== "" && names.has(name)) {
      const message = `Duplicate value: ${JSON.stringify(name)}`;
      const reason = "FieldValueDuplicate";
      causes.push({ reason, message, field: `${at}.name` });
    }
    names.add(name);
    return causes;
  });
}

/** Refused values of a specification with its defaults; `previous` is the stored one. */
export function specCauses(
  spec: JsonObject,
  previous: JsonObject | undefined,
): Cause[] {
  const type = stringOr(spec.type);
  const causes = portsCauses(spec, type);
  if (!TYPES.includes(type)) {
    causes.push(unsupportedValue("spec.type", type, TYPES));
  }
  const stays = previous?.type === "LoadBalancer" && type === "LoadBalancer";
  const loadBalancerClass = spec.loadBalancerClass ?? null;
  if (stays && loadBalancerClass !== (previous.loadBalancerClass ?? null)) {
    causes.push(
      invalidValue(
        "spec.loadBalancerClass",
        loadBalancerClass,
        "may not change once set",
      ),
    );
  }
  return causes;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Whether a text is an address; IPv6 by the parser that URLs use. */
function isAddress(text: string): boolean {
  return IPV4.test(text) ||
    (/^[0-9A-Fa-f:.]+$/.test(text) && URL.canParse(`http://[${text}]/`));
}

/** Refused values of `status.loadBalancer.ingress`, for a Service of a type. */
export function ingressCauses(
  ingress: readonly JsonObject[],
  type: string,
): Cause[] {
  const field = "status.loadBalancer.ingress";
  if (ingress.length > 0 && type !== "LoadBalancer") {
    const why = "may only be used when `spec.type` is 'LoadBalancer'";
    return [forbidden(field, why)];
  }
  return ingress.flatMap(({ ip }, index) =>
    ip === undefined || isAddress(stringOr(ip)) ? [] : [invalidValue(
      `${field}[${index}].ip`,
      ip,
      "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
    )]
  );
}
