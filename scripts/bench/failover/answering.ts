/** Who answers for an address, computed from the answers to steady questions. */

/** An answer that was seen on the wire. */
export interface SeenAnswer {
  readonly mac: string;
  /** Milliseconds of one clock. */
  readonly atMs: number;
}

/** What the answers show, in milliseconds. */
export interface Answering {
  /** For how long two or more MAC addresses answered. */
  readonly twoMs: number;
  /** When two answered for the last time; `-Infinity` when they never did. */
  readonly lastTwoMs: number;
  /** The longest time between two answers, whoever gave them. */
  readonly silenceMs: number;
}

interface Edge {
  readonly atMs: number;
  readonly step: 1 | -1;
}

/** The times during which one MAC address answers without a longer gap. */
function spans(times: readonly number[], gapMs: number): Edge[] {
  const edges: Edge[] = [];
  let last = -Infinity;
  for (const atMs of times) {
    if (atMs - last > gapMs) {
      if (last !== -Infinity) edges.push({ atMs: last, step: -1 });
      edges.push({ atMs, step: 1 });
    }
    last = atMs;
  }
  return times.length === 0 ? [] : [...edges, { atMs: last, step: -1 }];
}

function overlap(edges: readonly Edge[]): Omit<Answering, "silenceMs"> {
  // A single answer amid those of another takes no time, but is one.
  const sorted = edges.toSorted((a, b) => a.atMs - b.atMs || b.step - a.step);
  let answering = 0;
  let twoMs = 0;
  let lastTwoMs = -Infinity;
  let sinceMs = 0;
  for (const { atMs, step } of sorted) {
    if (answering > 1) {
      twoMs += atMs - sinceMs;
      lastTwoMs = atMs;
    }
    answering += step;
    sinceMs = atMs;
  }
  return { twoMs, lastTwoMs };
}

/**
 * Judges answers.
 *
 * @param answers In the order of their times.
 * @param gapMs A MAC address that is silent for longer does not answer; a few
 * times the interval of the questions.
 * @returns How long two answered, and how long nobody did.
 */
export function judgeAnswers(
  answers: readonly SeenAnswer[],
  gapMs: number,
): Answering {
  const times = new Map<string, number[]>();
  let silenceMs = 0;
  let last: number | undefined;
  for (const { mac, atMs } of answers) {
    silenceMs = Math.max(silenceMs, atMs - (last ?? atMs));
    last = atMs;
    const own = times.get(mac);
    if (own === undefined) times.set(mac, [atMs]);
    else own.push(atMs);
  }
  const edges = [...times.values()].flatMap((own) => spans(own, gapMs));
  return { ...overlap(edges), silenceMs };
}
