/** Keeps this speaker's Lease: the sign of life that the others time. */
import { createHash } from "node:crypto";
import { INSTANCE_ANNOTATION, MACS_ANNOTATION } from "../../mod/config/mod.ts";
import type { KubeClient, Lease, Resource } from "../../mod/kube/mod.ts";
import { KubeError } from "../../mod/kube/mod.ts";
import { type Clock, Deadline } from "../../mod/time/mod.ts";
import type { Obstacle } from "../candidacy.ts";

const LABELS = { "herald-lb.io/component": "speaker" } as const;

/** Label that all speakers' Leases have. */
export const LEASE_SELECTOR = "herald-lb.io/component=speaker";

/** Name of the node that a Lease speaks for. */
export function leaseNode(lease: Lease): string | undefined {
  return lease.spec?.holderIdentity;
}

/** The process that renewed a Lease last; `undefined` = it does not say. */
export function leaseInstance(lease: Lease): string | undefined {
  return lease.metadata.annotations?.[INSTANCE_ANNOTATION];
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
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly error: unknown }
  /** It was not tried: this node must not count as alive. */
  | { readonly kind: "withheld"; readonly why: string };

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
  /** Tells this process from another one that has the node's name. */
  readonly instance: string;
  /** Where this node can announce, as `formatInterfaceMacs()` writes it. */
  readonly macs: () => string;
  /** Why this node must not count as alive now; undefined when it may. */
  readonly obstacle: () => Obstacle | undefined;
  /** Called after every attempt. */
  readonly onRenewal: (renewal: Renewal) => void;
}

/** Renews one Lease again and again. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  /** Whether the Lease may be there. */
  #isHeld = false;
  /** The interfaces that it names. */
  #macs: string | undefined;
  /** Ends the wait for the next renewal. */
  #due = new AbortController();

  /** Makes a keeper that has not begun. */
  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /**
   * Renews until the signal aborts. Never throws: attempts are reported, and
   * so is what an obstacle forbids.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, renewMs, onRenewal } = this.#options;
    while (!signal.aborted) {
      const begun = clock.now();
      this.#due = new AbortController();
      const renewal = await this.#attempt(signal);
      if (signal.aborted) return;
      onRenewal(renewal);
      const wait = Math.max(0, begun + renewMs - clock.now());
      await clock.sleep(wait, AbortSignal.any([signal, this.#due.signal]));
    }
  }

  /**
   * Looks at the interfaces anew: what others must know is written at once. A
   * node that can announce again waits its turn, lest a bad cable move
   * addresses to and fro.
   */
  changed(): void {
    if (!this.#isHeld) return;
    const { obstacle, macs } = this.#options;
    const isDue = obstacle()?.givesUp ?? macs() !== this.#macs;
    if (isDue) this.#due.abort();
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
    this.#isHeld = false;
  }

  async #attempt(signal: AbortSignal): Promise<Renewal> {
    const obstacle = this.#options.obstacle();
    try {
      if (obstacle === undefined) {
        await this.#within(signal, (limited) => this.#renew(limited));
        return { kind: "ok" };
      }
      if (obstacle.givesUp && this.#isHeld) {
        await this.#within(signal, (limited) => this.release(limited));
      }
      return { kind: "withheld", why: obstacle.why };
    } catch (error) {
      return { kind: "failed", error };
    }
  }

  /** An attempt that hangs must not stop the next ones. */
  async #within(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock, durationMs } = this.#options;
    const ms = durationMs / 2;
    using limit = new Deadline(clock, ms, signal);
    try {
      await call(limit.signal);
    } catch (cause) {
      if (!limit.expired) throw cause;
      throw new Error(`No answer within ${ms} ms`, { cause });
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { client, leases, namespace, node } = this.#options;
    const key = { namespace, name: leaseName(node) };
    // Followers select by the label: without it nobody would see the Lease.
    const { labels, annotations } = this.#metadata();
    const body = { metadata: { labels, annotations }, spec: this.#spec() };
    this.#isHeld = true;
    this.#macs = annotations[MACS_ANNOTATION];
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

  #metadata() {
    const { instance, macs } = this.#options;
    return {
      labels: LABELS,
      annotations: {
        [INSTANCE_ANNOTATION]: instance,
        [MACS_ANNOTATION]: macs(),
      },
    };
  }

  #lease(): Lease {
    const { namespace, node } = this.#options;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: leaseName(node), namespace, ...this.#metadata() },
      spec: this.#spec(),
    };
  }
}
