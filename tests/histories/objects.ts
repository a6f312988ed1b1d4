/** The Services of histories, as objects of the API. */
import type { Service } from "../../mod/kube/mod.ts";
import type { Shape, Wish } from "./actions.ts";

/** Namespace of all Services. */
export const NAMESPACE = "default";

const FAMILIES: Readonly<
  Record<
    Shape,
    { readonly families: readonly string[]; readonly policy: string }
  >
> = {
  four: { families: ["IPv4"], policy: "SingleStack" },
  six: { families: ["IPv6"], policy: "SingleStack" },
  prefer: { families: ["IPv4", "IPv6"], policy: "PreferDualStack" },
  require: { families: ["IPv4", "IPv6"], policy: "RequireDualStack" },
};

/** The part of a spec that is chosen when a Service is created. */
export function stackOf(shape: Shape): Partial<Service["spec"]> {
  const { families, policy } = FAMILIES[shape];
  return { ipFamilies: families, ipFamilyPolicy: policy };
}

/** The part of a spec that a wish stands for. */
export function specOf({ address, port }: Wish): Partial<Service["spec"]> {
  return {
    ports: [{ name: "main", port, protocol: "TCP" }],
    ...address === null ? {} : { loadBalancerIP: address },
  };
}

/** The annotations that a wish stands for. */
export function annotationsOf(
  { pool, sharingKey }: Wish,
): Record<string, string> {
  return {
    ...pool === null ? {} : { "metallb.io/address-pool": pool },
    ...sharingKey === null ? {} : { "metallb.io/allow-shared-ip": sharingKey },
  };
}

/** A Service that wants an address, with these differences. */
export function serviceObject(
  name: string,
  spec: Partial<Service["spec"]>,
  annotations: Readonly<Record<string, string>>,
): Service {
  return {
    metadata: { name, namespace: NAMESPACE, annotations },
    spec: {
      type: "LoadBalancer",
      ports: [{ name: "main", port: 80, protocol: "TCP" }],
      selector: { app: name },
      ...spec,
    },
  };
}
