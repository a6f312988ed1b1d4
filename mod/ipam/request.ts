/** What a Service asks of the allocator, as plain data. */
import { type Ip, type IpFamily, tryParseIp } from "../net/mod.ts";
import type { SharingClaim } from "./allocation.ts";
import type { Families } from "./families.ts";
import type { Refusal } from "./refusal.ts";

/** `spec.ipFamilyPolicy`. */
export type FamilyPolicy =
  | "SingleStack"
  | "PreferDualStack"
  | "RequireDualStack";

/** One Service as the allocator sees it. */
export interface ServiceRequest extends SharingClaim {
  /** Namespace of the Service. */
  readonly namespace: string;
  /** Labels of the Service. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it wants an address: `spec.type: LoadBalancer`, and of our class. */
  readonly wantsAddress: boolean;
  /** `spec.clusterIPs`, else `spec.clusterIP`, as text. */
  readonly clusterIps: readonly string[];
  /** Whether it may or must have both families. */
  readonly familyPolicy: FamilyPolicy;
  /** Whether a second family may come from another pool. Default: no. */
  readonly twoPools?: boolean;
  /** Which family to prefer when only one can be had. */
  readonly primaryFamily: IpFamily;
  /** Value of the annotation with the wanted addresses; `""` = none. */
  readonly addressesAnnotation: string;
  /** `spec.loadBalancerIP`; `""` = none. */
  readonly loadBalancerIp: string;
  /** Value of the annotation with the wanted pool; `""` = any. */
  readonly wantedPool: string;
  /** `ip` of each entry of `status.loadBalancer.ingress`, `""` when absent. */
  readonly statusIps: readonly string[];
  /** Value of the annotation that names the pool of the status. */
  readonly statusPool: string | undefined;
}

/** Addresses as text, read. */
export type ParsedAddresses =
  | {
    readonly kind: "addresses";
    readonly ips: readonly Ip[];
    readonly families: Families;
  }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Reads one address, or two of different families. */
export function parseAddresses(texts: readonly string[]): ParsedAddresses {
  const ips: Ip[] = [];
  if (texts.length < 1 || texts.length > 2) {
    return refused({ class: "requestedCount", count: texts.length });
  }
  for (const text of texts) {
    const ip = tryParseIp(text);
    if (ip === undefined) return refused({ class: "invalidAddress", text });
    ips.push(ip);
  }
  const [first, second] = ips;
  if (first === undefined) {
    return refused({ class: "requestedCount", count: 0 });
  }
  if (second === undefined) {
    return { kind: "addresses", ips, families: first.family };
  }
  return first.family === second.family
    ? refused({ class: "requestedSameFamily", family: first.family })
    : { kind: "addresses", ips, families: "DualStack" };
}

/** The addresses that a Service asks for; `undefined` when it leaves it open. */
export function wantedAddresses(
  request: ServiceRequest,
): ParsedAddresses | undefined {
  const { addressesAnnotation, loadBalancerIp } = request;
  if (addressesAnnotation === "" && loadBalancerIp === "") return undefined;
  if (addressesAnnotation !== "" && loadBalancerIp !== "") {
    return refused({ class: "bothRequestForms" });
  }
  const texts = loadBalancerIp !== ""
    ? [loadBalancerIp]
    : addressesAnnotation.split(",").map((text) => text.trim());
  const bad = texts.find((text) => tryParseIp(text) === undefined);
  return bad === undefined
    ? parseAddresses(texts)
    : refused({ class: "invalidRequestedIP", text: bad });
}

function refused(refusal: Refusal): ParsedAddresses {
  return { kind: "refused", refusal };
}
