import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Ip, ipToBytes, parseIp } from "../net/mod.ts";
import type { AddressTable } from "./address_table.ts";
import { AppliedState, type UsableSlots } from "./applied_state.ts";
import type { DesiredInterface, DesiredState } from "./desired_state.ts";
import { DesiredStatePublisher } from "./publisher.ts";
import { CONTROL, SharedMemory } from "./shared_memory.ts";

const options = { permissions: "none" } as const;

function link(index: number, name = `eth${index}`): DesiredInterface {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, index);
  return { index, name, mac, arp: true, ndp: index % 2 === 0, epoch: 0 };
}

function stateOf(
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
class FakeWorker {
  readonly memory: SharedMemory;

  constructor(main: SharedMemory) {
    this.memory = new SharedMemory(main.shape, main.buffer);
  }

  get table(): AddressTable {
    const applied = Atomics.load(this.memory.control, CONTROL.applied);
    return this.memory.generations[(applied & 1) === 0 ? 0 : 1].table;
  }

  apply(): number {
    const { control } = this.memory;
    const published = Atomics.load(control, CONTROL.published);
    Atomics.store(control, CONTROL.applied, published);
    return published;
  }

  has(text: string): boolean {
    const ip = parseIp(text);
    return ip.family === "IPv4"
      ? this.table.findIpv4(ipToBytes(ip), 0) >= 0
      : this.table.findIpv6(ipToBytes(ip), 0) >= 0;
  }
}

Deno.test(
  "DesiredStatePublisher hands over interfaces and addresses",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 16 });
    const publisher = new DesiredStatePublisher(memory);
    const worker = new FakeWorker(memory);
    const interfaces = [link(2), link(3, "fifteen-bytes-0")];
    const publication = publisher.publish(
      stateOf(interfaces, "192.0.2.1", "2001:db8::1"),
    );
    assertEquals(publication, {
      generation: 1,
      written: true,
      refusedAddresses: [],
      refusedInterfaces: [],
    });
    assertEquals(worker.apply(), 1);
    assertEquals([worker.has("192.0.2.1"), worker.has("192.0.2.2")], [
      true,
      false,
    ]);
    assertEquals(worker.has("2001:db8::1"), true);
    assertEquals(
      worker.memory.generations[1].interfaces(),
      interfaces.map((one, slot) => ({ ...one, slot })),
    );
  },
);

Deno.test(
  "DesiredStatePublisher names the interfaces of an address",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 16 });
    const publisher = new DesiredStatePublisher(memory);
    const interfaces = Array.from({ length: 64 }, (_, i) => link(i + 1));
    const ip = parseIp("192.0.2.1");
    publisher.publish({
      interfaces,
      addresses: [{ ip, interfaces: ["eth2", "eth40", "absent"], epoch: 0 }],
    });
    const { table } = memory.generations[1];
    const place = table.findIpv4(ipToBytes(ip), 0);
    const names = interfaces.filter((_, slot) => table.onInterface(place, slot))
      .map(({ name }) => name);
    assertEquals(names, ["eth2", "eth40"]);
  },
);

Deno.test(
  "DesiredStatePublisher leaves alone what the worker may read",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 16 });
    const publisher = new DesiredStatePublisher(memory);
    const worker = new FakeWorker(memory);
    publisher.publish(stateOf([], "192.0.2.1"));
    worker.apply();
    publisher.publish(stateOf([], "192.0.2.2"));
    const third = publisher.publish(stateOf([], "192.0.2.3"));
    const fourth = publisher.publish(stateOf([], "192.0.2.4"));
    assertEquals([third.written, third.generation], [false, 3]);
    assertEquals([fourth.written, fourth.generation], [false, 3]);
    assertEquals(worker.has("192.0.2.1"), true);
    assertEquals(publisher.advance(), false);
    worker.apply();
    assertEquals(worker.has("192.0.2.2"), true);
    assertEquals(publisher.advance(), true);
    assertEquals([worker.apply(), worker.has("192.0.2.4")], [3, true]);
    assertEquals(worker.has("192.0.2.3"), false);
    assertEquals(publisher.advance(), false);
  },
);

