/**
 * Beats as plain records, for tests.
 *
 * @module
 */
import fc from "fast-check";
import {
  Beat,
  BEAT_STATES,
  type ClaimChange,
  type Correction,
  type Heard,
  MAX_AGE,
  MAX_HEARD,
  MAX_TERM,
  type RecordList,
  type YieldOffer,
} from "../mod/ownership/mod.ts";

/** Names of a beat's numbers. */
const NUMBERS = [
  "node",
  "incarnation",
  "link",
  "sequence",
  "interval",
  "newestAge",
  "since",
  "until",
  "version",
  "followed",
] as const;

/** All that a beat says. */
export interface BeatFields extends
  Readonly<
    Pick<Beat, typeof NUMBERS[number] | "state" | "wanted" | "learns">
  > {
  readonly heard: readonly Heard[];
  readonly changes: readonly ClaimChange[];
  readonly corrections: readonly Correction[];
  readonly offers: readonly YieldOffer[];
}

/** A beat that says this. */
export function makeBeat(fields: BeatFields): Beat {
  const beat = new Beat();
  for (const name of NUMBERS) beat[name] = fields[name];
  beat.state = fields.state;
  beat.wanted = fields.wanted;
  beat.learns = fields.learns;
  for (const item of fields.heard) Object.assign(beat.heard.add(), item);
  for (const item of fields.changes) Object.assign(beat.changes.add(), item);
  for (const item of fields.corrections) {
    Object.assign(beat.corrections.add(), item);
  }
  for (const item of fields.offers) Object.assign(beat.offers.add(), item);
  return beat;
}

/** What a beat says. */
export function beatFields(beat: Beat): BeatFields {
  const { node, incarnation, link, sequence, interval, newestAge } = beat;
  const { since, until, version, followed, state, wanted, learns } = beat;
  return {
    node,
    incarnation,
    link,
    sequence,
    interval,
    newestAge,
    since,
    until,
    version,
    followed,
    state,
    wanted,
    learns,
    heard: itemsOf(beat.heard),
    changes: itemsOf(beat.changes),
    corrections: itemsOf(beat.corrections),
    offers: itemsOf(beat.offers),
  };
}

function itemsOf<T extends object>(list: RecordList<T>): T[] {
  return Array.from({ length: list.length }, (_, i) => ({ ...list.at(i) }));
}

const id = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const incarnation = fc.integer({ min: 0, max: 2 ** 47 - 1 });
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const age = fc.integer({ min: 0, max: MAX_AGE });
const term = fc.integer({ min: 0, max: MAX_TERM });

/** Any beat that may be sent. */
export const anyBeat: fc.Arbitrary<BeatFields> = fc.record({
  node: id,
  incarnation,
  link: word,
  sequence: id,
  interval: age,
  newestAge: age,
  since: word,
  until: word,
  version: word,
  followed: word,
  state: fc.constantFrom(...BEAT_STATES),
  wanted: fc.boolean(),
  learns: fc.boolean(),
  heard: fc.array(
    fc.record({
      node: id,
      incarnation,
      age,
      twoWay: fc.boolean(),
      lifeAge: age,
    }),
    { maxLength: MAX_HEARD },
  ),
  changes: fc.array(
    fc.record({ group: id, term, full: fc.boolean(), hash: word }),
    { maxLength: 20 },
  ),
  corrections: fc.array(
    fc.record({ group: id, term, full: fc.boolean(), hash: word, node: id }),
    { maxLength: 14 },
  ),
  offers: fc.array(fc.record({ group: id, term: word }), { maxLength: 28 }),
});
