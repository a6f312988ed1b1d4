/**
 * Two nodes with a wire between them, each in a namespace of its own, whose
 * packet loops a test runs round by round.
 *
 * @module
 */
import {
  CaptureHandle,
  interfaceIndex,
  type NativeLibrary,
  openLibrary,
  PollSet,
} from "../../ffi/mod.ts";
import { type MembershipKeys, membershipKeys } from "../../mod/crypto/mod.ts";
import {
  ADDRESS_COUNTER,
  addressCell,
  type BeatCounters,
  CONTROL,
  type DesiredInterface,
  type DesiredState,
  MEMBER_PHASES,
  type MemberPhase,
  readBeatCounters,
} from "../../mod/layer2/mod.ts";
import { type Ip, parseIp, parseMac } from "../../mod/net/mod.ts";
import { Beat } from "../../mod/ownership/mod.ts";
import { type BeatFields, beatFields } from "../beats.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { Rounds } from "./rounds.ts";

/** UDP port of the heartbeats. */
export const PORT = 7473;
/** Id of the group. */
const GROUP = 77;
/** How long a datagram may take, in ms: what waits so long has failed. */
const PATIENCE = 20_000;

/** What distinguishes the two nodes. */
const SIDES = {
  near: {
    name: "near0",
    id: 0xa1a2a3a4a5a6,
    hash: 1,
    mac: parseMac("02:00:00:00:00:0a"),
    ipv4: parseIp("192.0.2.10"),
    linkLocal: parseIp("fe80::a"),
  },
  far: {
    name: "far0",
    id: 0xb1b2b3b4b5b6,
    hash: 2,
    mac: parseMac("02:00:00:00:00:0b"),
    ipv4: parseIp("192.0.2.11"),
    linkLocal: parseIp("fe80::b"),
  },
} as const;

/** One of the two. */
export type Side = keyof typeof SIDES;

/** What a node is told about itself and the other one. */
export interface NodeOptions {
  /** Families that its own interface has addresses of; both. */
  readonly own?: readonly ("IPv4" | "IPv6")[];
  /** Families that it knows addresses of the other one of; both. */
  readonly other?: readonly ("IPv4" | "IPv6")[];
  /** Keys; those of the cluster. */
  readonly keys?: readonly MembershipKeys[];
  /** No membership at all. */
  readonly isAlone?: boolean;
  /** Addresses of one group, for which both nodes are candidates, near first. */
  readonly group?: readonly Ip[];
  /** Epoch of its interface; 0. */
  readonly epoch?: number;
}

/** Keys of the cluster. */
export const KEYS: MembershipKeys = membershipKeys(new Uint8Array(8));

/** One node. */
export class HeartbeatNode {
  /** Its id. */
  readonly id: number;
  /** Its packet loop. */
  readonly rounds: Rounds;
  /** What it received. */
  readonly received: BeatFields[] = [];
  readonly #side: Side;
  readonly #pair: HeartbeatPair;
  #now = 1000;
  #sequence = 0;

  /** Makes a node of a pair. */
  constructor(pair: HeartbeatPair, side: Side) {
    this.#pair = pair;
    this.#side = side;
    this.id = SIDES[side].id;
    this.rounds = new Rounds(pair.library, {
      onBeat: (_, beat) => this.received.push(beatFields(beat)),
    });
  }

