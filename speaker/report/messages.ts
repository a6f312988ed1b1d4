/** What the speaker's Events say. */
import { describeReason } from "../../mod/explain/mod.ts";
import { formatIp } from "../../mod/net/mod.ts";
import { complaintOf } from "../../mod/ownership/mod.ts";
import type { ServiceReport } from "../../mod/report/mod.ts";
import type { DecidedPart, ServiceDecision } from "../decisions.ts";
import type { Outcome } from "../outcomes.ts";
import type { ComplaintWord } from "./complaints.ts";

/** Nodes that a sentence names at most. */
const MAX_NODES = 5;

/** That a node announces a Service; the words are MetalLB's. */
export function assignedReport(node: string): ServiceReport {
  const message = `announcing from node "${node}" with protocol "layer2"`;
  return { type: "Normal", reason: "nodeAssigned", message };
}

/** That the elected node lacks the interfaces; the words are MetalLB's. */
export function failedReport(
  node: string,
  { announced }: Outcome,
  usable: ReadonlySet<string>,
): ServiceReport {
  const lacking = announced.filter(({ interfaces }) =>
    interfaces !== "all" && !interfaces.some((name) => usable.has(name))
  );
  const ips = lacking.flatMap(({ ips }) => ips.map(formatIp)).join(", ");
  const names = lacking.flatMap(({ interfaces }) => interfaces).join(", ");
  const message = `the interfaces specified by LB IP "${ips}" (${names}) ` +
    `do not exist on the assigned node "${node}" with protocol "layer2"`;
  return { type: "Warning", reason: "announceFailed", message };
}

/**
 * That nobody announces some addresses, and why.
 *
 * @returns `undefined` = it is not so any more.
 */
export function complaintReport(
  word: Exclude<ComplaintWord, "announceFailed">,
  decided: ServiceDecision | undefined,
): ServiceReport | undefined {
  if (decided?.kind !== "decided") return undefined;
  const part = decided.parts.find(({ decision }) =>
    complaintOf(decision) === word
  );
  if (part === undefined) return undefined;
  const ips = part.ips.map(formatIp).join(", ");
  const message = `nobody announces ${ips}: ${why(word, part)}`;
  return { type: "Warning", reason: word, message };
}

function why(
  word: Exclude<ComplaintWord, "announceFailed">,
  { pool, decision }: DecidedPart,
): string {
  switch (word) {
    case "sharedIPWithServiceSelector":
    case "ownerNotCandidate":
      return describeReason(word);
    case "noMatchingAdvertisement":
      return `no L2Advertisement that reaches pool "${pool}" and the Service selects a node`;
    case "noCandidate": {
      const { nodes } = decision;
      const named = nodes.slice(0, MAX_NODES).map(({ node, exclusions }) =>
        `${node}: ${exclusions.map(describeReason).join(", ")}`
      );
      const more = nodes.length - named.length;
      return `no node is a candidate (${named.join("; ")}${
        more > 0 ? `; and ${more} more` : ""
      })`;
    }
  }
}
