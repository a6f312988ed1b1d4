import { type Protocol, PROTOCOLS } from "./frame_responder.ts";
import { DROP_REASONS, type DropReason } from "./reasons.ts";
import {
  ADDRESS_COUNTER,
  addressCell,
  frameCell,
  type SharedMemory,
  STATISTIC,
  statisticCell,
} from "./shared_memory.ts";

/** What happened to the frames of one protocol on one interface. */
export interface InterfaceCounters {
  /** Name of the interface. */
  readonly name: string;
  /** The protocol. */
  readonly protocol: Protocol;
  /** Frames answered. */
  readonly answered: number;
  /** Frames not answered, by reason; reasons that never occurred are left out. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** What the capture handle of one interface counted. */
export interface CaptureCounters {
  /** Name of the interface. */
  readonly name: string;
  /** Frames that passed the filter. */
  readonly received: number;
  /** Frames lost because the worker was too slow. */
  readonly droppedByKernel: number;
  /** Frames lost by the interface or its driver. */
  readonly droppedByInterface: number;
}

/** All counters of the packet path, except those by address. */
export interface CounterSnapshot {
  /** By interface and protocol. */
  readonly frames: readonly InterfaceCounters[];
  /** By interface, at most about a second old. */
  readonly captures: readonly CaptureCounters[];
}

/** What was done about one address since it was published. */
export interface AddressCounters {
  /** Valid requests and solicitations for it. */
  readonly requestsReceived: number;
  /** Answers that left. */
  readonly responsesSent: number;
  /** Gratuitous ARP frames and unsolicited advertisements that left. */
  readonly gratuitousSent: number;
}

/**
 * Reads the counters of some interfaces.
 *
 * @param memory Shared with the worker.
 * @param interfaces Slot and name of each interface.
 */
export function readCounters(
  memory: SharedMemory,
  interfaces: Iterable<{ readonly slot: number; readonly name: string }>,
): CounterSnapshot {
  const frames: InterfaceCounters[] = [];
  const captures: CaptureCounters[] = [];
  for (const { slot, name } of interfaces) {
    for (const [number, protocol] of PROTOCOLS.entries()) {
      frames.push({ name, protocol, ...outcomes(memory, slot, number) });
    }
    const at = statisticCell(slot);
    const cell = (offset: number): number =>
      memory.statistics[at + offset] ?? 0;
    captures.push({
      name,
      received: cell(STATISTIC.received),
      droppedByKernel: cell(STATISTIC.droppedByKernel),
      droppedByInterface: cell(STATISTIC.droppedByInterface),
    });
  }
  return { frames, captures };
}

function outcomes(
  memory: SharedMemory,
  slot: number,
  protocol: number,
): Pick<InterfaceCounters, "answered" | "dropped"> {
  const at = frameCell(slot, protocol);
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const [index, reason] of DROP_REASONS.entries()) {
    const count = memory.frames[at + index + 1] ?? 0;
    if (count > 0) dropped[reason] = count;
  }
  return { answered: memory.frames[at] ?? 0, dropped };
}

/** Reads the counters of the address with an id. */
export function readAddressCounters(
  memory: SharedMemory,
  id: number,
): AddressCounters {
  const at = addressCell(id);
  const cell = (offset: number): number => memory.addresses[at + offset] ?? 0;
  return {
    requestsReceived: cell(ADDRESS_COUNTER.requestsReceived),
    responsesSent: cell(ADDRESS_COUNTER.responsesSent),
    gratuitousSent: cell(ADDRESS_COUNTER.gratuitousSent),
  };
}
