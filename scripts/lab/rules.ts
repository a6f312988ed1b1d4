/**
 * Reads where a node's rules send connections, from what the kernel holds:
 * kube-proxy and the lab's stand-in name their chains after Services alike.
 */
import { run } from "./process.ts";

/** A chain as `nft list ruleset` prints it: its name and its body. */
const CHAIN = /^\tchain (\S+) \{\n(.*?)^\t\}/gms;
/** A choice of a destination NAT's map: `0 : 10.244.10.2 . 8080`. */
const CHOICE = /\d+ : ([0-9a-f.:]+) \. \d+/g;

/**
 * Finds the Pods that a ruleset spreads a Service's connections over when its
 * external traffic policy is Cluster.
 *
 * @param rules What `nft list ruleset` printed.
 * @param service Namespace and name, joined by a slash.
 * @returns Addresses, sorted, of both families, each once.
 */
export function podsInRules(rules: string, service: string): string[] {
  const addresses = new Set<string>();
  for (const [, name = "", body = ""] of rules.matchAll(CHAIN)) {
    if (!name.startsWith("service-")) continue;
    if (!name.includes(`-${service}/`)) continue;
    for (const [, address = ""] of body.matchAll(CHOICE)) {
      addresses.add(address);
    }
  }
  return [...addresses].sort();
}

/**
 * Reads the rules that a node's kernel holds.
 *
 * @param node Name of the node.
 */
export function readRules(node: string): Promise<string> {
  return run(["ip", "netns", "exec", node, "nft", "list", "ruleset"]);
}
