/** What the lab found: facts about each Service, and how the failover went. */
import type { LabEvent } from "./history.ts";
import type { LabSettings } from "./options.ts";
import type { Outage } from "./probes.ts";

/** One Service as the speakers, the LAN and the client see it. */
export interface ServiceFacts {
  readonly name: string;
  /** What is special about it, for people. */
  readonly note: string;
  readonly ips: readonly string[];
  readonly owner: string | null;
  /** The candidates after the owner, in order. */
  readonly standbys: readonly string[];
  /** Why in this order: hashes of the candidates, in order. */
  readonly why: readonly { readonly node: string; readonly hash: string }[];
  /** Nodes that are no candidates, with the reason words. */
  readonly excluded: readonly {
    readonly node: string;
    readonly exclusions: readonly string[];
  }[];
  /** MAC address that the client resolved; null when it has none. */
  readonly clientMac: string | null;
  readonly ownerMac: string | null;
  /** Whether every address answered HTTP. */
  readonly http: boolean;
  /** The Pod that answered last, or why none did. */
  readonly answer: string;
}

/** How the failover went. Times in milliseconds. */
export interface Failover {
  readonly killed: string;
  readonly newOwner: string;
  /** From the kill to the first frame that claims the address elsewhere. */
  readonly firstAnnouncementMs: number;
  readonly outage: Outage;
}

/** Everything. */
export interface Outcome {
  /** Which data plane, as on the command line. */
  readonly proxy: LabSettings["proxy"];
  readonly nodes: readonly string[];
  readonly services: readonly ServiceFacts[];
  readonly failover: Failover;
  readonly events: readonly LabEvent[];
}

/** The one line of `--json`. */
export function formatOutcome(outcome: Outcome): string {
  const { proxy, nodes, services, failover, events } = outcome;
  const { killed, newOwner, firstAnnouncementMs, outage } = failover;
  return JSON.stringify({
    proxy,
    nodes,
    services: services.map((
      { name, ips, owner, standbys, clientMac, ownerMac, http },
    ) => ({ name, ips, owner, standbys, clientMac, ownerMac, http })),
    failover: {
      killed,
      newOwner,
      firstAnnouncementMs: round(firstAnnouncementMs),
      outageMs: round(outage.outageMs),
      probes: outage.probes,
      lost: outage.lost,
    },
    events,
  });
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/**
 * Judges the facts of a Service.
 *
 * @param facts What was found.
 * @returns What is wrong, in words; empty when all is well.
 */
export function faultsOf(facts: ServiceFacts): string[] {
  const { name, owner, clientMac, ownerMac, http } = facts;
  const faults: string[] = [];
  if (owner === null) faults.push(`no node owns "${name}"`);
  if (clientMac !== ownerMac) {
    faults.push(
      `the client resolved ${clientMac ?? "nothing"} for "${name}", ` +
        `its owner has ${ownerMac ?? "none"}`,
    );
  }
  if (!http) faults.push(`"${name}" does not answer HTTP: ${facts.answer}`);
  return faults;
}
