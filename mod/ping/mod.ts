/**
 * Who answers for an address on a segment: which interfaces to ask on, the
 * question, what counts as an answer, and what the answers mean.
 *
 * Everything here decides; `scripts/verbs` performs.
 *
 * @module
 */
export { type Answer, ANSWER_FILTER, readAnswer } from "./answer.ts";
export {
  askedFrom,
  type AskingPort,
  choosePorts,
  type PortChoice,
  type PortRefusal,
  type PortRequest,
} from "./ports.ts";
export { question } from "./question.ts";
export {
  type Expectation,
  judge,
  type Judgement,
  type Knowledge,
  type Station,
  stationsOf,
  type TimedAnswer,
  type Verdict,
} from "./judgement.ts";
