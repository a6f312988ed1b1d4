import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import { toHex } from "../../tests/bytes.ts";
import { FakeWorker, link, stateOf } from "../../tests/desired_states.ts";
import { ipToBytes, parseIp } from "../net/mod.ts";
import {
  DEFAULT_ADDRESS_CAPACITY,
  type DesiredBystander,
  type DesiredMembership,
  type DesiredPeer,
  DesiredStatePublisher,
  type DesiredStation,
  type GroupEntry,
  SharedMemory,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const id = fc.integer({ min: 1, max: 2 ** 48 - 1 });
const hash = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const group: fc.Arbitrary<GroupEntry> = fc.record({
  id,
  hash,
  isNew: fc.boolean(),
  failbackDelay: fc.oneof(fc.constant(Infinity), fc.nat()),
  candidates: fc.array(fc.record({ node: id, hash }), { maxLength: 6 }),
});

const groups = fc.uniqueArray(group, {
  selector: (each) => each.id,
  maxLength: 16,
});

const stations: fc.Arbitrary<DesiredStation[]> = fc.array(
  fc.record(
    {
      mac: arbitrary.mac,
      interfaces: fc.constantFrom<"all" | readonly string[]>("all", [
        "eth3",
      ], []),
      ipv4: arbitrary.ipv4,
      linkLocal: arbitrary.ipv6,
    },
    { requiredKeys: ["mac", "interfaces"] },
  ),
  { maxLength: 3 },
);

const peer: fc.Arbitrary<DesiredPeer> = fc.record({
  node: id,
  isAlive: fc.boolean(),
  hasLeft: fc.boolean(),
  speaksClaims: fc.boolean(),
  stations,
});

const key = arbitrary.bytes(32);

/** All other nodes, members or not. */
function nodesOf(
  { peers, bystanders = [] }: DesiredMembership,
): readonly DesiredBystander[] {
  return [...peers, ...bystanders];
}

const membership: fc.Arbitrary<DesiredMembership> = fc.record({
  self: id,
  ownMacs: fc.array(arbitrary.mac, { maxLength: 3 }),
  keys: fc.array(fc.record({ beats: key, claims: key }), { maxLength: 4 }),
  port: fc.integer({ min: 1, max: 65535 }),
  peers: fc.array(peer, { maxLength: 8 }),
  bystanders: fc.array(fc.record({ node: id, stations }), { maxLength: 3 }),
  groups,
}).filter((each) => {
  const macs = [
    ...each.ownMacs,
    ...nodesOf(each).flatMap(({ stations }) => stations.map(({ mac }) => mac)),
  ].map(toHex);
  return new Set(macs).size === macs.length;
});

function memory(addressCapacity = 16): {
  readonly publisher: DesiredStatePublisher;
  readonly worker: FakeWorker;
} {
  const shared = new SharedMemory({ addressCapacity });
  return {
    publisher: new DesiredStatePublisher(shared),
    worker: new FakeWorker(shared),
  };
}

/** What the worker reads of the other nodes' and our interfaces. */
function stationsOf({ generation }: FakeWorker): Map<string, unknown> {
  return new Map(
    [...generation.stations.stations()].map(({ mac, ...rest }) => [
      toHex(mac),
      rest,
    ]),
  );
}

/** What it ought to read: eth2 has slot 0, eth3 slot 1. */
function expectedStations(desired: DesiredMembership): Map<string, unknown> {
  const own = desired.ownMacs.map((mac): [string, unknown] => [toHex(mac), {
    node: desired.self,
    isSelf: true,
    lowMask: -1,
    highMask: -1,
  }]);
  const others = nodesOf(desired).flatMap(({ node, stations }) =>
    stations.map(({ mac, interfaces, ...rest }): [string, unknown] => [
      toHex(mac),
      {
        node,
        isSelf: false,
        lowMask: interfaces === "all" ? 3 : interfaces.length === 0 ? 0 : 2,
        highMask: 0,
        ...rest,
      },
    ])
  );
  return new Map([...own, ...others]);
}

Deno.test("DesiredStatePublisher hands over a membership", pure, () => {
  const { publisher, worker } = memory();
  fc.assert(fc.property(fc.array(membership, { maxLength: 4 }), (history) => {
    for (const desired of history) {
      publisher.publish({
        ...stateOf([link(2), link(3)]),
        membership: desired,
      });
      worker.apply();
      const { generation } = worker;
      const { self, port } = generation.membership;
      assertEquals([self, port], [desired.self, desired.port]);
      assertEquals(generation.membership.keys(), desired.keys);
      assertEquals(
        generation.peers.peers(),
        desired.peers.map(({ node, isAlive, hasLeft, speaksClaims }) => ({
          node,
          isAlive,
          hasLeft,
          speaksClaims,
        })),
      );
      assertEquals(stationsOf(worker), expectedStations(desired));
      const read = Array.from(generation.groups.entries(), ([, each]) => each);
      const byId = (a: GroupEntry, b: GroupEntry): number => a.id - b.id;
      assertEquals(read.sort(byId), desired.groups.toSorted(byId));
    }
  }));
});

const CANDIDATES = [{ node: 1, hash: 9 }, { node: 2, hash: 0xfffffff0 }];

function groupOf(groupId: number): GroupEntry {
  const rest = { hash: 9, isNew: false, failbackDelay: 0 };
  return { id: groupId, ...rest, candidates: CANDIDATES };
}

function membershipOf(...groupIds: readonly number[]): DesiredMembership {
  return {
    self: 1,
    ownMacs: [],
    keys: [],
    port: 7472,
    peers: [],
    groups: groupIds.map(groupOf),
  };
}

function indexOf({ generation }: FakeWorker, groupId: number): number {
  for (const [index, { id }] of generation.groups.entries()) {
    if (id === groupId) return index;
  }
  return 0;
}

Deno.test("DesiredStatePublisher keeps a group's index", pure, () => {
  const { publisher, worker } = memory();
  const publish = (...groupIds: readonly number[]): void => {
    const desired = membershipOf(...groupIds);
    publisher.publish({ ...stateOf([]), membership: desired });
    worker.apply();
  };
  publish(10, 20, 30);
  const index = indexOf(worker, 30);
  publish(40, 30);
  assertEquals(indexOf(worker, 30), index);
  assertNotEquals(indexOf(worker, 40), index);
  assertEquals([10, 20].map((each) => indexOf(worker, each)), [0, 0]);
});

Deno.test(
  "DesiredStatePublisher puts addresses into their groups",
  pure,
  () => {
    const { publisher, worker } = memory();
    const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((
      text,
      i,
    ) => ({
      ip: parseIp(text),
      interfaces: "all" as const,
      epoch: 0,
      ...[{}, { group: 20 }, { group: 99 }][i],
    }));
    publisher.publish({
      interfaces: [link(2)],
      addresses,
      membership: membershipOf(10, 20),
    });
    worker.apply();
    const { table } = worker.generation;
    const groupsOf = addresses.map(({ ip }) => {
      const place = table.findIpv4(ipToBytes(ip), 0);
      return place < 0 ? undefined : table.group(place);
    });
    // The last one's group is not told: nobody could ever answer for it.
    assertEquals(groupsOf, [0, indexOf(worker, 20), undefined]);
  },
);

Deno.test("GroupTable knows a candidate by its hash", pure, () => {
  const { publisher, worker } = memory();
  publisher.publish({ ...stateOf([]), membership: membershipOf(10) });
  worker.apply();
  const { groups } = worker.generation;
  const index = indexOf(worker, 10);
  const found = [9, 0xfffffff0, 8].map((each) =>
    groups.nodeWithHash(index, each, 0)
  );
  assertEquals(found, [1, 2, 0]);
});

Deno.test("GroupTable takes the likely one of two with one hash", pure, () => {
  const { publisher, worker } = memory();
  const candidates = [1, 2, 3].map((node) => ({ node, hash: 9 }));
  const groups = [{ ...groupOf(10), candidates }];
  const membership = { ...membershipOf(10), groups };
  publisher.publish({ ...stateOf([]), membership });
  worker.apply();
  const index = indexOf(worker, 10);
  const found = [3, 2, 0, 7].map((likely) =>
    worker.generation.groups.nodeWithHash(index, 9, likely)
  );
  assertEquals(found, [3, 2, 1, 1]);
});

Deno.test(
  "DesiredStatePublisher leaves out the last candidates of all alike",
  pure,
  () => {
    const { publisher, worker } = memory(2);
    const candidates = Array.from(
      { length: 20 },
      (_, i) => ({ node: i + 1, hash: i }),
    );
    const many = [1, 2].map((each) => ({ ...groupOf(each), candidates }));
    publisher.publish({
      ...stateOf([]),
      membership: { ...membershipOf(), groups: many },
    });
    worker.apply();
    const { groups } = worker.generation;
    for (const index of [1, 2]) {
      assertEquals(groups.get(index)?.candidates, candidates.slice(0, 16));
    }
  },
);

Deno.test(
  "DesiredStatePublisher tells a thousand groups with a hundred candidates each",
  pure,
  () => {
    const { publisher, worker } = memory(DEFAULT_ADDRESS_CAPACITY);
    const candidates = Array.from(
      { length: 100 },
      (_, i) => ({ node: i + 1, hash: i }),
    );
    const many = Array.from(
      { length: 1000 },
      (_, i) => ({ ...groupOf(i + 1), candidates }),
    );
    publisher.publish({
      ...stateOf([]),
      membership: { ...membershipOf(), groups: many },
    });
    worker.apply();
    const told = [...worker.generation.groups.entries()];
    assertEquals(told.length, 1000);
    for (const [, group] of told) {
      assertEquals(group.candidates.length, 100);
    }
    assertEquals(told.at(-1)?.[1].candidates, candidates);
  },
);

Deno.test(
  "DesiredStatePublisher names the nodes that find no room",
  pure,
  () => {
    const { publisher, worker } = memory();
    const peers = Array.from({ length: 1030 }, (_, i): DesiredPeer => ({
      node: i + 1,
      isAlive: true,
      hasLeft: false,
      speaksClaims: true,
      stations: [0, 1, 2].map((port) => ({
        mac: Uint8Array.of(2, 0, port, 0, i >> 8, i),
        interfaces: "all",
      })),
    }));
    const { refusedPeers } = publisher.publish({
      ...stateOf([]),
      membership: { ...membershipOf(), peers },
    });
    worker.apply();
    const { generation } = worker;
    assertEquals(refusedPeers, peers.slice(682).map(({ node }) => node));
    assertEquals(generation.peers.size, 1024);
    assertEquals(generation.stations.size, 2048);
  },
);

Deno.test("DesiredStatePublisher refuses wrong keys", pure, () => {
  const { publisher } = memory();
  const right = new Uint8Array(32);
  const both = { beats: right, claims: right };
  for (
    const keys of [Array(5).fill(both), [{ ...both, beats: right.slice(1) }]]
  ) {
    const desired = { ...membershipOf(), keys };
    assertThrows(
      () => publisher.publish({ ...stateOf([]), membership: desired }),
      RangeError,
      "key",
    );
  }
});

Deno.test("Generation hands over the addresses of an interface", pure, () => {
  const { publisher, worker } = memory();
  const interfaces = [
    { ...link(2), ipv4: parseIp("192.0.2.9"), linkLocal: parseIp("fe80::9") },
    { ...link(3), linkLocal: parseIp("fe80::a") },
  ];
  publisher.publish({ interfaces, addresses: [] });
  worker.apply();
  assertEquals(
    worker.generation.interfaces(),
    interfaces.map((each, slot) => ({ ...each, slot })),
  );
});
