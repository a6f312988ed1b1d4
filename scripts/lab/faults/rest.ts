/** When a lab has come to rest: one node alone answers for each address, and goes on to. */
import { answeringAtEnd, type Recording } from "./spans.ts";

/** Who alone answers for so long is at rest, in milliseconds. */
const REST_MS = 700;
/** Of the answers that come then, so many at least have to be there. */
const REST_ANSWERS = 35;

/**
 * Who alone has answered of late for each address and answers still, or why that
 * is nobody. Who has just fallen silent is not at rest: it goes on, or another
 * takes over, and what lies between has a bound of its own.
 *
 * @param since What was seen earlier says nothing, in milliseconds since the epoch.
 */
export function ownersAtRest(
  { ips, macs, records }: Recording,
  since: number,
): readonly (number | string)[] {
  const last = records.at(-1)?.atMs ?? 0;
  if (last - since < REST_MS) return ["nothing has been seen yet"];
  const recent = records.filter(({ atMs }) => atMs > last - REST_MS);
  const atEnd = answeringAtEnd({ ips, macs, records: recent });
  return ips.map((wanted, group): number | string => {
    const own = recent.filter(({ kind, ip }) =>
      kind === "answer" && ip === wanted
    );
    const nodes = new Set(own.map(({ mac }) => macs.indexOf(mac)));
    const [owner = -1] = nodes;
    const isAlone = nodes.size === 1 && own.length >= REST_ANSWERS;
    if (isAlone && atEnd[group]?.has(owner)) return owner;
    return `${wanted} has ${own.length} answers of nodes ` +
      `${[...nodes].join(", ")}${isAlone ? ", and none any more" : ""}`;
  });
}
