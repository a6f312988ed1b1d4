/**
 * What goes into a member and what comes out: the whole of its contact with the
 * world. Whoever drives it performs the effects in their order.
 */
import type { Keyring } from "./keyring.ts";
import type { Endpoint, Member } from "./member.ts";
import type { PacketDrop } from "./packet.ts";
import type { SwimSettings } from "./settings.ts";
import type { StreamRefusal } from "./stream.ts";
import type { AssemblyRefusal } from "./stream_assembler.ts";

/** What can happen to a member. */
export type SwimEvent =
  /** A packet came. */
  | {
    readonly kind: "packet";
    readonly from: Endpoint;
    readonly bytes: Uint8Array;
  }
  /** Somebody opened a stream and sent a whole message. Answered by `reply` or `closeStream`. */
  | {
    readonly kind: "request";
    /** Number that the driver gave the stream. */
    readonly stream: number;
    readonly from: Endpoint;
    readonly bytes: Uint8Array;
  }
  /** The answer on a stream that `openStream` opened. */
  | {
    readonly kind: "reply";
    readonly stream: number;
    readonly bytes: Uint8Array;
  }
  /** There will be no answer on a stream that `openStream` opened. */
  | {
    readonly kind: "streamFailed";
    readonly stream: number;
    readonly reason: StreamFailure;
  }
  /** The time of `nextDeadline` has come. */
  | { readonly kind: "timer" }
  /** Meet the members at these endpoints. Answered by one `joinEnded` for each. */
  | { readonly kind: "join"; readonly to: readonly Endpoint[] }
  /** Say goodbye, and wait for at most so many ms until it has spread. Answered by `goodbyeEnded`. */
  | { readonly kind: "leave"; readonly timeout: number }
  /** The own metadata have changed. */
  | { readonly kind: "meta"; readonly meta: Uint8Array }
  /** Gossip a message of the application's own. */
  | { readonly kind: "broadcast"; readonly payload: Uint8Array }
  /** Keys have changed. */
  | { readonly kind: "keyring"; readonly keyring: Keyring }
  /** It is to behave differently from now on; what is under way goes on as it began. */
  | { readonly kind: "settings"; readonly settings: SwimSettings }
  /**
   * Whether something else tells from now on that all living members live; it
   * begins with no. While it does, one is probed every 5 s, if that is longer
   * than the interval.
   */
  | { readonly kind: "heard"; readonly all: boolean };

/** Why a stream gave no answer. */
export type StreamFailure =
  | AssemblyRefusal
  /** Nobody accepted it. */
  | "unreachable"
  /** It ended, or broke, before the answer was complete. */
  | "closed"
  /** Its deadline passed. */
  | "timedOut"
  /** Too many others are open. */
  | "tooManyStreams";

/** Why joining at an endpoint failed. */
export type JoinFailure =
  | StreamFailure
  | StreamRefusal
  /** The other side refused and said why. */
  | "remoteError"
  /** The other side answered with something else. */
  | "unexpectedMessage"
  /** Somebody speaks a version that somebody does not understand. */
  | "incompatibleVersions";

/** What became of a member, and the reason. */
export type MemberChange =
  /** It is here: for the first time, or again after it was gone. */
  | { readonly kind: "joined"; readonly reason: "new" | "returned" }
  /** It tells something else about itself. */
  | { readonly kind: "updated"; readonly reason: "newMeta" }
  /** It is suspected: our own probe failed, another accuses it, or another holds it dead. */
  | {
    readonly kind: "suspected";
    readonly reason: "unanswered" | "accused" | "heldDead";
    /** Who says so. */
    readonly by: string;
  }
  /** It objected in time. */
  | { readonly kind: "recovered"; readonly reason: "refuted" }
  /** It is dead: it did not object in time, or another says so. */
  | {
    readonly kind: "failed";
    readonly reason: "silent" | "declaredDead";
    /** Who says so. */
    readonly by: string;
  }
  /** It said goodbye. */
  | { readonly kind: "left"; readonly reason: "goodbye" }
  /** It has been gone for long and is no longer remembered. */
  | { readonly kind: "forgotten"; readonly reason: "longGone" };

/** Why something that came was not taken. */
export type DropReason =
  | PacketDrop
  | StreamRefusal
  /** A ping for a member of another name: somebody has our address in mind with it. */
  | "notForUs"
  /** An answer to no question, or too late. */
  | "unexpectedAck"
  /** A name that is empty or too long. */
  | "badName"
  /** An address that nobody can have. */
  | "badAddress"
  /** Versions that are missing or contradict each other. */
  | "badVersions"
  /** Metadata beyond the limit. */
  | "metaTooLong"
  /** A new member beyond the limit. */
  | "tooManyMembers"
  /** Another address claims the name of a member that lives, or died too recently. */
  | "addressConflict"
  /** More questions to pass on than we remember. */
  | "tooManyRelays"
  /** A state of members that cannot be in one cluster with ours. */
  | "incompatibleVersions"
  /** A message that makes no sense there. */
  | "unexpectedMessage";

/** What a member wants done. */
export type SwimEffect =
  /** Send a packet. */
  | {
    readonly kind: "send";
    readonly to: Endpoint;
    readonly bytes: Uint8Array;
  }
  /** Open a stream, send a message, give the answer back as `reply` or `streamFailed`, close. */
  | {
    readonly kind: "openStream";
    /** Comes back with the answer. */
    readonly stream: number;
    readonly to: Endpoint;
    readonly bytes: Uint8Array;
    /** When to give up, in ms of the local clock. */
    readonly deadline: number;
  }
  /** Answer a `request` and close its stream. */
  | {
    readonly kind: "reply";
    readonly stream: number;
    readonly bytes: Uint8Array;
  }
  /** Close the stream of a `request` without an answer. */
  | { readonly kind: "closeStream"; readonly stream: number }
  /** A message of the application's own arrived. */
  | { readonly kind: "deliver"; readonly payload: Uint8Array }
  /** Something became of a member. */
  | {
    readonly kind: "member";
    readonly change: MemberChange;
    readonly member: Member;
  }
  /** One endpoint of a `join` is done with. */
  | { readonly kind: "joinEnded"; readonly to: Endpoint } & JoinOutcome
  /** The goodbye of `leave` has spread, need not, or ran out of time. */
  | {
    readonly kind: "goodbyeEnded";
    readonly reason: "spread" | "alone" | "timedOut";
  }
  /** A member answers over streams, but not to packets: something drops those. */
  | { readonly kind: "packetsLost"; readonly member: Member }
  /** Something was not taken. */
  | {
    readonly kind: "dropped";
    readonly reason: DropReason;
    readonly from: Endpoint;
  };

/** Whether an endpoint was joined. */
export type JoinOutcome =
  | { readonly outcome: "joined" }
  | {
    readonly outcome: "failed";
    readonly reason: JoinFailure;
    /** What the other side said, or who is incompatible; for people. */
    readonly detail: string;
  };

/** Takes effects in their order. */
export type Emit = (effect: SwimEffect) => void;
