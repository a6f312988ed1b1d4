/** A fault that lasts. */
export interface Ongoing {
  /** What it is, for people. */
  readonly text: string;
  /** The node whose speaker its end starts, which needs the network. */
  readonly starts: number | undefined;
  /** Ends it; a speaker that it starts need not be ready yet. */
  heal(): Promise<void>;
}
