/** A real kube-apiserver for tests and the lab, and what goes with it. */
export * from "./available.ts";
export * from "./binaries.ts";
export { programPath } from "./build.ts";
export * from "./certificates.ts";
export * from "./cluster.ts";
export type { UserOptions } from "./control_plane.ts";
export * from "./crds.ts";
export * from "./kubeconfig.ts";
export { readFolder } from "./metallb_module.ts";
