/** What a role needs of the runtime; `main.ts` gives it, tests may give another. */
import type { KubePlatform } from "../kube/mod.ts";
import type { Clock } from "../time/mod.ts";

/** A port that answers HTTP. */
export interface HttpServer {
  /** The port that it got. */
  readonly port: number;
  /** Stops accepting, and waits for what is under way. */
  readonly close: () => Promise<void>;
}

/** The runtime's effects. */
export interface Host {
  /** Time. */
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Files and HTTP. */
  readonly platform: KubePlatform;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Writes one line of the log. */
  readonly write: (line: string) => void;
  /**
   * Answers HTTP.
   *
   * @throws {Error} When the address cannot be bound.
   */
  readonly serve: (
    at: { readonly hostname: string; readonly port: number },
    handler: (request: Request) => Promise<Response>,
  ) => HttpServer;
  /** Resolves with the signal's name when the process is asked to stop. */
  readonly stopRequested: () => Promise<string>;
}
