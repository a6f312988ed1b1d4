import {
  addressCell,
  type AppliedState,
  type AppliedStateSink,
  type Arbitration,
  CONTROL,
  type Generation,
  type GroupDirectory,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import type { Announcer } from "./announcer.ts";
import type { Arbiter } from "./arbiter.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { Joiner } from "./joiner.ts";
import type { LoopTask } from "./loop_task.ts";
import type { News } from "./news.ts";
import type { Ports } from "./ports.ts";

/** The low 24 bits of an address make its solicited-node group (RFC 4291 §2.7.1). */
const GROUP_BITS = 0xffffff;

/** What the {@linkcode Applier} drives. */
export interface ApplierContext {
  readonly memory: SharedMemory;
  readonly state: AppliedState;
  readonly ports: Ports;
  readonly announcer: Announcer;
  readonly joiner: Joiner;
  readonly news: News;
  readonly arbitration: Arbitration;
  readonly groups: GroupDirectory;
  readonly heartbeats: Heartbeats;
  readonly arbiter: Arbiter;
}

/**
 * Puts published generations in force, and follows interfaces that open and
 * fail: begins and ends announcements and groups by what is different.
 */
export class Applier implements LoopTask, AppliedStateSink {
  readonly #context: ApplierContext;
  #generation: Generation;
  #number = 0;

  /**
   * Begins with an empty state.
   *
   * @param context What it drives.
   */
  constructor(context: ApplierContext) {
    this.#context = context;
    this.#generation = context.memory.generations[0];
  }

  /** Applies the newest generation, if it is not in force, and changed ports. */
  run(): void {
    const { memory, ports } = this.#context;
    const published = Atomics.load(memory.control, CONTROL.published);
    if (published !== this.#number) this.#apply(published);
    else if (ports.takeChanged()) {
      this.#reconcile();
      this.#context.arbiter.follow(this.#generation);
    }
  }

  /** Nothing to free. */
  close(): void {}

  /** See {@linkcode AppliedStateSink}. */
  begin(id: number, slot: number): void {
    const { ports, joiner, state } = this.#context;
    const port = ports.get(slot);
    if (port === undefined) return;
    this.#announce(id, slot, true);
    // Whoever takes an address over must not wait for a switch to learn of it.
    if (!state.isIpv4(id)) joiner.acquire(port.link, this.#groupOf(id));
  }

  /** See {@linkcode AppliedStateSink}. */
  end(id: number, slot: number): void {
    const { announcer, joiner, state } = this.#context;
    announcer.stop({ id, slot });
    if (!state.isIpv4(id)) joiner.release(slot, this.#groupOf(id));
  }

  /** See {@linkcode AppliedStateSink}. */
  again(id: number, slot: number): void {
    this.#announce(id, slot, false);
  }

  /** See {@linkcode AppliedStateSink}. */
  renamed(id: number): void {
    const { addresses } = this.#context.memory;
    addresses.fill(0, addressCell(id), addressCell(id + 1));
  }

  #apply(published: number): void {
    const { memory, ports, news, arbitration } = this.#context;
    const generation = memory.generations[(published & 1) === 0 ? 0 : 1];
    arbitration.follow(generation);
    this.#followGroups(generation);
    ports.want(generation.interfaces());
    // What is closed and opened again must end in between: groups and
    // announcements belong to the port.
    if (ports.takeChanged()) this.#reconcile();
    ports.openMissing();
    ports.takeChanged();
    this.#generation = generation;
    this.#number = published;
    this.#reconcile();
    this.#context.arbiter.follow(generation);
    news.applied(published);
  }

  #reconcile(): void {
    const { ports, state, heartbeats } = this.#context;
    const { table } = this.#generation;
    ports.setTable(table);
    heartbeats.follow(this.#generation, ports.open.map(({ link }) => link));
    state.reconcile(table, {
      arp: ports.mask("arp"),
      ndp: ports.mask("ndp"),
      again: ports.takeAgain(),
    }, this);
  }

  /** What was claimed of a group ends with the group. */
  #followGroups(generation: Generation): void {
    const { groups, ports, memory } = this.#context;
    groups.follow(generation, (index) => {
      for (const port of ports.open) port.member.held.set(index, 0);
      memory.board.forget(index);
    });
  }

  /** Of a group the engine says when: its owner may have been replaced, or claim alone. */
  #announce(id: number, slot: number, isNew: boolean): void {
    const { announcer, arbiter, groups } = this.#context;
    const group = groups.groupOf(id);
    if (group === 0) announcer.start({ id, slot });
    else arbiter.announceAnew(group, slot, isNew);
  }

  #groupOf(id: number): number {
    return this.#context.state.word(id, 3) & GROUP_BITS;
  }
}
