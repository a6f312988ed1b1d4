/** How the answers to `ping` are shown. */
import { formatTable } from "../../mod/cli/mod.ts";
import type { Expectation, TimedAnswer, Verdict } from "../../mod/ping/mod.ts";

/** An answer with the nodes that have its MAC address. */
export interface MappedAnswer extends TimedAnswer {
  /** Empty = none, or none is known to. */
  readonly nodes: readonly string[];
}

/** The answer to `ping`. */
export interface PingReport {
  /** Canonical text of the address asked for. */
  readonly ip: string;
  /** Where it was asked for, and from which address. */
  readonly interfaces: readonly {
    readonly name: string;
    readonly from: string;
  }[];
  /** How often. */
  readonly rounds: number;
  /** Every answer, in the order in which they came. */
  readonly answers: readonly MappedAnswer[];
  /** How many stations answer. */
  readonly verdict: Verdict;
  /** Who should; `null` without access to a cluster. */
  readonly expected: Expectation | null;
  /** What to look at; empty = all is well. */
  readonly problems: readonly string[];
  /** What else there is to say. */
  readonly notes: readonly string[];
}

/** The report as people read it, problems first. */
export function formatReport(report: PingReport): string {
  const { ip, interfaces, rounds, answers, problems, notes } = report;
  const where = interfaces.map(({ name, from }) => `${name} (from ${from})`);
  const times = rounds === 1 ? "once" : `${rounds} times`;
  const lines = [
    ...problems.map((problem) => `problem: ${problem}`),
    ...problems.length === 0 ? [] : [""],
    `Asked ${times} for ${ip} on ${where.join(", ")}`,
    ...answers.length === 0 ? [] : ["", ...table(answers)],
    ...notes.length === 0 ? [] : ["", ...notes],
  ];
  return `${lines.join("\n")}\n`;
}

function table(answers: readonly MappedAnswer[]): readonly string[] {
  return formatTable(
    ["ROUND", "MAC", "NODE", "INTERFACE", "MS", ""],
    answers.map((answer) => [
      String(answer.round),
      answer.mac,
      answer.nodes.join(" or ") || "-",
      answer.interface,
      answer.ms.toFixed(3),
      remark(answer),
    ]),
  );
}

function remark({ mac, sender, kind }: TimedAnswer): string {
  const remarks = [
    ...kind === "unasked" ? ["told unasked"] : [],
    ...sender === mac ? [] : [`sent by ${sender}`],
  ];
  return remarks.join(", ");
}
