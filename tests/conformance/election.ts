/** Replays `election.jsonl`: the order of nodes by hash. */
import { electionOrder } from "../../mod/ownership/mod.ts";
import { formatIp, parseIp } from "../../mod/net/mod.ts";
import { compare, type Format, type Row, type Verdict } from "./runner.ts";
import { listOf, textOf } from "./rows.ts";

/** Rows `{nodeNames, ip, expect: {canonicalIP, order}}`. */
export const ELECTION: Format = {
  name: "election",
  recognises: ({ nodeNames, ip }) =>
    Array.isArray(nodeNames) && typeof ip === "string",
  run,
};

function run(row: Row): Verdict {
  const ip = textOf(row, "ip");
  return compare(row["expect"], {
    canonicalIP: formatIp(parseIp(ip)),
    order: electionOrder(listOf<string>(row, "nodeNames"), ip),
  });
}
