/** What the claim engine has decided, done. */
import type {
  ClaimEvent,
  ClaimNotice,
  ClaimSink,
} from "../../mod/claims/mod.ts";
import {
  type AppliedState,
  claimWord,
  countLateness,
  type GroupDirectory,
  type SharedMemory,
  witnessQuestion,
} from "../../mod/layer2/mod.ts";
import { type Beat, type Claim, NO_CLAIM } from "../../mod/ownership/mod.ts";
import type { AddressFrames } from "./address_frames.ts";
import { claimEventCell, claimNoticeCell } from "./claim_events.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { News } from "./news.ts";
import type { Port } from "./port.ts";
import type { Ports } from "./ports.ts";

/** What {@linkcode ClaimDeeds} work with. */
export interface ClaimDeedsContext {
  readonly memory: SharedMemory;
  readonly ports: Ports;
  readonly state: AppliedState;
  readonly groups: GroupDirectory;
  readonly frames: AddressFrames;
  readonly heartbeats: Heartbeats;
  readonly news: News;
}

/** Performs what the claim engine decides: answers, frames, beats, and the board that the main thread reads. */
export class ClaimDeeds implements ClaimSink {
  readonly #context: ClaimDeedsContext;
  #owned = 0;

  /**
   * Answers for nothing yet.
   *
   * @param context What it works with.
   */
  constructor(context: ClaimDeedsContext) {
    this.#context = context;
  }

  /** Groups that are answered for, counted on each interface. */
  get owned(): number {
    return this.#owned;
  }

  /** Tells the main thread who owns a group. */
  tell(group: number, claim: Claim): void {
    const { groups, memory } = this.#context;
    const index = groups.indexOf(group);
    if (index === 0 || claim === NO_CLAIM) return;
    if (memory.board.setOwner(index, claim.node, claim.term)) this.#tell();
  }

  /** See {@linkcode ClaimSink}. */
  answer(slot: number, group: number, claim: Claim): void {
    const { ports, groups, memory } = this.#context;
    const index = groups.indexOf(group);
    const held = ports.get(slot)?.member.held;
    if (held === undefined || index === 0) return;
    if (held.word(index) === 0) this.#owned++;
    held.set(index, claimWord(claim.term, claim.full));
    memory.board.setOwn(index, slot, true);
    memory.board.setOwner(index, claim.node, claim.term);
    this.#tell();
  }

  /** See {@linkcode ClaimSink}. */
  silence(slot: number, group: number): void {
    const { ports, groups, memory } = this.#context;
    this.#owned--;
    this.#tell();
    const index = groups.indexOf(group);
    if (index === 0) return;
    ports.get(slot)?.member.held.set(index, 0);
    memory.board.setOwn(index, slot, false);
  }

  /** See {@linkcode ClaimSink}. */
  announce(slot: number, group: number): void {
    const { frames } = this.#context;
    this.#forEachAddress(slot, group, (port, id) => frames.announce(port, id));
  }

  /** See {@linkcode ClaimSink}. */
  announceAgain(slot: number, group: number, turn: number): void {
    const { frames } = this.#context;
    this.#forEachAddress(
      slot,
      group,
      (port, id) => frames.announceAgain(port, id, turn),
    );
  }

  /** See {@linkcode ClaimSink}. */
  ask(slot: number, group: number, claim: Claim): void {
    const { frames } = this.#context;
    const word = claim === NO_CLAIM ? 0 : claimWord(claim.term, claim.full);
    const hash = claim === NO_CLAIM ? 0 : claim.hash;
    this.#forEachAddress(
      slot,
      group,
      (port, id) => frames.ask(port, id, word, hash),
    );
  }

  /** See {@linkcode ClaimSink}. */
  askWitness(slot: number): void {
    const port = this.#context.ports.get(slot);
    if (port === undefined) return;
    for (const witness of port.member.observer.witnesses.all()) {
      const question = witnessQuestion(port.link, witness);
      if (question !== undefined) port.send(question.frame, question.length);
    }
  }

  /** See {@linkcode ClaimSink}. */
  beat(slot: number, node: number, beat: Beat): void {
    this.#context.heartbeats.send(slot, node, beat);
  }

  /** See {@linkcode ClaimSink}. */
  beatCame(slot: number, lateness: number): void {
    countLateness(this.#context.memory, slot, lateness);
  }

  /** See {@linkcode ClaimSink}. */
  report({ kind, reason, slot, group, claim, node }: ClaimEvent): void {
    const { memory, news, ports } = this.#context;
    count(memory.claimEvents, claimEventCell(kind, reason));
    const name = ports.get(slot)?.link.name ?? "";
    const { term } = claim;
    news.mention({
      kind: "claim",
      what: kind,
      reason,
      name,
      group,
      node,
      term,
    });
  }

  /** See {@linkcode ClaimSink}. */
  notice(slot: number, group: number, notice: ClaimNotice): void {
    const { memory, news, ports } = this.#context;
    count(memory.claimEvents, claimNoticeCell(notice));
    const name = ports.get(slot)?.link.name ?? "";
    if (notice === "foreignConflict" || notice === "addressInUse") {
      news.mention({ kind: "conflict", what: notice, name, group });
    }
    if (notice === "late") news.report({ kind: "late" });
  }

  #tell(): void {
    this.#context.news.claimsChanged();
  }

  #forEachAddress(
    slot: number,
    group: number,
    visit: (port: Port, id: number) => void,
  ): void {
    const { ports, groups, state } = this.#context;
    const port = ports.get(slot);
    if (port === undefined) return;
    for (const id of groups.addressesOf(groups.indexOf(group))) {
      if (state.isOn(id, slot)) visit(port, id);
    }
  }
}

function count(cells: Float64Array, index: number): void {
  cells[index] = (cells[index] ?? 0) + 1;
}
