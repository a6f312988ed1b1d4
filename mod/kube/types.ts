/**
 * The parts of Kubernetes objects that Herald reads and writes, with the API's
 * own field names. Lists and watches are projected to these on arrival, so
 * that nothing else is kept in memory.
 */

/** `metav1.ObjectMeta`, the fields in use. */
export interface ObjectMeta {
  /** Unique among the objects of its kind and namespace. */
  readonly name: string;
  /** Absent for cluster-wide kinds. */
  readonly namespace?: string;
  /** Prefix of a name that the server completes. */
  readonly generateName?: string;
  /** Different for each object that ever had this name. */
  readonly uid?: string;
  /** Opaque version; makes writes conditional. */
  readonly resourceVersion?: string;
  /** Counts changes of the spec. */
  readonly generation?: number;
  /** RFC 3339, seconds. */
  readonly creationTimestamp?: string;
  /** Set while finalizers hold the object back. */
  readonly deletionTimestamp?: string;
  /** What selectors look at. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Free text by key. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Objects whose deletion deletes this one. */
  readonly ownerReferences?: readonly OwnerReference[];
}

/** `metav1.OwnerReference`. */
export interface OwnerReference {
  /** Group and version of the owner. */
  readonly apiVersion: string;
  /** Kind of the owner. */
  readonly kind: string;
  /** Name of the owner. */
  readonly name: string;
  /** Identity of the owner. */
  readonly uid: string;
  /** Whether the owner manages the object. */
  readonly controller?: boolean;
}

/** Any object of the API: what every kind has. */
export interface KubeObject {
  /** Group and version. */
  readonly apiVersion?: string;
  /** Kind. */
  readonly kind?: string;
  /** What every object has. */
  readonly metadata: ObjectMeta;
}

/** `metav1.LabelSelectorRequirement`. */
export interface LabelSelectorRequirement {
  /** Label that is looked at. */
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  /** Values for `In` and `NotIn`. */
  readonly values?: readonly string[];
}

/** `metav1.LabelSelector`. */
export interface LabelSelector {
  /** Labels that must have exactly these values. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Requirements that must all hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** `v1.ServicePort`, the fields in use. */
export interface ServicePort {
  /** Unique within the Service. */
  readonly name?: string;
  /** Port on the Service's addresses. */
  readonly port: number;
  /** `TCP` (default), `UDP` or `SCTP`. */
  readonly protocol?: string;
  /** Port on every node. */
  readonly nodePort?: number;
  /** Port of the Pods, by number or name. */
  readonly targetPort?: number | string;
}

/** `v1.LoadBalancerIngress`. */
export interface LoadBalancerIngress {
  /** Address, the one field that Herald decides. */
  readonly ip?: string;
  /** Name, set by cloud load balancers. */
  readonly hostname?: string;
  /** `VIP` (default) or `Proxy`. */
  readonly ipMode?: string;
  /** Port errors, set by cloud load balancers. */
  readonly ports?: readonly Readonly<Record<string, unknown>>[];
}

/** `v1.Service`, the fields in use. */
export interface Service extends KubeObject {
  /** What the user wants. */
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilies?: readonly string[];
    readonly ipFamilyPolicy?: string;
    readonly loadBalancerIP?: string;
    readonly loadBalancerClass?: string;
    readonly externalTrafficPolicy?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
  };
  /** What the cluster gave. */
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly LoadBalancerIngress[];
    };
    readonly conditions?: readonly Readonly<Record<string, unknown>>[];
  };
}

/** `v1.NodeCondition`, the fields in use. */
export interface NodeCondition {
  /** For example `Ready` or `NetworkUnavailable`. */
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
}

/** `v1.Node`, the fields in use. */
export interface Node extends KubeObject {
  /** What the administrator wants. */
  readonly spec?: { readonly unschedulable?: boolean };
  /** What the kubelet reports. */
  readonly status?: {
    readonly conditions?: readonly NodeCondition[];
    readonly addresses?: readonly {
      readonly type: string;
      readonly address: string;
    }[];
  };
}

/** `v1.Namespace`, the fields in use. */
export type Namespace = KubeObject;

/** `discovery.k8s.io/v1` Endpoint, the fields in use. */
export interface Endpoint {
  /** Addresses of one Pod. */
  readonly addresses: readonly string[];
  /** Node that the Pod runs on. */
  readonly nodeName?: string;
  /** Whether it can serve. */
  readonly conditions?: {
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
}

/** `discovery.k8s.io/v1` EndpointSlice, the fields in use. */
export interface EndpointSlice extends KubeObject {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType: string;
  /** The Pods behind the Service. */
  readonly endpoints?: readonly Endpoint[];
  /** Their ports. */
  readonly ports?: readonly {
    readonly name?: string;
    readonly port?: number;
    readonly protocol?: string;
  }[];
}

/** `coordination.k8s.io/v1` Lease. */
export interface Lease extends KubeObject {
  /** Who holds it and since when. */
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds (`metav1.MicroTime`). */
    readonly acquireTime?: string;
    /** RFC 3339 with microseconds (`metav1.MicroTime`). */
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** `v1.Event`, the fields that Herald writes. */
export interface Event extends KubeObject {
  /** What it is about. */
  readonly involvedObject: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  /** Whether somebody should look. */
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  /** Who says so. */
  readonly source?: { readonly component: string; readonly host?: string };
  /** RFC 3339, seconds. */
  readonly firstTimestamp?: string;
  /** RFC 3339, seconds. */
  readonly lastTimestamp?: string;
  /** How often it was seen. */
  readonly count?: number;
}
