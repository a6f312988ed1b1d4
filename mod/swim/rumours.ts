import type { Broadcast } from "./broadcast_queue.ts";
import type { Core } from "./core.ts";
import { equalBytes } from "./bytes.ts";
import { type MemberFacts, readFacts } from "./facts.ts";
import { MAX_MEMBERS } from "./limits.ts";
import {
  type Endpoint,
  equalEndpoint,
  isLiving,
  type Member,
  stateFromWire,
  toNodeState,
} from "./member.ts";
import {
  type Accusation,
  type Alive,
  encodeMessage,
  type Message,
  type NodeState,
} from "./messages.ts";
import type { DropReason, MemberChange } from "./protocol.ts";
import { checkedMeta, isName } from "./self.ts";
import { Suspicion } from "./suspicion.ts";
import { suspicionBounds } from "./timing.ts";
import { versionsToBytes } from "./versions.ts";

const MAX_INCARNATION = 0xffffffff;

/** Why somebody is suspected, and who says so. */
export type SuspectedBecause = Omit<
  Extract<MemberChange, { kind: "suspected" }>,
  "kind"
>;

/** What is said about a member. */
type Rumour = Extract<Message, { kind: "alive" | "suspect" | "dead" }>;

/**
 * What is said about members, and what becomes of it: newer incarnations beat
 * older ones; of the same incarnation, dead beats suspect beats alive; only the
 * member itself makes a new incarnation, to object or to tell something else.
 */
export class Rumours {
  readonly #core: Core;
  readonly #suspicions = new Map<string, Suspicion>();
  #hasLeft = false;

  /** Nothing has been said yet. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** Whether goodbye has been said. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** When the next suspect is to be declared dead, in ms; `Infinity` for none. */
  get deadline(): number {
    let deadline = Infinity;
    for (const suspicion of this.#suspicions.values()) {
      deadline = Math.min(deadline, suspicion.deadline);
    }
    return deadline;
  }

