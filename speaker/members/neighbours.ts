/** Where nodes are on the LAN whose speakers do not tell it: what the kernel knows. */
import { NativeError } from "../../ffi/mod.ts";
import { type DesiredStation, NeighbourBook } from "../../mod/layer2/mod.ts";
import {
  decodeNeighbours,
  type Ip,
  tryParseIp,
  WireError,
} from "../../mod/net/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";

/** What {@linkcode Neighbours} need. */
export interface NeighboursOptions {
  /** Gives the kernel's neighbour tables, as rtnetlink messages. */
  readonly dump: () => Uint8Array;
  readonly clock: Clock;
  /** For each node that is of interest, its addresses. */
  readonly wanted: () => readonly (readonly string[])[];
  /** Called when a node was met elsewhere than before, or for the first time. */
  readonly onChange: () => void;
  /** Called when the kernel did not answer as it should; it is asked again. */
  readonly onError: (error: Error) => void;
}

/** How often it is looked whether anybody was met elsewhere, in ms. */
const INTERVAL = 10_000;
/** The same where nobody is to be met: who is wanted is told. */
const IDLE_INTERVAL = 600_000;
/** The first pause while somebody was not met yet; it doubles up to the interval. */
const FIRST_INTERVAL = 100;

/**
 * The MAC addresses at which nodes were met. The gossip makes the kernel
 * resolve them: it looks for members at the addresses of every node.
 */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #book = new NeighbourBook();
  #hurry = new AbortController();
  #isDue = false;

  /** Nobody has been met yet. */
  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** The interfaces of a node that has these addresses, as far as they are known. */
  stationsAt(addresses: readonly string[]): readonly DesiredStation[] {
    return this.#book.macsOf(parsed(addresses))
      .map((mac) => ({ mac, interfaces: "all" }));
  }

  /** Looks soon: who is wanted has changed. */
  hurry(): void {
    this.#isDue = true;
    this.#hurry.abort();
  }

  /** Looks again and again, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, wanted } = this.#options;
    let pause = FIRST_INTERVAL;
    while (!signal.aborted) {
      if (this.#isDue) pause = FIRST_INTERVAL;
      this.#isDue = false;
      this.#hurry = new AbortController();
      const nodes = wanted().map(parsed);
      const isComplete = this.#look(nodes);
      if (this.#isDue) continue;
      const either = AbortSignal.any([signal, this.#hurry.signal]);
      const interval = nodes.length === 0 ? IDLE_INTERVAL : INTERVAL;
      await clock.sleep(isComplete ? interval : pause, either);
      pause = Math.min(2 * pause, INTERVAL);
    }
  }

  /** Looks; whether everybody who is wanted was met. */
  #look(nodes: readonly Ip[][]): boolean {
    const { dump, onChange, onError } = this.#options;
    try {
      // In a cluster where all tell their interfaces the kernel is not asked.
      const found = nodes.length === 0 ? [] : decodeNeighbours(dump());
      if (this.#book.read(found, nodes.flat())) onChange();
    } catch (error) {
      if (!(error instanceof NativeError || error instanceof WireError)) {
        throw error;
      }
      onError(error);
    }
    return nodes.every((node) => this.#book.macsOf(node).length > 0);
  }
}

function parsed(addresses: readonly string[]): Ip[] {
  return addresses.flatMap((text) => tryParseIp(text) ?? []);
}
