/** Tells the API server whom to trust as the webhooks. */
import type { Resource } from "../../mod/kube/mod.ts";
import {
  type BundleHolder,
  bundlePatch,
  CONFIGURATION_NAME,
  CONVERTED_DEFINITION_NAME,
  CUSTOM_RESOURCE_DEFINITIONS,
  trusts,
  WEBHOOK_CONFIGURATIONS,
} from "../../mod/webhook/mod.ts";
import { type FollowOptions, NamedObject } from "./named_object.ts";

/** A bundle is known to every API server after so many ms. */
const SETTLING = 10_000;

const HOLDERS = [
  [WEBHOOK_CONFIGURATIONS, CONFIGURATION_NAME],
  [CUSTOM_RESOURCE_DEFINITIONS, CONVERTED_DEFINITION_NAME],
] as const;

/** The objects that hold the bundle: those that are there. */
export class BundleInjector {
  readonly #options: FollowOptions;
  readonly #holders: readonly (readonly [
    Resource<BundleHolder>,
    NamedObject<BundleHolder>,
  ])[];
  /** The authority that was asked about, and since when it is everywhere. */
  #trusted: { readonly authority: string; readonly since: number } | undefined;

  /**
   * Follows nothing yet.
   *
   * @param onChange Called when one of the objects has changed.
   */
  constructor(options: FollowOptions, onChange: () => void) {
    this.#options = options;
    this.#holders = HOLDERS.map(([resource, name]) => [
      resource,
      new NamedObject(resource, { name }, options, onChange),
    ]);
  }

  /** Follows the objects until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#holders.map(([, object]) => object.run(signal)));
  }

  /**
   * When every API server will have had the time to learn of an authority, in
   * ms of the clock; infinite while it is not in all bundles.
   */
  trustedFrom(authority: string): number {
    const isKnown = this.#holders.every(([, { current }]) =>
      current === null || current !== undefined && trusts(current, authority)
    );
    if (!isKnown) this.#trusted = undefined;
    else if (this.#trusted?.authority !== authority) {
      this.#trusted = { authority, since: this.#options.clock.now() };
    }
    return (this.#trusted?.since ?? Infinity) + SETTLING;
  }

  /**
   * Puts a bundle where it is not, or is another.
   *
   * @param isCurrent Asked before anything is written: whoever is behind with
   * the Secret must not undo what others did by it.
   * @throws {KubeError} Of code 409 when another replica was faster.
   */
  async inject(
    bundle: string,
    isCurrent: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, log } = this.#options;
    for (const [resource, { current }] of this.#holders) {
      const body = current ? bundlePatch(current, bundle) : undefined;
      if (!current || body === undefined) continue;
      if (!await isCurrent()) return;
      const { name } = current.metadata;
      await client.patch(resource, { name }, { type: "json", body }, {
        signal,
      });
      log.info("Put the authority of the webhooks into {kind} {name}", {
        kind: resource.plural,
        name,
      });
    }
  }
}
