/** What is sent to the API server to write a status. */
import type { Patch, Service } from "../mod/kube/mod.ts";
import { ALLOCATED_FROM_POOL } from "./service_request.ts";

/**
 * A merge patch of exactly the addresses and the pool's annotation. A whole
 * object would drop what Herald does not keep of it, finalizers among them.
 * The resource version makes it fail if the Service has changed meanwhile.
 */
export function statusPatch(service: Service): Patch {
  const { resourceVersion, annotations = {} } = service.metadata;
  const pool = annotations[ALLOCATED_FROM_POOL] ?? null;
  const ingress = service.status?.loadBalancer?.ingress ?? null;
  return {
    type: "merge",
    body: {
      metadata: {
        ...resourceVersion === undefined ? {} : { resourceVersion },
        annotations: { [ALLOCATED_FROM_POOL]: pool },
      },
      status: { loadBalancer: { ingress } },
    },
  };
}
