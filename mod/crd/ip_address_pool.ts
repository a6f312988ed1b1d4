/** `IPAddressPool` of `metallb.io/v1beta1`. */
import type { KindDefinition } from "./kind.ts";
import { type LabelSelector, labelSelector } from "./label_selector.ts";
import { boolean, integer, list, object, text } from "./schema.ts";

/** Which Services a pool prefers and admits. */
export interface ServiceAllocationSpec {
  /** Lower numbers are tried first; 0 comes last. */
  readonly priority: number;
  /** Namespaces by name. */
  readonly namespaces: readonly string[];
  /** Namespaces by label; any selector that matches is enough. */
  readonly namespaceSelectors: readonly LabelSelector[];
  /** Services by label; any selector that matches is enough. */
  readonly serviceSelectors: readonly LabelSelector[];
}

/** `IPAddressPool.spec`. */
export interface IpAddressPoolSpec {
  /** CIDR prefixes and `first-last` ranges. */
  readonly addresses: readonly string[];
  /** Whether Services that ask for nothing may be served from here. */
  readonly autoAssign: boolean;
  /** Whether IPv4 addresses that end in `.0` or `.255` are left out. */
  readonly avoidBuggyIPs: boolean;
  /** Scope and priority; absent = open to all. */
  readonly serviceAllocation?: ServiceAllocationSpec;
}

/** `IPAddressPool.status`: addresses in use and free, per family. */
export interface IpAddressPoolStatus {
  /** IPv4 addresses that Services hold. */
  readonly assignedIPv4: number;
  /** IPv6 addresses that Services hold. */
  readonly assignedIPv6: number;
  /** Free IPv4 addresses. */
  readonly availableIPv4: number;
  /** Free IPv6 addresses. */
  readonly availableIPv6: number;
}

const serviceAllocation = object<ServiceAllocationSpec>({
  priority: {
    schema: integer(),
    description:
      "Order among the pools that admit a Service: lower numbers first, 0 last.",
  },
  namespaces: {
    schema: list(text),
    description: "Names of the namespaces whose Services are admitted.",
  },
  namespaceSelectors: {
    schema: list(labelSelector),
    description:
      "Namespaces by label; they are added to those listed by name. One matching selector is enough.",
  },
  serviceSelectors: {
    schema: list(labelSelector),
    description:
      "Services by label. One matching selector is enough; the namespace has to be admitted as well.",
  },
});

const status = object<IpAddressPoolStatus>({
  assignedIPv4: {
    schema: integer({ format: "int64" }),
    description: "IPv4 addresses that Services hold.",
    required: true,
  },
  assignedIPv6: {
    schema: integer({ format: "int64" }),
    description: "IPv6 addresses that Services hold.",
    required: true,
  },
  availableIPv4: {
    schema: integer({ format: "int64" }),
    description: "IPv4 addresses that are free.",
    required: true,
  },
  availableIPv6: {
    schema: integer({ format: "int64" }),
    description: "IPv6 addresses that are free.",
    required: true,
  },
});

/** The kind `IPAddressPool`. */
export const IP_ADDRESS_POOL: KindDefinition<
  IpAddressPoolSpec,
  IpAddressPoolStatus
> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "IPAddressPool",
  plural: "ipaddresspools",
  singular: "ipaddresspool",
  description: "A set of addresses from which Services get theirs.",
  specDescription: "The addresses, and who may have them.",
  specPresence: "required",
  spec: object<IpAddressPoolSpec>({
    addresses: {
      schema: list(text),
      description:
        'Prefixes ("192.0.2.0/24") and ranges ("192.0.2.10-192.0.2.20"). Nothing may overlap, here or with another pool.',
      required: true,
    },
    autoAssign: {
      schema: boolean,
      description:
        "Whether Services that do not ask for this pool may be served from it.",
      default: true,
    },
    avoidBuggyIPs: {
      schema: boolean,
      description:
        "Leaves out IPv4 addresses that end in .0 or .255, which some old devices refuse to talk to.",
      default: false,
    },
    serviceAllocation: {
      schema: serviceAllocation,
      description: "Limits the pool to some Services and gives it a priority.",
      optional: true,
    },
  }),
  statusDescription: "Use of the pool, written by the controller.",
  status,
  columns: [
    {
      name: "Auto Assign",
      type: "boolean",
      description: "Serves Services that ask for no pool.",
      jsonPath: ".spec.autoAssign",
    },
    {
      name: "Avoid Buggy IPs",
      type: "boolean",
      description: "Leaves out addresses that end in .0 or .255.",
      jsonPath: ".spec.avoidBuggyIPs",
    },
    {
      name: "Addresses",
      type: "string",
      description: "Prefixes and ranges.",
      jsonPath: ".spec.addresses",
    },
  ],
};
