import {
  ADDRESS_COUNTER,
  addressCell,
  type AppliedState,
  type Arbitration,
  type GroupDirectory,
  type SharedMemory,
} from "../../mod/layer2/mod.ts";
import type { Port } from "./port.ts";

/** What the frames about an address take. */
export interface AddressFramesContext {
  /** Knows the addresses. */
  readonly state: AppliedState;
  /** Counts the frames. */
  readonly memory: SharedMemory;
  /** Knows the groups by index. */
  readonly arbitration: Arbitration;
  /** Knows the groups of addresses. */
  readonly groups: GroupDirectory;
}

/** Sends announcements of addresses and questions about them, with the claims that they carry. */
export class AddressFrames {
  readonly #context: AddressFramesContext;

  /**
   * Sends nothing by itself.
   *
   * @param context What the frames take.
   */
  constructor(context: AddressFramesContext) {
    this.#context = context;
  }

  /** Announces an address once, unless another node owns its group. */
  announce(port: Port, id: number): void {
    const { state, groups, arbitration } = this.#context;
    const frames = port.announcements;
    const group = groups.groupOf(id);
    const word = port.member.held.word(group);
    if (group === 0) frames.claim.clear();
    else if (word === 0) return;
    else frames.claim.set(word, arbitration.groups.hashWord(group) >>> 0);
    if (!state.isIpv4(id)) {
      const frame = frames.advertisement(state, id);
      if (port.send(frame, frames.claim.ndpLength)) this.#count(id);
      return;
    }
    if (port.send(frames.arpRequest(state, id), frames.claim.arpLength)) {
      this.#count(id);
    }
    if (port.send(frames.arpReply(state, id), frames.claim.arpLength)) {
      this.#count(id);
    }
  }

  /**
   * Asks once who answers for an address.
   *
   * @param word The claim that the question carries, as `claimWord` makes it;
   *   0 = it says only that a member asks.
   * @param hash The claim's hash.
   */
  ask(port: Port, id: number, word: number, hash: number): void {
    const { state } = this.#context;
    const { questions } = port;
    questions.claim.set(word, hash);
    if (state.isIpv4(id)) {
      port.send(questions.probe(state, id), questions.claim.arpLength);
      return;
    }
    const frame = questions.solicitation(state, id);
    if (frame !== undefined) port.send(frame, questions.claim.ndpLength);
  }

  #count(id: number): void {
    const { addresses } = this.#context.memory;
    const at = addressCell(id) + ADDRESS_COUNTER.gratuitousSent;
    addresses[at] = (addresses[at] ?? 0) + 1;
  }
}
