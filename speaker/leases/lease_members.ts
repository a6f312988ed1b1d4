/** Who is alive: the lease detector fed from the watch and from own renewals. */
import type { Lease } from "../../mod/kube/mod.ts";
import { LeaseView } from "../../mod/ownership/mod.ts";
import { Alarm, type Clock } from "../../mod/time/mod.ts";
import { leaseNode } from "./lease_keeper.ts";

/**
 * A Lease that was this many times too old when it was first seen is its dead
 * node's. So many, because the nodes' clocks need not agree.
 */
const STALE_FACTOR = 10;

/** Settings of a {@linkcode LeaseMembers}. */
export interface LeaseMembersOptions {
  /** Name of the own node. */
  readonly node: string;
  /** A Lease unchanged for this long is dead, in ms. */
  readonly expireMs: number;
  readonly clock: Clock;
  /** Called when somebody came or went. */
  readonly onChange: (members: readonly string[]) => void;
}

/** The speakers that count as alive, with a timer for the next who does not. */
export class LeaseMembers {
  readonly #options: LeaseMembersOptions;
  readonly #view: LeaseView;
  #members: readonly string[] = [];
  readonly #alarm: Alarm;
  #isClosed = false;

  /** Nobody is alive yet. */
  constructor(options: LeaseMembersOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#refresh());
    this.#view = new LeaseView({
      self: options.node,
      expireMs: options.expireMs,
    });
  }

  /** Nodes whose speakers count as alive, sorted. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** Whether nobody can expire at present. */
  get frozen(): boolean {
    return this.#view.frozen(this.#options.clock.now());
  }

  /** Takes in a Lease that was listed or that changed. */
  observe(lease: Lease): void {
    const node = leaseNode(lease);
    if (node === undefined) return;
    const { resourceVersion = "" } = lease.metadata;
    const renewal = `${resourceVersion} ${lease.spec?.renewTime ?? ""}`;
    this.#view.observe(
      { node, renewal, isStale: this.#isStale(lease) },
      this.#options.clock.now(),
    );
    this.#refresh();
  }

  /** Takes in that a Lease was deleted. */
  remove(lease: Lease): void {
    const node = leaseNode(lease);
    if (node === undefined) return;
    this.#view.remove(node, this.#options.clock.now());
    this.#refresh();
  }

  /** Takes in the outcome of an own renewal. */
  renewed(ok: boolean): void {
    this.#view.ownRenewal(ok, this.#options.clock.now());
    this.#refresh();
  }

  /** Stops the timer. */
  close(): void {
    this.#isClosed = true;
    this.#alarm.close();
  }

  /** Dead nodes leave their Leases, and a new speaker must not wait for them. */
  #isStale(lease: Lease): boolean {
    const { clock, expireMs } = this.#options;
    const age = clock.date().getTime() -
      Date.parse(lease.spec?.renewTime ?? "");
    return age > STALE_FACTOR * expireMs;
  }

  #refresh(): void {
    if (this.#isClosed) return;
    const members = this.#view.members(this.#options.clock.now());
    const isSame = members.length === this.#members.length &&
      members.every((member, i) => member === this.#members[i]);
    this.#members = members;
    if (!isSame) this.#options.onChange(members);
    this.#alarm.set(this.#view.nextExpiry() ?? Infinity);
  }
}
