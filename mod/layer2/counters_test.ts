import { assertEquals, assertThrows } from "@std/assert";
import { readAddressCounters, readCounters } from "./counters.ts";
import { DROP, DROP_REASONS, dropReason, OUTCOME_COUNT } from "./reasons.ts";
import {
  ADDRESS_COUNTER,
  addressCell,
  frameCell,
  SharedMemory,
  STATISTIC,
  statisticCell,
} from "./shared_memory.ts";

const options = { permissions: "none" } as const;

Deno.test("dropReason() names every code and no other", options, () => {
  for (const [reason, code] of Object.entries(DROP)) {
    assertEquals(dropReason(code), reason);
  }
  assertEquals(DROP_REASONS.length, Object.keys(DROP).length);
  assertThrows(() => dropReason(0), RangeError, "code 0");
  assertThrows(() => dropReason(-OUTCOME_COUNT), RangeError);
});

Deno.test("readCounters() reads what was counted where", options, () => {
  const memory = new SharedMemory({ addressCapacity: 4 });
  memory.frames[frameCell(1, 0)] = 5;
  memory.frames[frameCell(1, 1) - DROP.checksum] = 2;
  memory.statistics[statisticCell(1) + STATISTIC.droppedByKernel] = 3;
  const interfaces = [{ slot: 0, name: "eth0" }, { slot: 1, name: "eth1" }];
  const { frames, captures } = readCounters(memory, interfaces);
  assertEquals(frames, [
    { name: "eth0", protocol: "arp", answered: 0, dropped: {} },
    { name: "eth0", protocol: "ndp", answered: 0, dropped: {} },
    { name: "eth1", protocol: "arp", answered: 5, dropped: {} },
    { name: "eth1", protocol: "ndp", answered: 0, dropped: { checksum: 2 } },
  ]);
  assertEquals(captures.map(({ droppedByKernel }) => droppedByKernel), [0, 3]);
});

Deno.test(
  "readAddressCounters() reads the cells of one address",
  options,
  () => {
    const memory = new SharedMemory({ addressCapacity: 4 });
    memory.addresses[addressCell(4) + ADDRESS_COUNTER.gratuitousSent] = 9;
    assertEquals(readAddressCounters(memory, 4), {
      requestsReceived: 0,
      responsesSent: 0,
      gratuitousSent: 9,
    });
    assertEquals(readAddressCounters(memory, 3).gratuitousSent, 0);
  },
);
