/** Which Services are ours by their `spec.loadBalancerClass`. */
import type { Service } from "../kube/mod.ts";

/** Which `spec.loadBalancerClass` is ours (`--lb-class`). */
export interface ClassFilter {
  /** The class to serve; `""` = Services without a class. */
  readonly loadBalancerClass: string;
  /** With a class: serve those without one too. */
  readonly alsoWithoutClass?: boolean;
}

/** Whether the class of a Service is one that we serve. */
export function isOurClass(service: Service, filter: ClassFilter): boolean {
  const { loadBalancerClass = "" } = service.spec;
  if (loadBalancerClass === filter.loadBalancerClass) return true;
  return loadBalancerClass === "" && filter.alsoWithoutClass === true;
}
