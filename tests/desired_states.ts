/**
 * Desired states of the packet worker, and a stand-in for the worker's end.
 *
 * @module
 */
import {
  type AddressTable,
  CONTROL,
  type DesiredInterface,
  type DesiredState,
  type Generation,
  SharedMemory,
} from "../mod/layer2/mod.ts";
import { ipToBytes, parseIp } from "../mod/net/mod.ts";

/** An interface with this index; an even one answers NDP too. */
export function link(index: number, name = `eth${index}`): DesiredInterface {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, index);
  return { index, name, mac, arp: true, ndp: index % 2 === 0, epoch: 0 };
}

/** A state that announces addresses on all of these interfaces. */
export function stateOf(
  interfaces: readonly DesiredInterface[],
  ...addresses: readonly string[]
): DesiredState {
  return {
    interfaces,
    addresses: addresses.map((text) => ({
      ip: parseIp(text),
      interfaces: "all",
      epoch: 0,
    })),
  };
}

/** The worker's end of shared memory, as far as these tests need it. */
export class FakeWorker {
  /** The same memory, laid out anew. */
  readonly memory: SharedMemory;

  /** Shares memory with a publisher. */
  constructor(main: SharedMemory) {
    this.memory = new SharedMemory(main.shape, main.buffer);
  }

  /** What is in force. */
  get generation(): Generation {
    const applied = Atomics.load(this.memory.control, CONTROL.applied);
    return this.memory.generations[(applied & 1) === 0 ? 0 : 1];
  }

  /** The table in force. */
  get table(): AddressTable {
    return this.generation.table;
  }

  /** Puts what is published in force. */
  apply(): number {
    const { control } = this.memory;
    const published = Atomics.load(control, CONTROL.published);
    Atomics.store(control, CONTROL.applied, published);
    return published;
  }

  /** Whether an address is in the table in force. */
  has(text: string): boolean {
    const ip = parseIp(text);
    return ip.family === "IPv4"
      ? this.table.findIpv4(ipToBytes(ip), 0) >= 0
      : this.table.findIpv6(ipToBytes(ip), 0) >= 0;
  }
}