  /** Index of its interface. */
  get link(): number {
    const { name } = SIDES[this.#side];
    return this.#pair.in(
      this.#side,
      () => interfaceIndex(this.#pair.library, name),
    );
  }

  /** What became of its heartbeats. */
  get counters(): BeatCounters {
    return readBeatCounters(this.rounds.memory, 0);
  }

  /** What it is to be for the other one. */
  enter(phase: MemberPhase): void {
    const { control } = this.rounds.memory;
    Atomics.store(control, CONTROL.phase, MEMBER_PHASES.indexOf(phase));
  }

  /** Its main thread shows that it is alive. */
  showLife(): void {
    Atomics.add(this.rounds.memory.control, CONTROL.mainAlive, 1);
  }

  /** Whether it answers for the group. */
  get owns(): boolean {
    return this.rounds.memory.board.get(1).lowMask === 1;
  }

  /** Gratuitous frames that it sent for the first address of the group. */
  get announced(): number {
    const cell = addressCell(1) + ADDRESS_COUNTER.gratuitousSent;
    return this.rounds.memory.addresses[cell] ?? 0;
  }

  /** Publishes, and returns what the loop told. */
  publish(options: NodeOptions = {}): string[] {
    const state = this.#state(options);
    return this.#pair.in(
      this.#side,
      () => this.rounds.publish(state, this.#now),
    );
  }

  /** Runs one round, some time after the one before, in ms. */
  run(later = 1): string[] {
    this.#now += later;
    return this.#pair.in(this.#side, () => this.rounds.run(this.#now));
  }

  /** Sends the other one a beat; whether the kernel took it. */
  send(fields: Partial<BeatFields> = {}): boolean {
    const beat = new Beat();
    Object.assign(beat, { node: this.id, incarnation: 5, ...fields });
    beat.sequence = fields.sequence ?? ++this.#sequence;
    const other = SIDES[this.#side === "near" ? "far" : "near"];
    return this.rounds.heartbeats.send(0, other.id, beat);
  }

  /** Runs rounds until a condition holds. */
  until(condition: () => boolean, what: string): void {
    const end = performance.now() + PATIENCE;
    const poll = new PollSet(this.#pair.library, 1);
    while (!condition()) {
      if (performance.now() > end) throw new Error(`Never happened: ${what}`);
      this.run(0);
      poll.wait(1);
    }
  }

  #state(
    { own, other, keys = [KEYS], isAlone = false, group = [], epoch = 0 }:
      NodeOptions,
  ): DesiredState {
    const mine = SIDES[this.#side];
    const theirs = SIDES[this.#side === "near" ? "far" : "near"];
    const link: DesiredInterface = {
      index: this.link,
      name: mine.name,
      mac: mine.mac,
      arp: true,
      ndp: true,
      epoch,
      ...addresses(mine, own),
    };
    if (isAlone) return { interfaces: [link], addresses: [] };
    const station = { mac: theirs.mac, ...addresses(theirs, other) };
    return {
      interfaces: [link],
      addresses: group.map((ip) => ({
        ip,
        interfaces: "all",
        epoch: 0,
        group: GROUP,
      })),
      membership: {
        self: mine.id,
        ownMacs: [mine.mac],
        keys,
        port: PORT,
        peers: [{
          node: theirs.id,
          isAlive: true,
          hasLeft: false,
          speaksClaims: true,
          stations: [{ ...station, interfaces: "all" }],
        }],
        groups: group.length === 0 ? [] : [{
          id: GROUP,
          hash: mine.hash,
          isNew: false,
          failbackDelay: 0,
          candidates: [SIDES.near, SIDES.far].map(({ id, hash }) => ({
            node: id,
            hash,
          })),
        }],
      },
    };
  }
}

function addresses(
  { ipv4, linkLocal }: { readonly ipv4: Ip; readonly linkLocal: Ip },
  families: readonly ("IPv4" | "IPv6")[] = ["IPv4", "IPv6"],
): { ipv4?: Ip; linkLocal?: Ip } {
  return {
    ...families.includes("IPv4") ? { ipv4 } : {},
    ...families.includes("IPv6") ? { linkLocal } : {},
  };
}

/** See the module. The test's thread is in the far node's namespace. */
export class HeartbeatPair implements Disposable {
  /** Used by both. */
  readonly library: NativeLibrary = openLibrary();
  /** The far node's namespace. */
  readonly namespace: NetworkNamespace;
  /** One node. */
  readonly near: HeartbeatNode;
  /** The other one. */
  readonly far: HeartbeatNode;
  readonly #nearNamespace: NetworkNamespace;

  /** Makes namespaces, wire, addresses and loops; nothing is published. */
  constructor() {
    this.#nearNamespace = NetworkNamespace.enter();
    this.namespace = NetworkNamespace.enter();
    this.wire();
    this.near = new HeartbeatNode(this, "near");
    this.far = new HeartbeatNode(this, "far");
  }

  /** Makes the wire, also anew after it was removed. */
  wire(): void {
    this.namespace.wireOutside(SIDES.near.name, SIDES.far.name);
    this.in("near", () => {
      const { name } = SIDES.near;
      this.namespace.ip("link", "set", name, "addrgenmode", "none", "up");
    });
    for (const side of ["near", "far"] as const) this.#addAddresses(side);
  }

  /** Runs something in the namespace of a node. */
  in<T>(side: Side, run: () => T): T {
    return side === "far" ? run() : this.namespace.outside(run);
  }

  /** A handle on a node's end of the wire that captures UDP. */
  capture(side: Side): CaptureHandle {
    return this.in(side, () => {
      const handle = CaptureHandle.open(this.library, SIDES[side].name, {
        snapLength: 2048,
      });
      handle.setFilter(`udp port ${PORT}`);
      return handle;
    });
  }

  /** Removes everything. */
  [Symbol.dispose](): void {
    this.near.rounds[Symbol.dispose]();
    this.far.rounds[Symbol.dispose]();
    this.library.close();
    this.namespace[Symbol.dispose]();
    this.#nearNamespace[Symbol.dispose]();
  }

  #addAddresses(side: Side): void {
    const { name, id } = SIDES[side];
    const last = id === SIDES.near.id ? ["10", "a"] : ["11", "b"];
    this.in(side, () => {
      const add = (...rest: string[]): void => {
        this.namespace.ip("address", "add", ...rest, "dev", name);
      };
      add(`192.0.2.${last[0]}/24`);
      add(`fe80::${last[1]}/64`, "nodad");
    });
  }
}
