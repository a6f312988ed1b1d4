/** Keeps this speaker's Lease: the sign of life that the others time. */
import { createHash } from "node:crypto";
import type { KubeClient, Lease, Resource } from "../mod/kube/mod.ts";
import { KubeError } from "../mod/kube/mod.ts";
import type { Clock } from "../mod/time/mod.ts";

const LABELS = { "herald-lb.io/component": "speaker" } as const;

/** Label that all speakers' Leases have. */
export const LEASE_SELECTOR = "herald-lb.io/component=speaker";

/** Name of the node that a Lease speaks for. */
export function leaseNode(lease: Lease): string | undefined {
  return lease.spec?.holderIdentity;
}

/** A Kubernetes name has at most this many characters (RFC 1123 subdomain). */
const MAX_NAME = 253;

/**
 * Name of a node's Lease: the node's own behind a prefix, or a hash of it where
 * that would be too long.
 */
export function leaseName(node: string): string {
  const name = `herald-speaker.${node}`;
  if (name.length <= MAX_NAME) return name;
  return `herald-speaker.${createHash("sha256").update(node).digest("hex")}`;
}

/** What became of one renewal. */
export type Renewal =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: unknown };

/** What a {@linkcode LeaseKeeper} needs. */
export interface LeaseKeeperOptions {
  readonly client: KubeClient;
  readonly leases: Resource<Lease>;
  readonly namespace: string;
  readonly node: string;
  /** Time between renewals, in ms. */
  readonly renewMs: number;
  /** What the Lease says about its duration, in ms. */
  readonly durationMs: number;
  readonly clock: Clock;
  /** Why this node must not count as alive now; undefined when it may. */
  readonly obstacle?: () => string | undefined;
  /** Called after every attempt. */
  readonly onRenewal: (renewal: Renewal) => void;
}

/** Renews one Lease again and again. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;

  /** Makes a keeper that has not begun. */
  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /**
   * Renews until the signal aborts. Never throws: attempts are reported, and
   * one that an obstacle forbids is a failed one.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, renewMs, onRenewal, obstacle } = this.#options;
    while (!signal.aborted) {
      const begun = clock.now();
      try {
        const why = obstacle?.();
        if (why !== undefined) throw new Error(why);
        await this.#renewWithin(signal);
        onRenewal({ ok: true });
      } catch (error) {
        if (!signal.aborted) onRenewal({ ok: false, error });
      }
      await clock.sleep(Math.max(0, begun + renewMs - clock.now()), signal);
    }
  }

  /** Deletes the Lease, so that the others take over at once. */
  async release(signal: AbortSignal): Promise<void> {
    const { client, leases, namespace, node } = this.#options;
    try {
      const key = { namespace, name: leaseName(node) };
      await client.delete(leases, key, { signal });
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 404)) throw error;
    }
  }

  /** An attempt that hangs must not stop the next ones. */
  async #renewWithin(signal: AbortSignal): Promise<void> {
    const { clock, durationMs } = this.#options;
    const attempt = new AbortController();
    const all = AbortSignal.any([signal, attempt.signal]);
    const done = new AbortController();
    const limit = clock.sleep(durationMs / 2, done.signal).then(() => {
      if (!done.signal.aborted) {
        attempt.abort(new Error(`No answer within ${durationMs / 2} ms`));
      }
    });
    try {
      await this.#renew(all);
    } finally {
      done.abort();
      await limit;
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { client, leases, namespace, node } = this.#options;
    const key = { namespace, name: leaseName(node) };
    // Followers select by the label: without it nobody would see the Lease.
    const body = { metadata: { labels: LABELS }, spec: this.#spec() };
    try {
      await client.patch(leases, key, { type: "merge", body }, { signal });
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 404)) throw error;
      await client.create(leases, this.#lease(), { signal });
    }
  }

  #spec(): NonNullable<Lease["spec"]> {
    const { node, durationMs, clock } = this.#options;
    return {
      holderIdentity: node,
      leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
      // metav1.MicroTime takes six digits, Date gives three.
      renewTime: clock.date().toISOString().replace("Z", "000Z"),
    };
  }

  #lease(): Lease {
    const { namespace, node } = this.#options;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: leaseName(node),
        namespace,
        labels: LABELS,
      },
      spec: this.#spec(),
    };
  }
}
