/** Why the allocator refuses, with what a person needs to act on it. */
import { formatIp, type Ip, type IpFamily } from "../net/mod.ts";
import type { Families } from "./families.ts";

/** A refusal: `class` is the reason word, the rest is the evidence. */
export type Refusal =
  | { readonly class: "noAvailableIPs"; readonly families: Families }
  | {
    readonly class: "noAvailableIPsInPool";
    readonly pool: string;
    readonly families: Families;
  }
  | { readonly class: "notInPools"; readonly ips: readonly Ip[] }
  | {
    readonly class: "otherFamilyOnly";
    readonly pool: string;
    readonly families: Families;
  }
  | { readonly class: "poolNotCompatible"; readonly pool: string }
  | {
    readonly class: "poolMismatch";
    readonly ips: readonly Ip[];
    readonly pool: string;
    readonly wantedPool: string;
  }
  | { readonly class: "unknownPool"; readonly pool: string }
  | {
    readonly class: "sharingConflict";
    readonly ip: Ip;
    readonly holder: string;
  }
  | {
    readonly class: "portConflict";
    readonly ip: Ip;
    readonly holder: string;
    readonly port: string;
  }
  | {
    readonly class: "familyMismatch";
    readonly ips: readonly Ip[];
    readonly families: Families;
  }
  | { readonly class: "requestedSameFamily"; readonly family: IpFamily }
  | { readonly class: "requestedCount"; readonly count: number }
  | { readonly class: "invalidRequestedIP"; readonly text: string }
  | { readonly class: "invalidAddress"; readonly text: string }
  | { readonly class: "bothRequestForms" };

/** The refusal as one sentence without a final period. */
export function describeRefusal(refusal: Refusal): string {
  switch (refusal.class) {
    case "noAvailableIPs":
      return `no eligible pool has a free ${
        familyText(refusal.families)
      } address`;
    case "noAvailableIPsInPool":
      return `pool "${refusal.pool}" has no free ${
        familyText(refusal.families)
      } address`;
    case "notInPools":
      return `${list(refusal.ips)} ${
        refusal.ips.length === 1 ? "is" : "are"
      } in no pool that owns ${refusal.ips.length === 1 ? "it" : "both"}`;
    case "otherFamilyOnly":
      return `pool "${refusal.pool}" has no free ${
        familyText(refusal.families)
      } address, only addresses of the other family`;
    case "poolNotCompatible":
      return `pool "${refusal.pool}" does not serve this Service: its serviceAllocation selects other namespaces or labels`;
    case "poolMismatch":
      return `${
        list(refusal.ips)
      } belong to pool "${refusal.pool}", but pool "${refusal.wantedPool}" is asked for`;
    case "unknownPool":
      return `there is no pool "${refusal.pool}"`;
    case "sharingConflict":
      return `${
        formatIp(refusal.ip)
      } is in use by ${refusal.holder}, and the sharing keys, traffic policies or selectors differ`;
    case "portConflict":
      return `port ${refusal.port} of ${
        formatIp(refusal.ip)
      } is in use by ${refusal.holder}`;
    case "familyMismatch":
      return `the requested ${list(refusal.ips)} do not fit the Service's ${
        familyText(refusal.families)
      } cluster addresses`;
    default:
      return describeBadInput(refusal);
  }
}

type BadInput = Extract<
  Refusal,
  {
    readonly class:
      | "requestedSameFamily"
      | "requestedCount"
      | "invalidRequestedIP"
      | "invalidAddress"
      | "bothRequestForms";
  }
>;

function describeBadInput(refusal: BadInput): string {
  switch (refusal.class) {
    case "requestedSameFamily":
      return `two addresses must be of different families, both are ${refusal.family}`;
    case "requestedCount":
      return `one address, or one of each family, is expected, not ${refusal.count}`;
    case "invalidRequestedIP":
      return `"${refusal.text}" is not an IP address`;
    case "invalidAddress":
      return `"${refusal.text}" is not an IP address`;
    case "bothRequestForms":
      return "both the loadBalancerIPs annotation and spec.loadBalancerIP are set; use one";
  }
}

function familyText(families: Families): string {
  return families === "DualStack" ? "IPv4 and IPv6" : families;
}

function list(ips: readonly Ip[]): string {
  return ips.map(formatIp).join(", ");
}
