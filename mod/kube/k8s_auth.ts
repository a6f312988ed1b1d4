/**
 * The rest of client-node, for users that authenticate through a plugin. Loaded
 * on demand; a re-export of one name lets the bundler drop what is not used.
 */
export { KubeConfig } from "@kubernetes/client-node";
