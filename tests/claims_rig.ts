/** What the tests of `mod/claims` share: a node with a recording sink. */
import type {
  ClaimEvent,
  ClaimNotice,
  ClaimSettings,
  ClaimSink,
  GroupRecord,
  SegmentRecord,
} from "../mod/claims/mod.ts";
import { Beat, type Claim, NO_CLAIM, NO_NODE } from "../mod/ownership/mod.ts";
import { copyBeat } from "./simulate/network.ts";

/** The node under test. */
export const ME = 1;
/** A peer. */
export const ANNA = 2;
/** A peer. */
export const BERT = 3;
/** A peer. */
export const CARL = 4;
/** The group under test. */
export const GROUP = 1000;
/** The slot of the only interface. */
export const SLOT = 0;

/** A claim in full. */
export function claimOf(node: number, term: number, full = true): Claim {
  return { term, full, hash: hashOf(node), node };
}

/** Hashes in the order of the ids. */
export function hashOf(node: number): number {
  return node * 100;
}

/** A group with candidates, best first. */
export function groupRecord(
  candidates: readonly number[],
  more: Partial<GroupRecord> = {},
): GroupRecord {
  return {
    id: GROUP,
    hash: hashOf(ME),
    candidates: candidates.map((node) => ({ node, hash: hashOf(node) })),
    failback: { kind: "never" },
    frames: 1,
    isNew: false,
    ...more,
  };
}

/** The only segment, with some members and groups. */
export function segmentRecord(
  members: readonly number[],
  groups: readonly GroupRecord[],
): SegmentRecord {
  return {
    slot: SLOT,
    link: 1,
    members: members.map((node) => ({
      node,
      isAlive: true,
      hasLeft: false,
      speaksClaims: true,
    })),
    groups,
  };
}

/** A beat that says that its sender hears us. */
export function beatFrom(
  node: number,
  sequence: number,
  more: {
    readonly claims?: readonly {
      readonly group: number;
      readonly claim: Claim;
    }[];
    readonly offers?: readonly {
      readonly group: number;
      readonly term: number;
    }[];
    readonly incarnation?: number;
    readonly hearsUs?: boolean;
    readonly interval?: number;
    readonly newestAge?: number;
    readonly version?: number;
  } = {},
): Beat {
  const beat = new Beat();
  beat.node = node;
  beat.incarnation = more.incarnation ?? 1;
  beat.link = 1;
  beat.sequence = sequence;
  beat.state = "ready";
  beat.wanted = true;
  beat.interval = more.interval ?? 100;
  beat.newestAge = more.newestAge ?? 0;
  const heard = beat.heard.add();
  const hearsUs = more.hearsUs ?? true;
  Object.assign(heard, {
    node: ME,
    incarnation: hearsUs ? 1 : 0,
    age: 0,
    twoWay: true,
    lifeAge: 0,
  });
  for (const { group, claim } of more.claims ?? []) {
    const { term, full, hash } = claim;
    Object.assign(beat.changes.add(), { group, term, full, hash });
  }
  for (const offer of more.offers ?? []) {
    Object.assign(beat.offers.add(), offer);
  }
  const version = more.version ?? (more.claims === undefined ? 0 : 1);
  beat.since = 0;
  beat.until = version;
  beat.version = version;
  return beat;
}

/** A beat that was sent. */
export interface SentBeat {
  /** To whom. */
  readonly to: number;
  /** A copy of it. */
  readonly beat: Beat;
}

/** Writes down what the engine does. */
export class RecordingSink implements ClaimSink {
  /** What was done, without beats, in words. */
  done: string[] = [];
  /** Beats that were sent. */
  beats: SentBeat[] = [];
  /** Turns of the refreshes, which are among what was done as announcements. */
  readonly turns: number[] = [];
  /** How late beats came, in ms. */
  readonly lateness: number[] = [];
  /** What was reported. */
  readonly events: ClaimEvent[] = [];
  /** The claims with which groups are answered for, by slot and group. */
  readonly answering = new Map<string, Claim>();

  /** Takes what was done since the last time. */
  take(): string[] {
    const done = this.done;
    this.done = [];
    return done;
  }

  /** See {@linkcode ClaimSink}. */
  answer(slot: number, group: number, claim: Claim): void {
    this.answering.set(`${slot}/${group}`, claim);
    this.done.push(`answer ${group} ${wordsOf(claim)}`);
  }

  /** See {@linkcode ClaimSink}. */
  silence(slot: number, group: number): void {
    this.answering.delete(`${slot}/${group}`);
    this.done.push(`silence ${group}`);
  }

  /** See {@linkcode ClaimSink}. */
  announce(_slot: number, group: number): void {
    this.done.push(`announce ${group}`);
  }

  /** See {@linkcode ClaimSink}. */
  announceAgain(slot: number, group: number, turn: number): void {
    this.turns.push(turn);
    this.announce(slot, group);
  }

  /** See {@linkcode ClaimSink}. */
  ask(_slot: number, group: number, claim: Claim): void {
    const words = claim === NO_CLAIM ? "" : ` ${wordsOf(claim)}`;
    this.done.push(`ask ${group}${words}`);
  }

  /** See {@linkcode ClaimSink}. */
  askWitness(_slot: number): void {
    this.done.push("ask witness");
  }

  /** See {@linkcode ClaimSink}. */
  beat(_slot: number, node: number, beat: Beat): void {
    const copy = new Beat();
    copyBeat(beat, copy);
    this.beats.push({ to: node, beat: copy });
  }

  /** See {@linkcode ClaimSink}. */
  beatCame(_slot: number, lateness: number): void {
    this.lateness.push(lateness);
  }

  /** See {@linkcode ClaimSink}. */
  report(event: ClaimEvent): void {
    this.events.push(event);
    const other = event.node === NO_NODE ? "" : ` ${event.node}`;
    this.done.push(`${event.kind} ${event.reason}${other}`);
  }

  /** See {@linkcode ClaimSink}. */
  notice(_slot: number, group: number, notice: ClaimNotice): void {
    this.done.push(`notice ${group} ${notice}`);
  }
}

function wordsOf({ term, full }: Claim): string {
  return `term ${term}${full ? "" : " alone"}`;
}

/** Settings with changes. */
export type SettingsPatch = Partial<ClaimSettings>;