Deno.test(
  "DesiredStatePublisher refuses what finds no room, and keeps the rest",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 4 });
    const publisher = new DesiredStatePublisher(memory);
    const worker = new FakeWorker(memory);
    const six = [
      "192.0.2.1",
      "192.0.2.2",
      "192.0.2.3",
      "192.0.2.4",
      "::5",
      "::6",
    ];
    const interfaces = Array.from({ length: 66 }, (_, i) => link(i + 1));
    const first = publisher.publish(stateOf(interfaces, ...six));
    assertEquals(first.refusedAddresses, [parseIp("::5"), parseIp("::6")]);
    assertEquals(first.refusedInterfaces, ["eth65", "eth66"]);
    worker.apply();
    assertEquals(six.map((ip) => worker.has(ip)), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    const rest = six.toReversed().slice(0, 5);
    const second = publisher.publish(stateOf([], ...rest));
    // Those that are announced keep their places, whatever the order.
    assertEquals(second.refusedAddresses, [parseIp("::5")]);
  },
);

Deno.test(
  "DesiredStatePublisher keeps ids and slots as long as they are used",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 4 });
    const publisher = new DesiredStatePublisher(memory);
    const worker = new FakeWorker(memory);
    publisher.publish(stateOf([link(5), link(6)], "192.0.2.1", "192.0.2.2"));
    worker.apply();
    const id = publisher.idOf(parseIp("192.0.2.2"));
    const slot = publisher.slotOf(6);
    publisher.publish(stateOf([link(6), link(7)], "192.0.2.3", "192.0.2.2"));
    assertEquals(publisher.idOf(parseIp("192.0.2.2")), id);
    assertEquals(publisher.slotOf(6), slot);
    assertEquals(publisher.idOf(parseIp("192.0.2.1")), undefined);
  },
);

Deno.test("Generation refuses a name that is too long", options, () => {
  const publisher = new DesiredStatePublisher(
    new SharedMemory({ addressCapacity: 4 }),
  );
  assertThrows(
    () => publisher.publish(stateOf([link(2, "sixteen-bytes-00")])),
    RangeError,
    "sixteen-bytes-00",
  );
});

Deno.test(
  "SharedMemory refuses a capacity that is no power of two",
  options,
  () => {
    assertThrows(
      () => new SharedMemory({ addressCapacity: 100 }),
      RangeError,
      "100 addresses",
    );
  },
);

/** Follows what an {@linkcode AppliedState} tells, and refuses what cannot be. */
class Ledger {
  readonly held = new Set<string>();
  readonly told: string[] = [];

  begin(id: number, slot: number): void {
    assertEquals(this.held.has(`${id}@${slot}`), false, "began twice");
    this.held.add(`${id}@${slot}`);
    this.told.push(`begin ${id}@${slot}`);
  }

  end(id: number, slot: number): void {
    assertEquals(this.held.delete(`${id}@${slot}`), true, "ended twice");
    this.told.push(`end ${id}@${slot}`);
  }

  again(id: number, slot: number): void {
    assertEquals(this.held.has(`${id}@${slot}`), true, "again without begin");
    this.told.push(`again ${id}@${slot}`);
  }

