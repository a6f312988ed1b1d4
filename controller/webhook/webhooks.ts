/** The webhooks of a controller: port, certificates and the resources behind them. */
import type { Logger } from "@logtape/logtape";
import type { KeyPair } from "../../mod/certificates/mod.ts";
import type { KubeClient } from "../../mod/kube/mod.ts";
import {
  type Address,
  certificateOf,
  type Host,
  type TlsOptions,
} from "../../mod/role/mod.ts";
import type { Registry } from "../../mod/telemetry/mod.ts";
import { webhookHandler } from "../../mod/webhook/mod.ts";
import { CertificateFiles } from "./certificate_files.ts";
import { CertificateKeeper } from "./certificate_keeper.ts";
import { WebhookMetrics } from "./metrics.ts";
import { StoredResources } from "./stored_resources.ts";
import { WebhookPort } from "./webhook_port.ts";

/** Where the certificate comes from. */
export type CertificateOrigin =
  /** Herald makes it and keeps it in a Secret. */
  | {
    readonly kind: "secret";
    /** Name of the Secret. */
    readonly name: string;
    /** Name of the Service under which the API server calls. */
    readonly serviceName: string;
  }
  /** Somebody else does, and mounts `tls.crt` and `tls.key` into a folder. */
  | { readonly kind: "files"; readonly folder: string };

/** How the webhooks run. */
export interface WebhooksOptions {
  /** Namespace of the resources, the Secret and the Service. */
  readonly namespace: string;
  /** Where the port is opened. */
  readonly at: Address;
  /** Lowest version of TLS. */
  readonly minVersion: NonNullable<TlsOptions["minVersion"]>;
  /** Where the certificate comes from. */
  readonly certificate: CertificateOrigin;
}

/** What the webhooks work with. */
export interface WebhooksDeps {
  /** A client that waits for nobody: every replica answers. */
  readonly client: KubeClient;
  /** The runtime's effects. */
  readonly host: Pick<Host, "clock" | "random" | "platform" | "serveTls">;
  readonly log: Logger;
  /** Where the metrics are registered. */
  readonly registry: Registry;
}

/** Who brings certificates to the port. */
type Bringer = Pick<CertificateKeeper, "problem" | "run">;

/** Running webhooks. */
export class Webhooks {
  readonly #log: Logger;
  readonly #metrics: WebhookMetrics;
  readonly #port: WebhookPort;
  readonly #bringer: Bringer;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** Composes the webhooks; {@linkcode Webhooks.start} makes them run. */
  constructor(options: WebhooksOptions, deps: WebhooksDeps) {
    const { namespace, at, minVersion } = options;
    const { client, host, log, registry } = deps;
    const stored = new StoredResources(client, namespace);
    const metrics = this.#metrics = new WebhookMetrics(registry);
    this.#log = log;
    this.#port = new WebhookPort({
      host,
      at,
      minVersion,
      handler: webhookHandler({
        namespace,
        read: () => stored.read(),
        onAnswer: (path, result) => metrics.countRequest(path, result),
        onDenial: (reason) => metrics.countDenial(reason),
        onFailure: (error) =>
          log.error("Cannot read what a write has to go with: {error}", {
            error,
          }),
      }),
    });
    this.#bringer = this.#bringerOf(options, deps);
  }

  /** Starts to keep the certificate; the port opens with the first one. */
  start(): void {
    this.#running = this.#bringer.run(this.#stop.signal);
  }

  /** Why the webhooks cannot be called, one sentence each. */
  problems(): readonly string[] {
    const { problem } = this.#bringer;
    return problem === undefined
      ? []
      : [`No certificate for webhooks: ${problem}`];
  }

  /** Ends them; requests under way are answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#port.close();
  }

  #bringerOf(
    { namespace, certificate }: WebhooksOptions,
    { client, host, log }: WebhooksDeps,
  ): Bringer {
    const { clock, random, platform } = host;
    const show = (pair: KeyPair): Promise<void> => this.#show(pair);
    switch (certificate.kind) {
      case "files": {
        const { readTextFile } = platform;
        const source = certificateOf(certificate.folder, readTextFile);
        return new CertificateFiles({ clock, log, source, show });
      }
      case "secret": {
        const { name: secretName, serviceName } = certificate;
        const dnsNames = [`${serviceName}.${namespace}.svc`];
        return new CertificateKeeper({
          ...{ client, clock, random, log },
          ...{ namespace, secretName, dnsNames, show },
        });
      }
    }
  }

  async #show(pair: KeyPair): Promise<void> {
    const isFirst = this.#port.number === undefined;
    await this.#port.show(pair);
    this.#metrics.setCertificate(pair);
    const message = isFirst
      ? "Serving webhooks on port {webhookPort}"
      : "The webhooks show another certificate";
    this.#log.info(message, { webhookPort: this.#port.number });
  }
}
