import { assertEquals, assertThrows } from "@std/assert";
import { FakeWorker, link, stateOf } from "../../tests/desired_states.ts";
import { ipToBytes, parseIp } from "../net/mod.ts";
import { DesiredStatePublisher } from "./publisher.ts";
import { SharedMemory } from "./shared_memory.ts";

const options = { permissions: "none" } as const;

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
      refusedPeers: [],
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

Deno.test(
  "DesiredStatePublisher shows no id or slot before it is in force",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 4 });
    const publisher = new DesiredStatePublisher(memory);
    const worker = new FakeWorker(memory);
    const [first, second, third] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    const shown = () => [
      ...[first, second, third].map((ip) => publisher.idOf(parseIp(ip))),
      ...[5, 6].map((index) => publisher.slotOf(index)),
    ];
    publisher.publish(stateOf([link(5)], first));
    worker.apply();
    assertEquals(shown(), [1, undefined, undefined, 0, undefined]);
    // The numbers are used again: what they count is not theirs yet.
    publisher.publish(stateOf([link(6)], second));
    publisher.publish(stateOf([link(6)], third));
    assertEquals(shown(), Array(5).fill(undefined));
    worker.apply();
    assertEquals(shown(), [undefined, undefined, undefined, undefined, 0]);
    publisher.advance();
    worker.apply();
    assertEquals(shown(), [undefined, undefined, 1, undefined, 0]);
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
  "SharedMemory refuses a capacity that is no power of two, or too large",
  options,
  () => {
    for (const addressCapacity of [100, 65536]) {
      assertThrows(
        () => new SharedMemory({ addressCapacity }),
        RangeError,
        `${addressCapacity} addresses`,
      );
    }
  },
);
