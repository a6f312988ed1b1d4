/** What the webhooks were asked, and what they said. */
import {
  inspectCertificate,
  type KeyPair,
} from "../../mod/certificates/mod.ts";
import { Counter, Gauge, type Registry } from "../../mod/telemetry/mod.ts";
import type { DenialReason, WebhookResult } from "../../mod/webhook/mod.ts";

/** The metrics of the webhooks, registered where the role says. */
export class WebhookMetrics {
  readonly #requests: Counter<"path" | "result">;
  readonly #denials: Counter<"reason">;
  readonly #expiry: Gauge;

  /** Registers all metrics. */
  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: "herald_webhook_requests_total",
      help: "Requests to the webhooks by path and result",
      labelNames: ["path", "result"],
      registers,
    });
    this.#denials = new Counter({
      name: "herald_webhook_denials_total",
      help: "Reasons for which writes were refused",
      labelNames: ["reason"],
      registers,
    });
    this.#expiry = new Gauge({
      name: "herald_webhook_certificate_expiry_timestamp_seconds",
      help: "When the certificate that the webhooks show ends",
      registers,
    });
  }

  /** Counts a request to one of the webhooks. */
  countRequest(path: string, result: WebhookResult): void {
    this.#requests.inc({ path, result });
  }

  /** Counts a reason for a refusal. */
  countDenial(reason: DenialReason): void {
    this.#denials.inc({ reason });
  }

  /** Says which certificate is shown. */
  setCertificate({ certificate }: KeyPair): void {
    this.#expiry.set(inspectCertificate(certificate).notAfter / 1000);
  }
}
