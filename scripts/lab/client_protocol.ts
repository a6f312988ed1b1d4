/** What the lab asks of its client, and the answers: one JSON value per line. */
import type { Probe } from "./probes.ts";

/** A request. */
export type ClientRequest =
  | {
    readonly kind: "http";
    readonly host: string;
    readonly port: number;
    readonly timeoutMs: number;
  }
  | {
    readonly kind: "startProbes";
    /** One flow of datagrams, or a new connection for each probe. */
    readonly by: "datagrams" | "connections";
    readonly host: string;
    readonly port: number;
    readonly everyMs: number;
  }
  | { readonly kind: "probeCount" }
  | { readonly kind: "stopProbes" };

/** What a Pod said about itself and the client. */
export interface PodAnswer {
  readonly node: string;
  readonly pod: string;
  /** Address that the Pod saw. */
  readonly client: string;
}

/** The answer to each kind of request. */
export interface ClientAnswers {
  readonly http:
    | { readonly ok: true; readonly answer: PodAnswer }
    | { readonly ok: false; readonly error: string };
  readonly startProbes: Record<string, never>;
  /** `answeredInRow`: how many of the last probes were answered, all in a row. */
  readonly probeCount: {
    readonly sent: number;
    readonly answered: number;
    readonly lastAnsweredMs: number;
  };
  readonly stopProbes: { readonly probes: readonly Probe[] };
}

/** A request with the number that its answer carries. */
export type NumberedRequest = ClientRequest & { readonly id: number };