  /**
   * Says what one is, for the first time or with other metadata.
   *
   * @throws {RangeError} For more than 512 bytes of metadata.
   */
  announce(meta: Uint8Array, now: number): void {
    if (this.#hasLeft) return;
    const { self, members } = this.#core;
    const known = members.get(self.name);
    this.#setSelf({
      name: self.name,
      endpoint: self.endpoint,
      address: self.address,
      meta: checkedMeta(meta),
      incarnation: this.#nextIncarnation(0),
      state: "alive",
      since: known?.since ?? now,
      versions: self.versions,
    });
  }

  /** Says goodbye: dead by its own word. Gives the message that has to spread. */
  leave(now: number): Broadcast | undefined {
    const { self, members } = this.#core;
    const me = members.get(self.name);
    if (me === undefined || this.#hasLeft) return undefined;
    this.#hasLeft = true;
    members.set({ ...me, state: "left", since: now });
    const { name: node, incarnation } = me;
    return this.#spread({ kind: "dead", incarnation, node, from: node });
  }

  /** Takes in that a member says it is alive. */
  alive(message: Alive, from: Endpoint, now: number): void {
    const { self, members } = this.#core;
    if (message.node === self.name && this.#hasLeft) return;
    const facts = readFacts(message, self.endpoint.port);
    if (typeof facts === "string") return this.#drop(facts, from);
    const known = members.get(facts.name);
    if (known === undefined && members.size >= MAX_MEMBERS) {
      return this.#drop("tooManyMembers", from);
    }
    const hasMoved = known !== undefined &&
      !equalEndpoint(known.endpoint, facts.endpoint);
    if (hasMoved && !this.#mayMove(known, now)) {
      return this.#drop("addressConflict", from);
    }
    if (message.node === self.name) return this.#hearOfSelf(message);
    const isNews = known === undefined || hasMoved ||
      message.incarnation > known.incarnation;
    if (isNews) this.#accept(facts, now);
  }

  /** Whether a name may go to another address. */
  #mayMove({ state, since }: Member, now: number): boolean {
    const { deadNodeReclaim } = this.#core.settings;
    const isLongDead = state === "dead" && deadNodeReclaim > 0 &&
      now - since > deadNodeReclaim;
    return state === "left" || isLongDead;
  }

  /** An earlier life of ours may still be talked about: then we object. */
  #hearOfSelf({ incarnation, meta, versions }: Alive): void {
    const { self, members } = this.#core;
    const me = members.get(self.name);
    if (me === undefined || incarnation < me.incarnation) return;
    const isSame = incarnation === me.incarnation &&
      equalBytes(meta, me.meta) &&
      equalBytes(versions, versionsToBytes(me.versions));
    if (!isSame) this.#refute(me, incarnation);
  }

  #accept(facts: MemberFacts, now: number): void {
    const { members } = this.#core;
    const known = members.get(facts.name);
    this.#suspicions.delete(facts.name);
    const since = known?.state === "alive" ? known.since : now;
    const member: Member = { ...facts, state: "alive", since };
    members.set(member);
    this.#spread({ kind: "alive", ...toNodeState(member) });
    if (known === undefined || !isLiving(known)) {
      const reason = known === undefined ? "new" : "returned";
      return this.#report({ kind: "joined", reason }, member);
    }
    if (known.state === "suspect") {
      this.#report({ kind: "recovered", reason: "refuted" }, member);
    }
    if (!equalBytes(member.meta, known.meta)) {
      this.#report({ kind: "updated", reason: "newMeta" }, member);
    }
  }

  /** Takes in that a member is suspected. */
  suspect(
    accusation: Accusation,
    because: SuspectedBecause,
    now: number,
  ): void {
    const known = this.#accused(accusation);
    if (known === undefined) return;
    const suspicion = this.#suspicions.get(known.name);
    if (suspicion !== undefined) {
      if (suspicion.confirm(accusation.from)) {
        this.#spread({ kind: "suspect", ...accusation });
      }
      return;
    }
    if (known.state !== "alive") return;
    if (known.name === this.#core.self.name) {
      return this.#refute(known, accusation.incarnation);
    }
    this.#spread({ kind: "suspect", ...accusation });
    const member = this.#set(known, accusation, "suspect", now);
    const { settings, members } = this.#core;
    const bounds = suspicionBounds(settings, members.size);
    this.#suspicions.set(
      known.name,
      new Suspicion(accusation.from, bounds, now),
    );
    this.#report({ kind: "suspected", ...because }, member);
  }

  /** Takes in that a member is dead, or leaves. */
  dead(accusation: Accusation, now: number): void {
    this.#declareDead(accusation, now, "declaredDead");
  }

  #declareDead(
    accusation: Accusation,
    now: number,
    reason: "silent" | "declaredDead",
  ): void {
    const known = this.#accused(accusation);
    if (known === undefined) return;
    this.#suspicions.delete(known.name);
    if (!isLiving(known)) return;
    if (known.name === this.#core.self.name) {
      return this.#refute(known, accusation.incarnation);
    }
    this.#spread({ kind: "dead", ...accusation });
    const hasLeft = accusation.from === accusation.node;
    const state = hasLeft ? "left" : "dead";
    const member = this.#set(known, accusation, state, now);
    this.#report(
      hasLeft
        ? { kind: "left", reason: "goodbye" }
        : { kind: "failed", reason, by: accusation.from },
      member,
    );
  }

  /** The member that an accusation is about, unless it is older than what is known. */
  #accused({ node, from, incarnation }: Accusation): Member | undefined {
    const known = this.#core.members.get(node);
    if (known === undefined || !isName(from)) return undefined;
    return incarnation < known.incarnation ? undefined : known;
  }

  /** Takes in another's view of all members. */
  merge(nodes: readonly NodeState[], from: Endpoint, now: number): void {
    const { self } = this.#core;
    for (const node of nodes) {
      const { incarnation, node: name } = node;
      const ours = { incarnation, node: name, from: self.name };
      switch (stateFromWire(node.state)) {
        case "alive":
          this.alive(node, from, now);
          break;
        case "left":
          this.dead({ ...ours, from: name }, now);
          break;
        case "suspect":
          this.suspect(ours, { reason: "accused", by: from.ip }, now);
          break;
        // It gets the chance to object that it may not have had there.
        case "dead":
          this.suspect(ours, { reason: "heldDead", by: from.ip }, now);
          break;
        case undefined:
          this.#drop("malformed", from);
      }
    }
  }

  /** Declares the suspects dead whose time is over. */
  expire(now: number): void {
    for (const [node, suspicion] of this.#suspicions) {
      const member = this.#core.members.get(node);
      if (suspicion.deadline > now || member === undefined) continue;
      const { incarnation } = member;
      const from = this.#core.self.name;
      this.#declareDead({ incarnation, node, from }, now, "silent");
    }
  }

  /** Objects to what is said about us: with an incarnation that beats it. */
  #refute(me: Member, accused: number): void {
    this.#core.awareness.apply(1);
    this.#setSelf({ ...me, incarnation: this.#nextIncarnation(accused) });
  }

  #nextIncarnation(beaten: number): number {
    const { self, members } = this.#core;
    const own = members.get(self.name)?.incarnation ?? 0;
    return Math.min(MAX_INCARNATION, Math.max(own, beaten) + 1);
  }

  #setSelf(me: Member): void {
    this.#core.members.set(me);
    this.#spread({ kind: "alive", ...toNodeState(me) });
  }

  #set(
    known: Member,
    { incarnation }: Accusation,
    state: Member["state"],
    since: number,
  ): Member {
    const member = { ...known, incarnation, state, since };
    this.#core.members.set(member);
    return member;
  }

  #spread(message: Rumour): Broadcast {
    const broadcast = { about: message.node, message: encodeMessage(message) };
    this.#core.broadcasts.add(broadcast);
    return broadcast;
  }

  #report(change: MemberChange, member: Member): void {
    this.#core.emit({ kind: "member", change, member });
  }

  #drop(reason: DropReason, from: Endpoint): void {
    this.#core.emit({ kind: "dropped", reason, from });
  }
}
