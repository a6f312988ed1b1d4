/** What a role needs of the runtime; `main.ts` gives it, tests may give another. */
import type { KeyPair } from "../certificates/mod.ts";
import type { KubePlatform } from "../kube/mod.ts";
import type { Heap } from "../memory/mod.ts";
import type { Clock } from "../time/mod.ts";

/** Where a port is opened. */
export interface Address {
  /** The address that it is bound to. */
  readonly hostname: string;
  /** Its number; 0 lets the kernel choose. */
  readonly port: number;
}

/** Who sent a request. */
export interface Peer {
  /** Its address as text; an IPv4 address may come in its mapped form. */
  readonly address: string;
}

/** Answers requests. */
export type Handler = (request: Request, peer: Peer) => Promise<Response>;

/** A port that answers HTTP. */
export interface HttpServer {
  /** The port that it got. */
  readonly port: number;
  /** Stops accepting, and waits for what is under way. */
  readonly close: () => Promise<void>;
}

/** A port that answers HTTPS. */
export interface HttpsServer extends HttpServer {
  /**
   * Shows another certificate from the next handshake on. Connections that
   * are open stay so, and none is refused.
   *
   * @throws {CertificateError} When certificate and key do not belong together.
   */
  readonly replaceCertificate: (certificate: KeyPair) => void;
}

/** What an HTTPS port asks of the connection. */
export interface TlsOptions {
  /** What it shows; a chain starts with the server's own certificate. */
  readonly certificate: KeyPair;
  /** Lowest version of TLS; 1.2 by default, and nothing older is there. */
  readonly minVersion?: "1.2" | "1.3";
  /** Connections at a time; more are closed. */
  readonly maxConnections?: number;
}

/** The runtime's effects. */
export interface Host {
  /** Time. */
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** What the process holds. */
  readonly heap: Heap;
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
  readonly serve: (at: Address, handler: Handler) => HttpServer;
  /**
   * Answers HTTPS, with HTTP/1.1.
   *
   * @throws {CertificateError} When certificate and key do not belong together.
   * @throws {Error} When the address cannot be bound.
   */
  readonly serveTls: (
    at: Address,
    tls: TlsOptions,
    handler: Handler,
  ) => Promise<HttpsServer>;
  /** Resolves with the signal's name when the process is asked to stop. */
  readonly stopRequested: () => Promise<string>;
}
