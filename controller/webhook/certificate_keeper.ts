/**
 * Keeps the webhooks' certificates: makes and renews them, and tells the API
 * server whom to trust.
 *
 * Every replica does it, not only the leader: a standby answers webhooks as
 * well, must come up while nobody leads, and what two replicas do at the same
 * time is settled by the Secret's version. All of them show what the Secret
 * holds, whoever wrote it.
 */
import {
  CertificateError,
  decideRotation,
  isKeyOf,
  type KeyPair,
  loadIssuer,
  type RotationStep,
  type RotationView,
  splitBundle,
  takeStep,
} from "../../mod/certificates/mod.ts";
import { KubeError } from "../../mod/kube/mod.ts";
import {
  encodeBundle,
  readCertificates,
  type Secret,
  SECRETS,
  writeCertificates,
} from "../../mod/webhook/mod.ts";
import { BundleInjector } from "./bundle_injector.ts";
import { type FollowOptions, NamedObject } from "./named_object.ts";

/** What the keeper needs. */
export interface CertificateKeeperOptions extends FollowOptions {
  /** Namespace of the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secretName: string;
  /** Names under which the API server calls. */
  readonly dnsNames: readonly string[];
  /** Shows a certificate from now on. */
  readonly show: (certificate: KeyPair) => Promise<void>;
}

/** Name of an authority that Herald makes. */
const AUTHORITY_NAME = "herald-webhook-ca";
/** Looks without a reason, in ms: what went by unnoticed shows then. */
const CHECK_INTERVAL = 12 * 3_600_000;
/** After a failure, in ms. */
const RETRY_INTERVAL = 5_000;
/** Another replica was faster: what it wrote is on its way here. */
const CONFLICT = 409;

/** Follows the Secret and the objects that hold the bundle. */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  readonly #secret: NamedObject<Secret>;
  readonly #bundles: BundleInjector;
  #shown: KeyPair | undefined;
  #problem: string | undefined;
  #changed = Promise.withResolvers<void>();

  /** Makes a keeper that follows nothing yet. */
  constructor(options: CertificateKeeperOptions) {
    const { namespace, secretName: name } = options;
    const onChange = (): void => this.#changed.resolve();
    this.#options = options;
    this.#secret = new NamedObject(
      SECRETS,
      { name, namespace },
      options,
      onChange,
    );
    this.#bundles = new BundleInjector(options, onChange);
  }

  /** Why nothing is shown, if so. */
  get problem(): string | undefined {
    if (this.#shown !== undefined) return undefined;
    return this.#secret.problem ?? this.#problem ??
      `waiting for the Secret ${this.#options.secretName}`;
  }

  /** Keeps the certificates until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#secret.run(signal),
      this.#bundles.run(signal),
      this.#keep(signal),
    ]);
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      const pause = await this.#attempt(signal);
      const awake = new AbortController();
      const either = AbortSignal.any([signal, awake.signal]);
      const slept = this.#options.clock.sleep(pause, either);
      await Promise.race([this.#changed.promise, slept]);
      awake.abort();
      await slept;
    }
  }

  /** One look at everything; gives the time until the next, in ms. */
  async #attempt(signal: AbortSignal): Promise<number> {
    try {
      const pause = await this.#look(signal);
      this.#problem = undefined;
      return pause;
    } catch (error) {
      if (signal.aborted) return 0;
      if (error instanceof KubeError && error.code === CONFLICT) {
        return RETRY_INTERVAL;
      }
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(
        "Cannot keep the webhooks' certificates: {error}",
        {
          error,
        },
      );
      return RETRY_INTERVAL;
    }
  }

  async #look(signal: AbortSignal): Promise<number> {
    const { current } = this.#secret;
    if (current === undefined) return CHECK_INTERVAL;
    const { clock, dnsNames } = this.#options;
    const secret = current === null ? {} : readCertificates(current);
    const [authority = ""] = splitBundle(secret["ca.crt"] ?? "");
    const untilTrusted = this.#bundles.trustedFrom(authority) - clock.now();
    const now = clock.date().getTime();
    const isTrusted = untilTrusted <= 0;
    const view = { secret, dnsNames, now, isTrusted };
    const decision = decideRotation(view);
    await this.#show(view);
    switch (decision.kind) {
      case "keep":
        await this.#inject(current, view, signal);
        return pauseOf(decision.until - now);
      case "awaitTrust":
        await this.#inject(current, view, signal);
        return pauseOf(untilTrusted);
      default:
        await this.#take(decision, view, current, signal);
        return RETRY_INTERVAL;
    }
  }

  /** Shows what the Secret holds, if it is a pair at all. */
  async #show({ secret }: RotationView): Promise<void> {
    const pair = {
      certificate: secret["tls.crt"] ?? "",
      privateKey: secret["tls.key"] ?? "",
    };
    const isShown = this.#shown?.certificate === pair.certificate &&
      this.#shown.privateKey === pair.privateKey;
    if (isShown || !isPair(pair)) return;
    await this.#options.show(pair);
    this.#shown = pair;
  }

  /** Writes what a step leads to, if the Secret is as it was seen. */
  async #take(
    step: RotationStep,
    view: RotationView,
    current: Secret | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, log, namespace, secretName: name } = this.#options;
    const issuer = await loadIssuer();
    const certificates = takeStep(step, view, issuer, AUTHORITY_NAME);
    const data = writeCertificates(certificates);
    if (current === null) {
      const secret = { metadata: { name, namespace }, data };
      await client.create(SECRETS, secret, { signal });
    } else {
      const { resourceVersion } = current.metadata;
      const body = { metadata: { resourceVersion }, data };
      const patch = { type: "merge", body } as const;
      await client.patch(SECRETS, { name, namespace }, patch, { signal });
    }
    log.info("Certificates of the webhooks: {step} ({reason})", {
      step: step.kind,
      reason: "reason" in step ? step.reason : "expired",
    });
  }

  async #inject(
    current: Secret | null,
    { secret }: RotationView,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, namespace, secretName: name } = this.#options;
    const isCurrent = async (): Promise<boolean> => {
      const { metadata } = await client.get(SECRETS, { name, namespace }, {
        signal,
      });
      return metadata.resourceVersion === current?.metadata.resourceVersion;
    };
    const bundle = encodeBundle(secret["ca.crt"] ?? "");
    await this.#bundles.inject(bundle, isCurrent, signal);
  }
}

function pauseOf(ms: number): number {
  return Math.min(CHECK_INTERVAL, Math.max(0, ms));
}

function isPair(pair: KeyPair): boolean {
  try {
    return isKeyOf(pair);
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}
