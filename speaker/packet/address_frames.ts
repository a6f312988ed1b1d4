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

  /** Announces an address once, in every form, unless another node owns its group. */
  announce(port: Port, id: number): void {
    if (!this.#takeClaim(port, id)) return;
    if (!this.#context.state.isIpv4(id)) return this.#advertise(port, id);
    this.#sendArp(port, id, true);
    this.#sendArp(port, id, false);
  }

  /**
   * The same in one form: it is known.
   *
   * @param turn Of ARP's two forms, even numbers take the one and odd ones the other.
   */
  announceAgain(port: Port, id: number, turn: number): void {
    if (!this.#takeClaim(port, id)) return;
    if (!this.#context.state.isIpv4(id)) this.#advertise(port, id);
    else this.#sendArp(port, id, (turn & 1) === 0);
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

  /** Makes frames carry the claim of the address's group; whether it is ours, or it has none. */
  #takeClaim(port: Port, id: number): boolean {
    const { groups, arbitration } = this.#context;
    const { claim } = port.announcements;
    const group = groups.groupOf(id);
    const word = port.member.held.word(group);
    if (group === 0) claim.clear();
    else if (word === 0) return false;
    else claim.set(word, arbitration.groups.hashWord(group) >>> 0);
    return true;
  }

  #advertise(port: Port, id: number): void {
    const frames = port.announcements;
    const frame = frames.advertisement(this.#context.state, id);
    if (port.send(frame, frames.claim.ndpLength)) this.#count(id);
  }

  #sendArp(port: Port, id: number, isRequest: boolean): void {
    const frames = port.announcements;
    const { state } = this.#context;
    const frame = isRequest
      ? frames.arpRequest(state, id)
      : frames.arpReply(state, id);
    if (port.send(frame, frames.claim.arpLength)) this.#count(id);
  }

  #count(id: number): void {
    const { addresses } = this.#context.memory;
    const at = addressCell(id) + ADDRESS_COUNTER.gratuitousSent;
    addresses[at] = (addresses[at] ?? 0) + 1;
  }
}
