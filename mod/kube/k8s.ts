/**
 * The part of client-node that is always loaded: the readers of a kubeconfig's
 * entries. They import nothing else of the package, whose entry point costs
 * some 65 MB of memory (undici and the generated models).
 */
export {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from "@kubernetes/client-node/dist/config_types.js";
