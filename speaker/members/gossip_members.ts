/** The members of the cluster, as the gossip between the speakers has them. */
import { getLogger, type Logger } from "@logtape/logtape";
import type { MemberSecrets } from "../../mod/config/mod.ts";
import { type MembershipKeys, membershipKeys } from "../../mod/crypto/mod.ts";
import type {
  DesiredBystander,
  DesiredInterface,
  DesiredPeer,
} from "../../mod/layer2/mod.ts";
import {
  encodeMemberMeta,
  type Endpoint,
  isLiving,
  type KeyDerivation,
  type Member,
  type MemberChange,
  metallbKeyring,
} from "../../mod/swim/mod.ts";
import { describeError } from "../../mod/telemetry/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";
import { Gossip } from "../swim/gossip.ts";
import {
  fingerprintsOf,
  type MemberFile,
  type MemberFiles,
  type SecretFingerprints,
} from "./member_files.ts";
import { Neighbours } from "./neighbours.ts";
import {
  addressesToJoin,
  bystandersOf,
  isLegacy,
  metaOf,
  type NodePlace,
  peerOf,
  untoldAddresses,
} from "./peers.ts";

/** What {@linkcode GossipMembers} need. */
export interface GossipMembersOptions {
  /** Name of this node. */
  readonly node: string;
  /** Where this member listens; the others must reach it there. */
  readonly bind: Endpoint;
  /** The secrets that all members have, and the settings. */
  readonly files: MemberFiles;
  /** How the key is made of the secret that is encrypted with. */
  readonly derivation: KeyDerivation;
  readonly clock: Clock;
  /** The nodes of the cluster: members may be found at their addresses. */
  readonly nodes: () => readonly NodePlace[];
  /** Gives the kernel's neighbour tables, as rtnetlink messages. */
  readonly dumpNeighbours: () => Uint8Array;
  /** Called when a member came, went, or tells something else of itself. */
  readonly onChange: () => void;
}

/** How often who is missing is looked for, in ms. */
const JOIN_INTERVAL = 10_000;
/** The same until anybody was found. */
const FIRST_JOIN_INTERVAL = 500;
/** Who has not answered after so many ms is not there; a dead node's silence takes longer to end. */
const LOOK_LIMIT = 3000;

/** The speakers that gossip with this one. */
export class GossipMembers {
  readonly #options: GossipMembersOptions;
  readonly #log: Logger = getLogger(["herald", "speaker", "members"]);
  readonly #gossip: Gossip;
  readonly #neighbours: Neighbours;
  #keys: readonly MembershipKeys[];
  #meta = "";
  #hasTried = false;
  /** Ends the wait for the next look. */
  #hurry = new AbortController();
  /** Addresses at which somebody is looked for at present. */
  readonly #joining = new Set<string>();
  #drops = new Map<string, number>();
  /** Members that answer over streams only, as was said. */
  readonly #unreachedByPackets = new Set<string>();

