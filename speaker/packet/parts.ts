import { type NativeLibrary, PollSet } from "../../ffi/mod.ts";
import {
  AppliedState,
  Arbitration,
  GroupDirectory,
  MAX_INTERFACES,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import { AddressFrames } from "./address_frames.ts";
import { Announcer } from "./announcer.ts";
import { Applier } from "./applier.ts";
import { Arbiter, RoundStart } from "./arbiter.ts";
import { type BeatListener, Heartbeats } from "./heartbeats.ts";
import { Joiner } from "./joiner.ts";
import type { LoopClock, LoopTask } from "./loop_task.ts";
import { News } from "./news.ts";
import type { SightingListener } from "./port.ts";
import { Ports } from "./ports.ts";
import type { WorkerStart } from "./worker_start.ts";

/** A capture handle, and sockets for heartbeats over IPv6 and IPv4. */
const POLLED_PER_INTERFACE = 3;
/** The doorbell, and the kernel's notices. */
const POLLED_ONCE = 2;

/** What the parts of the loop share. */
export interface PartsContext {
  /** The worker's own handle of libpcap. */
  readonly library: NativeLibrary;
  /** Shared with the main thread. */
  readonly memory: SharedMemory;
  /** The time of the round. */
  readonly clock: LoopClock;
}

/** How the parts behave. */
export type PartsOptions = Pick<
  WorkerStart,
  "ringBytes" | "pacing" | "claims"
>;

/** Who is told, besides the arbiter, what the loop sees and receives. */
export interface PartsListeners {
  /** See {@linkcode Ports}. */
  readonly onSighting?: SightingListener;
  /** See {@linkcode Heartbeats}. */
  readonly onBeat?: BeatListener;
}

/** The parts of the loop, made for each other. */
export interface Parts {
  /** What the loop waits for. */
  readonly poll: PollSet;
  /** The interfaces. */
  readonly ports: Ports;
  /** The groups. */
  readonly joiner: Joiner;
  /** The announcements. */
  readonly announcer: Announcer;
  /** The heartbeats. */
  readonly heartbeats: Heartbeats;
  /** Who owns what. */
  readonly arbiter: Arbiter;
  /** The tasks of a round between the wait and the counting, in their order. */
  readonly tasks: readonly LoopTask[];
}

/**
 * Makes the parts of the packet loop for each other.
 *
 * @param listeners Told what is seen and received; left out, only the arbiter is.
 */
export function assembleParts(
  { library, memory, clock }: PartsContext,
  options: PartsOptions,
  listeners: PartsListeners = {},
): Parts {
  const poll = new PollSet(
    library,
    MAX_INTERFACES * POLLED_PER_INTERFACE + POLLED_ONCE,
  );
  const news = new News(memory);
  const state = new AppliedState(memory.shape.addressCapacity);
  const joiner = new Joiner(library, news, clock);
  const arbitration = new Arbitration();
  const groups = new GroupDirectory();
  const frames = new AddressFrames({ state, memory, arbitration, groups });
  const shared = { library, memory, poll, clock, news };
  const heartbeats: Heartbeats = new Heartbeats({
    ...shared,
    onBeat: (slot, beat, now) => {
      arbiter.beaten(slot, beat, now);
      listeners.onBeat?.(slot, beat, now);
    },
  });
  const ports: Ports = new Ports({
    ...shared,
    options,
    arbitration,
    onSighting: (port, sighting) => {
      arbiter.sighted(port, sighting);
      listeners.onSighting?.(port, sighting);
    },
    onClose: (slot) => joiner.drop(slot),
  });
  const seen = { memory, clock, news, ports, state, groups, heartbeats };
  const arbiter: Arbiter = new Arbiter({
    ...seen,
    frames,
    settings: options.claims,
  });
  const announcer = new Announcer(
    { ports, state, frames, clock },
    options.pacing,
  );
  const applier = new Applier({
    ...seen,
    announcer,
    joiner,
    arbitration,
    arbiter,
  });
  const tasks = [
    new RoundStart(arbiter),
    ports,
    heartbeats,
    applier,
    arbiter,
    announcer,
    joiner,
  ];
  return { poll, ports, joiner, announcer, heartbeats, arbiter, tasks };
}
