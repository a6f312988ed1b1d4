/** What the speaker's Events say. */
import { describeReason } from "../../mod/explain/mod.ts";
import { formatIp } from "../../mod/net/mod.ts";
import { complaintOf, nodeId } from "../../mod/ownership/mod.ts";
import type { ServiceReport } from "../../mod/report/mod.ts";
import type { DecidedPart, ServiceDecision } from "../decisions.ts";
import {
  type Announced,
  type AnswerObstacle,
  answerObstacle,
  expected,
  type Outcome,
  selected,
  type UsableInterface,
} from "../outcomes.ts";
import type { ComplaintWord } from "./complaints.ts";

/** Nodes that a sentence names at most. */
const MAX_NODES = 5;

/** That a node announces a Service; the words are MetalLB's. */
export function assignedReport(node: string): ServiceReport {
  const message = `announcing from node "${node}" with protocol "layer2"`;
  return { type: "Normal", reason: "nodeAssigned", message };
}

/**
 * That the elected node lacks the interfaces, in MetalLB's words, or that they
 * are without the address's family.
 *
 * @param usable The interfaces that can be used.
 */
export function failedReport(
  node: string,
  outcome: Outcome,
  usable: readonly UsableInterface[],
): ServiceReport {
  const announced = expected(outcome, nodeId(node), usable);
  const obstacles = ["noInterface", "noArp", "noNdp"] as const;
  const sentences = obstacles.flatMap((obstacle) => {
    const lacking = announced.flatMap(({ ips, interfaces }): Announced[] => {
      const unable = ips.filter((ip) =>
        answerObstacle(ip, interfaces, usable) === obstacle
      );
      return unable.length === 0 ? [] : [{ ips: unable, interfaces }];
    });
    return lacking.length === 0
      ? []
      : [failure(obstacle, node, lacking, usable)];
  });
  const message = sentences.join("; ");
  return { type: "Warning", reason: "announceFailed", message };
}

function failure(
  obstacle: AnswerObstacle,
  node: string,
  lacking: readonly Announced[],
  usable: readonly UsableInterface[],
): string {
  const ips = lacking.flatMap(({ ips }) => ips.map(formatIp)).join(", ");
  const there = lacking.flatMap(({ interfaces }) =>
    selected(interfaces, usable).map(({ name }) => name)
  );
  const names = [...new Set(there)].join(", ");
  const unable =
    `the assigned node "${node}" cannot answer for LB IP "${ips}" ` +
    `with protocol "layer2": of its interfaces (${names}) none`;
  switch (obstacle) {
    case "noInterface": {
      const named = lacking.flatMap(({ interfaces }) => interfaces).join(", ");
      return `the interfaces specified by LB IP "${ips}" (${named}) ` +
        `do not exist on the assigned node "${node}" with protocol "layer2"`;
    }
    case "noArp":
      return `${unable} can broadcast, which ARP needs`;
    case "noNdp":
      return `${unable} has an IPv6 link-local address, which Neighbor Discovery needs: see whether IPv6 is disabled there`;
  }
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
