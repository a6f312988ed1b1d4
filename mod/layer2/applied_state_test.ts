import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FakeWorker, link, stateOf } from "../../tests/desired_states.ts";
import { type Ip, parseIp } from "../net/mod.ts";
import { AppliedState, type UsableSlots } from "./applied_state.ts";
import type { DesiredState } from "./desired_state.ts";
import { DesiredStatePublisher } from "./publisher.ts";
import { SharedMemory } from "./shared_memory.ts";

const options = { permissions: "none" } as const;

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
