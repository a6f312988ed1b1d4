/** What must hold of every history. */
export type Property =
  /** At rest somebody owns every group whose candidates and client reach each other. */
  | "owner at rest"
  /** At rest nobody else does whom the owner hears. */
  | "one owner at rest"
  /** At rest the owner is a candidate. */
  | "candidate at rest"
  /** At rest the owner is the first candidate, where the mix says so. */
  | "first at rest"
  /** At rest a client that learns from announcements alone has the owner's address. */
  | "client at rest"
  /** At rest nobody asks again and again. */
  | "questions at rest"
  /** One fault, or what the mix says: nobody answers for a moment only. */
  | "gap"
  /** Several faults: nobody answers for at most eight seconds after the last. */
  | "long gap"
  /** All gaps of a group together are short. */
  | "outage"
  /** Two answer that reach each other and the client for a moment only. */
  | "two owners"
  /** Nobody answers a client for whom another has answered for a while. */
  | "wrong answer"
  /** Nobody uses a new address that a foreign host uses. */
  | "address in use"
  /** Without a cause nothing moves. */
  | "moved without cause"
  /** Who may not forward yet takes over only where no other could. */
  | "hasty reserve"
  /** Announcements of a group are few. */
  | "announcements"
  /** A node that fails again and again gets its groups back ever later. */
  | "flapping";

/** A breach of a property. */
export interface Violation {
  /** Which. */
  readonly property: Property;
  /** Since when, in ms. */
  readonly at: number;
  /** How long in ms, or how many. */
  readonly amount: number;
  /** On which segment. */
  readonly slot: number;
  /** Of which group. */
  readonly group: number;
}

/** The worst that was seen, violation or not; times in ms. */
export interface Worst {
  /** Gap after one fault, or of a mix with a bound of its own. */
  gap: number;
  /** Gap after several faults. */
  longGap: number;
  /** All gaps of a group together. */
  outage: number;
  /** Gap while views of the API differed. */
  views: number;
  /** Gap of a client whose own link to a sound owner is cut. */
  limit: number;
  /** Two owners without a heal. */
  two: number;
  /** Two owners after a heal. */
  twoHealed: number;
  /** Two owners while IP was cut. */
  twoIpCut: number;
  /** Announcements of a group in a second. */
  announcements: number;
  /** Questions of a node about a group in the last three seconds. */
  questions: number;
}

/** Nothing bad was seen. */
export function noWorst(): Worst {
  return {
    gap: 0,
    longGap: 0,
    outage: 0,
    views: 0,
    limit: 0,
    two: 0,
    twoHealed: 0,
    twoIpCut: 0,
    announcements: 0,
    questions: 0,
  };
}
