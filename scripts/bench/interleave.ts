import { median } from "./figure.ts";
import type { Answers, Asking } from "./packet_lab.ts";

/** Rounds that a median is taken of. */
const ROUNDS = 9;

/** Someone to ask and what. */
export interface Contender {
  readonly name: string;
  readonly responder: { ask(asking: Asking): Promise<Answers> };
  readonly asking: Asking;
}

/** Asks all contenders in turn, round after round; medians by contender. */
export async function interleave(
  contenders: readonly Contender[],
): Promise<Record<string, number>[]> {
  const rounds = contenders.map((): Answers[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { responder, asking, name }] of contenders.entries()) {
      const answers = await responder.ask(asking);
      if (answers.answered < answers.requests) {
        throw new Error(
          `${name} answered ${answers.answered} of ${answers.requests}`,
        );
      }
      rounds[i]?.push(answers);
    }
  }
  return rounds.map((answers) => {
    const of = (key: "p50" | "p99" | "rate"): number =>
      median(answers.map((one) => one[key] ?? NaN));
    return { p50: of("p50"), p99: of("p99"), rate: Math.round(of("rate")) };
  });
}