  renamed(id: number): void {
    this.told.push(`renamed ${id}`);
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

const ALL: UsableSlots = { arp: [-1, -1], ndp: [-1, -1], again: [0, 0] };

class Follower {
  readonly ledger = new Ledger();
  readonly memory = new SharedMemory({ addressCapacity: 8 });
  readonly publisher = new DesiredStatePublisher(this.memory);
  readonly worker = new FakeWorker(this.memory);
  readonly applied = new AppliedState(8);

  show(desired: DesiredState, slots = ALL): string[] {
    this.publisher.publish(desired);
    this.worker.apply();
    return this.look(slots);
  }

  look(slots: UsableSlots): string[] {
    this.applied.reconcile(this.worker.table, slots, this.ledger);
    return this.ledger.take();
  }
}

Deno.test("AppliedState tells what is new once", options, () => {
  const follower = new Follower();
  const desired = stateOf([link(2), link(4)], "192.0.2.1");
  assertEquals(follower.show(desired), ["renamed 1", "begin 1@0", "begin 1@1"]);
  assertEquals(follower.show(desired), []);
  assertEquals(follower.look(ALL), []);
  assertEquals(follower.show(stateOf([link(2), link(4)])), [
    "end 1@0",
    "end 1@1",
  ]);
  assertEquals(follower.applied.size, 0);
});

Deno.test(
  "AppliedState announces anew for a new epoch, and only then",
  options,
  () => {
    const follower = new Follower();
    const ip = parseIp("192.0.2.1");
    const at = (epoch: number): DesiredState => ({
      interfaces: [link(2)],
      addresses: [{ ip, interfaces: "all", epoch }],
    });
    follower.show(at(0));
    assertEquals(follower.show(at(1)), ["again 1@0"]);
    assertEquals(follower.show(at(1)), []);
    const again = { ...ALL, again: [1, 0] } as const;
    assertEquals(follower.look(again), ["again 1@0"]);
  },
);

Deno.test(
  "AppliedState follows interfaces that fail and return",
  options,
  () => {
    const follower = new Follower();
    follower.show(stateOf([link(2), link(4)], "192.0.2.1", "2001:db8::1"));
    const onlyArp: UsableSlots = { arp: [3, 0], ndp: [2, 0], again: [0, 0] };
    assertEquals(follower.look(onlyArp), ["end 2@0"]);
    const onlyFirst: UsableSlots = { arp: [1, 0], ndp: [1, 0], again: [0, 0] };
    const told = follower.look(onlyFirst);
    assertEquals(told.toSorted(), ["begin 2@0", "end 1@1", "end 2@1"]);
    assertEquals(told.at(-1), "begin 2@0", "what ends is told first");
  },
);

Deno.test(
  "AppliedState ends the old address of a reused id first",
  options,
  () => {
    const follower = new Follower();
    follower.show(stateOf([link(2)], "192.0.2.1"));
    assertEquals(follower.show(stateOf([link(2)], "192.0.2.9")), [
      "end 1@0",
      "renamed 1",
      "begin 1@0",
    ]);
    assertEquals(follower.applied.isIpv4(1), true);
  },
);

Deno.test(
  "AppliedState always holds exactly what table and slots say",
  options,
  () => {
    const addresses: Ip[] = [1, 2, 3, 4, 5].flatMap((n) => [
      parseIp(`192.0.2.${n}`),
      parseIp(`2001:db8::${n}`),
    ]);
    const step = fc.record({
      addresses: fc.uniqueArray(fc.nat(9), { maxLength: 8 }),
      epochs: fc.nat(2),
      masks: fc.array(fc.nat(7), { minLength: 10, maxLength: 10 }),
      arp: fc.nat(7),
      ndp: fc.nat(7),
      again: fc.nat(7),
    });
    const links = [link(2), link(4), link(6)];
    fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const follower = new Follower();
      for (
        const { addresses: chosen, epochs, masks, arp, ndp, again } of steps
      ) {
        follower.show(
          {
            interfaces: links,
            addresses: chosen.map((n) => ({
              ip: addresses[n] ?? parseIp("::"),
              epoch: epochs,
              interfaces: links.filter((_, slot) =>
                ((masks[n] ?? 0) & 1 << slot) !== 0
              ).map(({ name }) => name),
            })),
          },
          { arp: [arp, 0], ndp: [ndp, 0], again: [again, 0] },
        );
        const expected = chosen.flatMap((n) => {
          const ip = addresses[n] ?? parseIp("::");
          const usable = (ip.family === "IPv4" ? arp : ndp) & (masks[n] ?? 0);
          return [0, 1, 2].filter((slot) => (usable & 1 << slot) !== 0)
            .map((slot) => `${follower.publisher.idOf(ip)}@${slot}`);
        });
        assertEquals([...follower.ledger.held].toSorted(), expected.toSorted());
      }
    }));
  },
);
