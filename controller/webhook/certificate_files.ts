/** Certificates that somebody else keeps, such as cert-manager: as files. */
import type { Logger } from "@logtape/logtape";
import type { KeyPair } from "../../mod/certificates/mod.ts";
import type { CertificateSource } from "../../mod/role/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";

/** What following the files takes. */
export interface CertificateFilesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Reads the files. */
  readonly source: CertificateSource;
  /** Shows a certificate from now on. */
  readonly show: (certificate: KeyPair) => Promise<void>;
}

/** Between looks, in ms. */
const CHECK_INTERVAL = 5_000;

/** Shows what the files hold, and looks whether they have changed. */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  #shown: KeyPair | undefined;
  #problem: string | undefined;

  /** Reads nothing yet. */
  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  /** Why nothing is shown, if so. */
  get problem(): string | undefined {
    if (this.#shown !== undefined) return undefined;
    return this.#problem ?? "the files were not read yet";
  }

  /** Follows the files until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look();
      await this.#options.clock.sleep(CHECK_INTERVAL, signal);
    }
  }

  async #look(): Promise<void> {
    const { source, show, log } = this.#options;
    try {
      const pair = await source();
      if (pair !== this.#shown) await show(pair);
      this.#shown = pair;
      this.#problem = undefined;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#problem) {
        log.warn("Cannot use the webhooks' certificate files: {error}", {
          error,
        });
      }
      this.#problem = problem;
    }
  }
}
