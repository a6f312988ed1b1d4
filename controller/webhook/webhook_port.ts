/** The webhooks' port: opened with the first certificate, kept with the next. */
import type { KeyPair } from "../../mod/certificates/mod.ts";
import {
  type Address,
  closeWithin,
  type Handler,
  type Host,
  type HttpsServer,
  type TlsOptions,
} from "../../mod/role/mod.ts";

/** What the port needs. */
export interface WebhookPortOptions {
  readonly host: Pick<Host, "clock" | "serveTls">;
  /** Where it is opened. */
  readonly at: Address;
  /** Lowest version of TLS. */
  readonly minVersion: NonNullable<TlsOptions["minVersion"]>;
  /** Answers the API server. */
  readonly handler: Handler;
}

/** An API server keeps a few connections; who else comes waits outside. */
const MAX_CONNECTIONS = 64;

/** A port that is closed until it has something to show. */
export class WebhookPort {
  readonly #options: WebhookPortOptions;
  #server: HttpsServer | undefined;

  /** Opens nothing yet. */
  constructor(options: WebhookPortOptions) {
    this.#options = options;
  }

  /** The port's number once it is open. */
  get number(): number | undefined {
    return this.#server?.port;
  }

  /**
   * Shows a certificate from the next handshake on.
   *
   * @throws {Error} When the address cannot be bound.
   */
  async show(certificate: KeyPair): Promise<void> {
    if (this.#server !== undefined) {
      this.#server.replaceCertificate(certificate);
      return;
    }
    const { host, at, minVersion, handler } = this.#options;
    const tls = { certificate, minVersion, maxConnections: MAX_CONNECTIONS };
    try {
      this.#server = await host.serveTls(at, tls, handler);
    } catch (cause) {
      throw new Error(
        `Cannot serve webhooks on ${at.hostname} port ${at.port}: choose others with --webhook-address and --webhook-port`,
        { cause },
      );
    }
  }

  /** Waits for what is under way, but not for long. */
  async close(): Promise<void> {
    if (this.#server === undefined) return;
    await closeWithin(this.#server, this.#options.host.clock);
  }
}
