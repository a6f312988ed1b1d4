/** Cuts on the LAN, as rules of the bridge that is the LAN. */
import { lanPort } from "../network.ts";

/** What does not pass from one namespace to another. */
export interface Cut {
  /** Namespace of a node, of the client or of the observer. */
  readonly from: string;
  readonly to: string;
  /** IP does not pass, ARP and Neighbor Discovery do. */
  readonly isIpOnly: boolean;
  /** So many frames of 100 do not pass, at random; default all. */
  readonly percent?: number;
}

const TABLE = "bridge lab_faults";

function rulesOf({ from, to, isIpOnly, percent }: Cut): string[] {
  const ports = `iifname "${lanPort(from)}" oifname "${lanPort(to)}"`;
  const drop = percent === undefined
    ? "drop"
    : `numgen random mod 100 < ${percent} drop`;
  if (!isIpOnly) return [`${ports} ${drop}`];
  return [
    `${ports} ether type ip ${drop}`,
    `${ports} ether type ip6 meta l4proto != ipv6-icmp ${drop}`,
  ];
}

/**
 * The rules for all cuts there are, in place of all that were: input of
 * `nft -f -` where the bridge is.
 */
export function renderCuts(cuts: readonly Cut[]): string {
  const rules = cuts.flatMap(rulesOf).map((rule) => `    ${rule}\n`).join("");
  return `table ${TABLE} {}
delete table ${TABLE}
table ${TABLE} {
  chain forward {
    type filter hook forward priority 0; policy accept;
${rules}  }
}
`;
}

const API_TABLE = "inet lab_faults_api";

/** Rules by which nobody on a bridge reaches a port of this machine. */
export function renderApiCut(bridge: string, port: number): string {
  return `table ${API_TABLE} {
  chain input {
    type filter hook input priority -300; policy accept;
    iifname "${bridge}" tcp dport ${port} drop
  }
}
`;
}

/** Takes away what {@linkcode renderApiCut} made. */
export const NO_API_CUT = `delete table ${API_TABLE}\n`;
