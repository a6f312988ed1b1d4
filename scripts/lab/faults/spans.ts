/** During which times nodes answer, from the frames on the client's wire. */
import type { WireRecord } from "./wire.ts";

/** A node begins to answer for an address, or ends. */
export interface Edge {
  readonly at: number;
  /** Index of the address. */
  readonly group: number;
  /** Index of the node. */
  readonly node: number;
  readonly isAnswering: boolean;
}

/** What is recorded, and who is who. */
export interface Recording {
  /** The addresses; a group of the checker is one of them. */
  readonly ips: readonly string[];
  /** MAC addresses of the nodes. */
  readonly macs: readonly string[];
  /** In the order of their times. */
  readonly records: readonly WireRecord[];
}

/** Who leaves more questions in a row unanswered does not answer. */
const UNANSWERED = 4;

interface Answering {
  readonly group: number;
  readonly node: number;
  lastAt: number;
  /** Questions since its last answer. */
  unanswered: number;
}

/**
 * Computes who answers when: from its first answer to the last one before it
 * leaves more than a few questions in a row unanswered. While nobody asks, nobody
 * stops to answer.
 *
 * @returns Edges in the order of their times.
 */
export function answeringEdges({ ips, macs, records }: Recording): Edge[] {
  const edges: Edge[] = [];
  let answering: Answering[] = [];
  const add = ({ group, node }: Answering, at: number, isAnswering: boolean) =>
    edges.push({ at, group, node, isAnswering });
  for (const { kind, ip, mac, atMs } of records) {
    const group = ips.indexOf(ip);
    if (kind === "question") {
      const gone = answering.filter((each) =>
        each.group === group && each.unanswered++ > UNANSWERED
      );
      for (const each of gone) add(each, each.lastAt, false);
      answering = answering.filter((each) => !gone.includes(each));
    } else if (kind === "answer") {
      const node = macs.indexOf(mac);
      if (group < 0 || node < 0) continue;
      const known = answering.find((each) =>
        each.group === group && each.node === node
      );
      const now = known ?? { group, node, lastAt: atMs, unanswered: 0 };
      if (known === undefined) {
        answering.push(now);
        add(now, atMs, true);
      }
      now.lastAt = atMs;
      now.unanswered = 0;
    }
  }
  // A beginning before an end of the same time: a single answer is seen, too.
  return edges.sort((a, b) =>
    a.at - b.at || Number(b.isAnswering) - Number(a.isAnswering)
  );
}

/** The nodes that answer for each of the addresses at the end. */
export function answeringAtEnd(recording: Recording): ReadonlySet<number>[] {
  const sets = recording.ips.map(() => new Set<number>());
  for (const { group, node, isAnswering } of answeringEdges(recording)) {
    if (isAnswering) sets[group]?.add(node);
    else sets[group]?.delete(node);
  }
  return sets;
}
