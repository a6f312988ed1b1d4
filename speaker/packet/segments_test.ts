import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { SegmentRecord } from "../../mod/claims/mod.ts";
import {
  type DesiredState,
  DesiredStatePublisher,
  GroupDirectory,
  type GroupEntry,
  SharedMemory,
} from "../../mod/layer2/mod.ts";
import { FakeWorker, link, stateOf } from "../../tests/desired_states.ts";
import { SegmentBook } from "./segments.ts";

const IPS = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
const SELF = 1;
const OTHER = 2;

function group(id: number, more: Partial<GroupEntry> = {}): GroupEntry {
  return {
    id,
    hash: 10 * id,
    isNew: false,
    failbackDelay: 0,
    candidates: [{ node: SELF, hash: 10 * id }, { node: OTHER, hash: 20 * id }],
    ...more,
  };
}

/** The first address is of group 1, the others of group 2. */
function state(groups: readonly GroupEntry[], isAlive = true): DesiredState {
  const { interfaces, addresses } = stateOf([link(2)], ...IPS);
  return {
    interfaces,
    addresses: addresses.map((each, i) => ({
      ...each,
      group: i === 0 ? 1 : 2,
    })),
    membership: {
      self: SELF,
      ownMacs: [],
      keys: [],
      port: 7473,
      peers: [{
        node: OTHER,
        isAlive,
        hasLeft: false,
        speaksClaims: true,
        stations: [],
      }],
      bystanders: [],
      groups,
    },
  };
}

/** Publishes states, and makes segments of them. */
class Rig {
  readonly #publisher: DesiredStatePublisher;
  readonly #worker: FakeWorker;
  readonly #groups = new GroupDirectory();
  readonly #book = new SegmentBook();

  constructor() {
    const memory = new SharedMemory({ addressCapacity: 16 });
    this.#publisher = new DesiredStatePublisher(memory);
    this.#worker = new FakeWorker(memory);
  }

  /** The only segment of a state. */
  segment(state: DesiredState, isOpen = true): SegmentRecord | undefined {
    this.#publisher.publish(state);
    this.#worker.apply();
    const { generation } = this.#worker;
    this.#groups.follow(generation, () => {});
    const links = isOpen ? generation.interfaces() : [];
    const ids = new Map(IPS.map((_, i) => [i + 1, i < 2]));
    return this.#book.segments({
      generation,
      groups: this.#groups,
      links,
      isIpv4: (id) => ids.get(id) === true,
      isOn: () => true,
    })[0];
  }
}

Deno.test("SegmentBook tells what an engine needs of a state", {
  permissions: "none",
}, () => {
  const segment = new Rig().segment(state([group(1), group(2)]));
  assertEquals(segment?.members.map(({ node }) => node), [OTHER]);
  assertEquals(
    segment?.groups.map(({ id, frames, failback, candidates }) => [
      id,
      frames,
      failback.kind,
      candidates.length,
    ]),
    [[1, 2, "immediate", 2], [2, 3, "immediate", 2]],
  );
});

Deno.test("SegmentBook gives the same record for what is the same", {
  permissions: "none",
}, () => {
  const rig = new Rig();
  const before = rig.segment(state([group(1), group(2)]));
  const after = rig.segment(
    state([group(1), group(2, { failbackDelay: Infinity })], false),
  );
  assert(before !== undefined && after !== undefined);
  assertStrictEquals(after.groups[0], before.groups[0]);
  assertEquals(after.groups[1]?.failback.kind, "never");
  assertEquals(after.members[0]?.isAlive, false);
});

Deno.test("SegmentBook begins anew with an interface that was closed", {
  permissions: "none",
}, () => {
  const rig = new Rig();
  const before = rig.segment(state([group(1), group(2)]));
  assertEquals(rig.segment(state([group(1), group(2)]), false), undefined);
  const after = rig.segment(state([group(1), group(2)]));
  assertEquals(after?.groups, before?.groups);
  assertEquals(after?.groups[0] === before?.groups[0], false);
});
