/** The status-only kinds about Services: `ServiceL2Status`, `ServiceBGPStatus`. */
import type { KindDefinition, PrinterColumn } from "./kind.ts";
import { list, object, type Schema, text, withRules } from "./schema.ts";

/** A network interface on which a Service is announced. */
export interface AnnouncedInterface {
  /** Name of the interface. */
  readonly name: string;
}

/** `ServiceL2Status.status`. */
export interface ServiceL2StatusStatus {
  /** Node that answers for the Service's addresses. */
  readonly node: string;
  /** Name of the Service. */
  readonly serviceName: string;
  /** Namespace of the Service. */
  readonly serviceNamespace: string;
  /** Interfaces on which it answers; empty = all. */
  readonly interfaces: readonly AnnouncedInterface[];
}

/** `ServiceBGPStatus.status`. */
export interface ServiceBgpStatusStatus {
  /** Node that announces the Service's addresses. */
  readonly node: string;
  /** Name of the Service. */
  readonly serviceName: string;
  /** Namespace of the Service. */
  readonly serviceNamespace: string;
  /** Names of the peers that are meant to get the routes. */
  readonly peers: readonly string[];
}

const NOTHING: Schema<Record<never, never>> = object<Record<never, never>>({});

const fixedText = withRules(text, [{
  rule: "self == oldSelf",
  message: "the value cannot be changed",
}]);

const service = {
  serviceName: { schema: fixedText, description: "Name of the Service." },
  serviceNamespace: {
    schema: fixedText,
    description: "Namespace of the Service.",
  },
} as const;

function columns(nodeColumn: string): readonly PrinterColumn[] {
  return [
    {
      name: nodeColumn,
      type: "string",
      description: "Node that announces the Service.",
      jsonPath: ".status.node",
    },
    {
      name: "Service Name",
      type: "string",
      description: "Name of the Service.",
      jsonPath: ".status.serviceName",
    },
    {
      name: "Service Namespace",
      type: "string",
      description: "Namespace of the Service.",
      jsonPath: ".status.serviceNamespace",
    },
  ];
}

const interfaceOf = object<AnnouncedInterface>({
  name: { schema: text, description: "Name of the interface." },
});

/** The kind `ServiceL2Status`. */
export const SERVICE_L2_STATUS: KindDefinition<
  Record<never, never>,
  ServiceL2StatusStatus
> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "ServiceL2Status",
  plural: "servicel2statuses",
  singular: "servicel2status",
  description: "Which node answers for a Service on the local network.",
  specDescription: "Always empty.",
  specPresence: "optional",
  spec: NOTHING,
  statusDescription: "Who answers for what, written by the speakers.",
  status: object<ServiceL2StatusStatus>({
    node: {
      schema: fixedText,
      description: "Node that answers for the Service's addresses.",
    },
    ...service,
    interfaces: {
      schema: list(interfaceOf),
      description: "Interfaces on which it answers. Empty means all.",
    },
  }),
  columns: columns("Allocated Node"),
};

/** The kind `ServiceBGPStatus`. */
export const SERVICE_BGP_STATUS: KindDefinition<
  Record<never, never>,
  ServiceBgpStatusStatus
> = {
  group: "metallb.io",
  version: "v1beta1",
  kind: "ServiceBGPStatus",
  plural: "servicebgpstatuses",
  singular: "servicebgpstatus",
  description: "To which BGP peers a node is meant to announce a Service.",
  specDescription: "Always empty.",
  specPresence: "optional",
  spec: NOTHING,
  statusDescription: "Who announces what to whom, written by the speakers.",
  status: object<ServiceBgpStatusStatus>({
    node: {
      schema: fixedText,
      description: "Node that announces the Service's addresses.",
    },
    ...service,
    peers: {
      schema: list(text),
      description:
        "Peers that are meant to get the routes; whether a session is up is not told here.",
    },
  }),
  columns: columns("Node"),
};
