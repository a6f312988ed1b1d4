/** Pods behind Services, of clusters in which nothing else makes them. */
import type { EndpointSlice } from "../mod/kube/mod.ts";

/** The slice `NAME-1` of a Service in `default`, with one Pod on a node. */
export function sliceOf(service: string, nodeName: string): EndpointSlice {
  return {
    metadata: {
      name: `${service}-1`,
      namespace: "default",
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.5"], nodeName }],
    ports: [{ port: 80 }],
  };
}