  private constructor(
    options: GossipMembersOptions,
    gossip: Gossip,
  ) {
    this.#options = options;
    this.#gossip = gossip;
    this.#keys = keysOf(options.files.secrets);
    this.#neighbours = new Neighbours({
      dump: options.dumpNeighbours,
      clock: options.clock,
      wanted: () => untoldAddresses(this.#others, this.#otherNodes),
      onChange: options.onChange,
      onError: (error) =>
        this.#log.warn("Cannot read the kernel's neighbours: {error}", {
          error: describeError(error),
        }),
    });
  }

  /**
   * Starts a member that knows nobody yet.
   *
   * @throws {Error} When the address is not this machine's, or the port is taken.
   */
  static async start(options: GossipMembersOptions): Promise<GossipMembers> {
    const { node, bind, clock, files, derivation } = options;
    const { secrets, settings } = files;
    // The first changes come before there is anybody to tell.
    const told: { members?: GossipMembers } = {};
    const gossip = await Gossip.start({
      name: node,
      bind,
      meta: encodeMemberMeta([]),
      settings,
      clock,
      ...secrets === undefined
        ? {}
        : { keyring: metallbKeyring(secrets, derivation) },
    }, {
      onChange: (change, { name }) => told.members?.changed(change, name),
      onDrop: (reason) => told.members?.dropped(reason),
      onPacketsLost: ({ name }) => told.members?.packetsLost(name),
      onError: (error) => told.members?.failed(error),
    });
    const members = new GossipMembers(options, gossip);
    told.members = members;
    if (secrets === undefined) {
      members.#log.warn(
        "There is no memberlist secret: gossip, heartbeats and claims are not protected. Give --ml-secret-key-path",
      );
    }
    return members;
  }

  /** Keys of heartbeats and claims; the first signs, each of them verifies. */
  get keys(): readonly MembershipKeys[] {
    return this.#keys;
  }

  /** What may be shown of the secrets in force; `undefined` = there are none. */
  get fingerprints(): SecretFingerprints | undefined {
    const { secrets } = this.#options.files;
    return secrets === undefined ? undefined : fingerprintsOf(secrets);
  }

  /** Why the newest secrets or settings are not in force. */
  get fileProblems(): ReadonlyMap<MemberFile, string> {
    return this.#options.files.problems;
  }

  /** Nodes whose speakers are alive, this one included, sorted. */
  get alive(): readonly string[] {
    return this.#gossip.members.filter(isLiving).map(({ name }) => name)
      .sort();
  }

  /** Nodes of which anything is known, sorted. */
  get known(): readonly string[] {
    return this.#gossip.members.filter(({ state }) => state !== "left")
      .map(({ name }) => name).sort();
  }

  /**
   * Whether it was tried to find the others: who was not found is not there. A
   * dead machine makes that take long; whoever was found meanwhile tells of the rest.
   */
  get hasLooked(): boolean {
    return this.#hasTried || this.alive.length > 1;
  }

  /** 0 while this member is healthy, higher when it cannot rely on itself. */
  get healthScore(): number {
    return this.#gossip.healthScore;
  }

  /** What was not taken in, by reason. */
  get drops(): ReadonlyMap<string, number> {
    return this.#drops;
  }

  /** The other members, as the packet worker takes them. */
  get peers(): readonly DesiredPeer[] {
    const nodes = new Map(this.#otherNodes.map((node) => [node.name, node]));
    return this.#others.map((member) =>
      peerOf(
        member,
        (addresses) => this.#neighbours.stationsAt(addresses),
        nodes.get(member.name),
      )
    );
  }

  /** Nodes that are no members and were met on the LAN, as the packet worker takes them. */
  get bystanders(): readonly DesiredBystander[] {
    return bystandersOf(
      this.#others,
      this.#otherNodes,
      (addresses) => this.#neighbours.stationsAt(addresses),
    );
  }

  get #others(): readonly Member[] {
    const { node } = this.#options;
    return this.#gossip.members.filter(({ name }) => name !== node);
  }

  get #otherNodes(): readonly NodePlace[] {
    const { node, nodes } = this.#options;
    return nodes().filter(({ name }) => name !== node);
  }

  /** Tells the others on which interfaces this node announces. */
  tellInterfaces(interfaces: readonly DesiredInterface[]): void {
    const meta = encodeMemberMeta(interfaces.map(metaOf));
    const text = meta.join();
    if (text === this.#meta) return;
    this.#meta = text;
    this.#gossip.updateMeta(meta);
  }

  /**
   * Looks for members that are missing and for where they are, and follows the
   * files, again and again, until the signal.
   */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#keepJoining(signal),
      this.#neighbours.run(signal),
      this.#followFiles(signal),
    ]);
  }

  /** Takes in that the nodes of the cluster are others, or have other addresses. */
  nodesChanged(): void {
    this.#neighbours.hurry();
    // A speaker that starts does not take part before it has looked.
    if (!this.#hasTried) this.#hurry.abort();
  }

  /** Takes in whether heartbeats of all living members come. */
  heard(all: boolean): void {
    this.#gossip.heard(all);
  }

  async #followFiles(signal: AbortSignal): Promise<void> {
    const { files, derivation, onChange } = this.#options;
    await files.run({
      onSecrets: (secrets) => {
        this.#keys = keysOf(secrets);
        this.#gossip.setKeyring(metallbKeyring(secrets, derivation));
        onChange();
      },
      onSettings: (settings) => this.#gossip.setSettings(settings),
    }, signal);
  }

  async #keepJoining(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      this.#hurry = new AbortController();
      await this.#look(signal);
      const isAlone = this.alive.length < 2;
      const wait = isAlone ? FIRST_JOIN_INTERVAL : JOIN_INTERVAL;
      await clock.sleep(wait, AbortSignal.any([signal, this.#hurry.signal]));
    }
  }

  /** Whether any of the others that are alive is a speaker of MetalLB's. */
  get hasLegacy(): boolean {
    return this.#others.some((member) => isLiving(member) && isLegacy(member));
  }

  /** Says goodbye, in so many ms at most. */
  async sayGoodbye(timeout: number): Promise<void> {
    const reason = await this.#gossip.leave(timeout);
    this.#log.debug("Said goodbye: {reason}", { reason });
  }

  /** Ends; who did not hear a goodbye finds out. */
  async close(): Promise<void> {
    await this.#gossip.close();
  }

  /** See {@linkcode GossipMembersOptions.onChange}. */
  changed({ kind, reason }: MemberChange, name: string): void {
    this.#unreachedByPackets.delete(name);
    this.#log.info("Member {name}: {change}", { name, change: kind, reason });
    this.#neighbours.hurry();
    this.#options.onChange();
  }

  /** Counts what was not taken in. */
  dropped(reason: string): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  /** Tells that a member answers over TCP, and not to packets: once, until something becomes of it. */
  packetsLost(name: string): void {
    this.dropped("packetsLost");
    if (this.#unreachedByPackets.has(name)) return;
    this.#unreachedByPackets.add(name);
    const { port } = this.#options.bind;
    this.#log.warn(
      "Member {name} answered over TCP, not over UDP; unless it was one lost packet, let UDP port {port} pass between the nodes",
      { name, port, reason: "packetsLost" },
    );
  }

  /** Tells of a socket's problem. */
  failed(error: Error): void {
    this.#log.warn("Gossip: {error}", { error: describeError(error) });
  }

  /** Looks for who is missing, and waits for those who answer soon. */
  async #look(signal: AbortSignal): Promise<void> {
    const { clock, nodes, onChange } = this.#options;
    // Before the nodes are known, nobody is looked for.
    const isSearch = nodes().length > 0;
    const ended = new AbortController();
    this.#join().finally(() => ended.abort());
    await clock.sleep(LOOK_LIMIT, AbortSignal.any([signal, ended.signal]));
    if (this.#hasTried || !isSearch) return;
    this.#hasTried = true;
    onChange();
  }

  async #join(): Promise<void> {
    const { node, bind: { ip, port }, nodes } = this.#options;
    const missing = addressesToJoin(
      this.#gossip.members,
      nodes(),
      { node, ip },
    ).filter((each) => !this.#joining.has(each));
    for (const each of missing) this.#joining.add(each);
    const results = await this.#gossip.join(
      missing.map((each) => ({ ip: each, port })),
    );
    for (const each of missing) this.#joining.delete(each);
    this.#log.debug("Looked for {count} members", { count: results.length });
  }
}

/** Without a secret, keys that everybody knows. */
function keysOf(secrets: MemberSecrets | undefined): MembershipKeys[] {
  const { primary, accepted } = secrets ?? { primary: "", accepted: [] };
  const encoder = new TextEncoder();
  return [primary, ...accepted].map((secret) =>
    membershipKeys(encoder.encode(secret))
  );
}
