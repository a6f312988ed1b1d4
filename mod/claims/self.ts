import {
  DEFAULT_HEARTBEATS,
  type HeartbeatSettings,
  type Timing,
  timingFor,
} from "./timing.ts";

/** Where this speaker is in its life. */
export type Lifecycle =
  /** Not yet a member: it neither asks nor claims. */
  | "starting"
  /** It says that it starts, and takes only what nobody else does: it may not forward yet. */
  | "reserve"
  /** It takes part. */
  | "member"
  /** It gives away what it owns, and goes on answering for what nobody takes. */
  | "draining"
  /** It gives away what it owns and ends, whether anybody takes it or not. */
  | "exiting";

/** What a member may be, until it ends. */
export type Part = Extract<Lifecycle, "reserve" | "member" | "draining">;

/** This node, the same on all of its segments. */
export class Self {
  /** Its id. */
  readonly node: number;
  /** Told in beats; greater than that of every earlier start. */
  incarnation: number;
  /** Sequence number of the last beat sent, on whatever segment. */
  sequence = 0;
  /** Number of the last change of a claim, on whatever segment. */
  version = 0;
  /** Where it is in its life. */
  lifecycle: Lifecycle = "starting";
  /** When it became a member. */
  joinedAt: number = Infinity;
  /** Whether the main thread has been silent for too long. */
  isMainSilent = false;
  /** How many times longer than the detection time others are to wait for it: it is late again and again. */
  slack = 1;
  /** When it was last late, or the last time without that ended, as far as its slack goes. */
  strainedAt: number = -Infinity;
  /** Peers that get beats, counted on each segment: in the last turn, and those greeted since. */
  partners = 0;
  /** What is set. */
  readonly heartbeats: HeartbeatSettings;
  /** The periods in force; the interval of beats may be longer than what is set. */
  timing: Timing;

  /**
   * A speaker that has just started.
   *
   * @param node Its id.
   * @param incarnation The date in ms.
   * @param heartbeats What is set.
   */
  constructor(
    node: number,
    incarnation: number,
    heartbeats: HeartbeatSettings = DEFAULT_HEARTBEATS,
  ) {
    this.node = node;
    this.incarnation = incarnation;
    this.heartbeats = heartbeats;
    this.timing = timingFor(heartbeats.beat, heartbeats.misses);
  }

  /** Whether the interval of beats is longer than what is set: there are too many partners. */
  get isStretched(): boolean {
    return this.timing.beat > this.heartbeats.beat;
  }

  /** Silence of its own after which others may have replaced it, in ms. */
  get patience(): number {
    return this.timing.detect * this.slack;
  }
}
