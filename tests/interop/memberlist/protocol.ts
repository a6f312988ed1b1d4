/**
 * What both kinds of members understand and say in the tests: one JSON object
 * per line. `main.go` is memberlist's, `herald_member.ts` is ours.
 */

/** Settings of a member; durations in ms, bytes in hexadecimal. */
export interface MemberSettings {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly meta: string;
  readonly label: string;
  /** The first is the primary one. */
  readonly keys: readonly string[];
  readonly compression: boolean;
  readonly protocolVersion: number;
  readonly probeInterval: number;
  readonly probeTimeout: number;
  readonly suspicionMult: number;
  readonly retransmitMult: number;
  readonly gossipInterval: number;
  readonly gossipToTheDead: number;
  readonly pushPullInterval: number;
  readonly streamTimeout: number;
}

/** What a member is told to do. */
export type MemberCommand =
  | { readonly do: "join"; readonly to: readonly string[] }
  | { readonly do: "meta"; readonly meta: string; readonly timeout: number }
  | { readonly do: "broadcast"; readonly payload: string }
  | {
    readonly do: "addKey" | "useKey" | "removeKey";
    readonly key: string;
  }
  | { readonly do: "leave"; readonly timeout: number };

/** What happens to a member. */
export interface MemberEvent {
  readonly event:
    /** It listens. */
    | "ready"
    /** Another is here. */
    | "joined"
    /** Another has left or is dead. */
    | "gone"
    /** Another tells other metadata. */
    | "updated"
    /** A message of the application's own came. */
    | "message"
    /** Joining has ended: `count` endpoints were met. */
    | "joinEnded"
    /** The command of that name is done, or failed. */
    | "done"
    | "failed";
  readonly name?: string;
  readonly ip?: string;
  readonly meta?: string;
  readonly payload?: string;
  readonly count?: number;
  readonly error?: string;
  /** Only ours say: the kind of the change, and its reason. */
  readonly reason?: string;
}
