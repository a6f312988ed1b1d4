import { GroupSocket, NativeError, type NativeLibrary } from "../../ffi/mod.ts";
import {
  type GroupAction,
  groupBytes,
  GroupPlan,
} from "../../mod/layer2/mod.ts";
import { formatIp, ipFromBytes } from "../../mod/net/mod.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import type { News } from "./news.ts";

/** Joins in one round, so that ten thousand of them hold nothing up. */
const ACTIONS_PER_ROUND = 32;

/** The groups of one interface. */
interface Membership {
  readonly name: string;
  readonly index: number;
  readonly plan: GroupPlan;
  readonly sockets: GroupSocket[];
  /** Groups whose refusal was told. */
  readonly refused: Set<number>;
}

/** Holds solicited-node group memberships, on as many sockets as it takes. */
export class Joiner implements LoopTask {
  readonly #library: NativeLibrary;
  readonly #news: News;
  readonly #clock: LoopClock;
  readonly #bySlot = new Map<number, Membership>();
  #deadline = Infinity;

  /**
   * Begins without groups.
   *
   * @param library Opens the sockets.
   * @param news Told about refused joins.
   * @param clock Says when to try again.
   */
  constructor(library: NativeLibrary, news: News, clock: LoopClock) {
    this.#library = library;
    this.#news = news;
    this.#clock = clock;
  }

  /** Groups joined at present, over all interfaces. */
  get joined(): number {
    let sum = 0;
    for (const { plan } of this.#bySlot.values()) sum += plan.joined;
    return sum;
  }

  /** One more address of the interface in this slot needs the group. */
  acquire(
    { slot, name, index }: { slot: number; name: string; index: number },
    group: number,
  ): void {
    let membership = this.#bySlot.get(slot);
    if (membership === undefined) {
      const plan = new GroupPlan();
      membership = { name, index, plan, sockets: [], refused: new Set() };
      this.#bySlot.set(slot, membership);
    }
    membership.plan.acquire(group);
    this.#deadline = -Infinity;
  }

  /** One address less needs the group. */
  release(slot: number, group: number): void {
    this.#bySlot.get(slot)?.plan.release(group);
    this.#deadline = -Infinity;
  }

  /** Ends all memberships of the interface in this slot. */
  drop(slot: number): void {
    for (const socket of this.#bySlot.get(slot)?.sockets ?? []) socket.close();
    this.#bySlot.delete(slot);
  }

  /** Ends all memberships. */
  close(): void {
    for (const slot of [...this.#bySlot.keys()]) this.drop(slot);
  }

  /** Joins and leaves what is due, up to a number of groups. */
  run(): void {
    if (this.#deadline !== Infinity) this.#runDue(this.#clock.now);
  }

  #runDue(now: number): void {
    if (now < this.#deadline) {
      this.#clock.wakeBy(this.#deadline);
      return;
    }
    let budget = ACTIONS_PER_ROUND;
    let deadline = Infinity;
    for (const membership of this.#bySlot.values()) {
      for (; budget > 0; budget--) {
        const action = membership.plan.next(now);
        if (action === undefined) break;
        this.#perform(membership, action, now);
      }
      deadline = Math.min(deadline, membership.plan.deadline());
    }
    this.#deadline = deadline;
    this.#clock.wakeBy(deadline);
  }

  #perform(membership: Membership, action: GroupAction, now: number): void {
    const { plan, index, refused } = membership;
    try {
      const socket = this.#socket(membership, action.socket);
      const bytes = groupBytes(action.group);
      if (action.kind === "leave") {
        socket.leave(index, bytes);
      } else if (socket.join(index, bytes) === "joined") {
        refused.delete(action.group);
        plan.confirm(action);
      } else if (!plan.fill(action)) {
        this.#refuse(membership, action, now, "the kernel has no memory left");
      }
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      if (action.kind === "leave") return;
      this.#refuse(membership, action, now, error.message);
    }
  }

  #socket({ sockets }: Membership, number: number): GroupSocket {
    const known = sockets[number];
    if (known !== undefined) return known;
    const socket = new GroupSocket(this.#library);
    sockets[number] = socket;
    return socket;
  }

  /** Later tries that fail again are not told again. */
  #refuse(
    { plan, name, refused }: Membership,
    action: GroupAction,
    now: number,
    message: string,
  ): void {
    plan.refuse(action, now);
    if (refused.has(action.group)) return;
    refused.add(action.group);
    const group = formatIp(ipFromBytes(groupBytes(action.group)));
    this.#news.report({ kind: "joinRefused", name, group, message });
  }
}
