import type { Core } from "./core.ts";
import { type Endpoint, endpointOf } from "./member.ts";
import type { AnswerTo, IndirectPing } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type { DropReason } from "./protocol.ts";

/** Questions for others that are remembered at once. */
export const MAX_RELAYS = 256;

/** A question asked for another. */
interface Relay {
  /** The number that the asker gave it. */
  readonly sequence: number;
  readonly asker: Endpoint;
  readonly wantsNack: boolean;
  /** When the answer comes too late, in ms. */
  readonly deadline: number;
}

/** Where the answer to a question goes: where it says, or to its sender. */
export function answerEndpoint(
  { sourceAddress, sourcePort }: AnswerTo,
  from: Endpoint,
): Endpoint | undefined {
  const isGiven = sourceAddress !== null && sourceAddress.length > 0 &&
    sourcePort > 0;
  return isGiven ? endpointOf(sourceAddress, sourcePort) : from;
}

/** Asks members whether they are alive for those who got no answer themselves. */
export class Relays {
  readonly #core: Core;
  readonly #outbox: Outbox;
  /** By the number that we gave the question; in order of their deadlines. */
  readonly #relays = new Map<number, Relay>();

  /** Nobody has asked yet. */
  constructor(core: Core, outbox: Outbox) {
    this.#core = core;
    this.#outbox = outbox;
  }

  /** When the next answer comes too late, in ms; `Infinity` for none. */
  get deadline(): number {
    for (const { deadline } of this.#relays.values()) return deadline;
    return Infinity;
  }

  /** Asks for another; gives the reason when it does not. */
  start(
    request: IndirectPing,
    from: Endpoint,
    now: number,
  ): DropReason | undefined {
    const { self, settings, sequence } = this.#core;
    const asker = answerEndpoint(request, from);
    const port = request.port === 0 ? self.endpoint.port : request.port;
    const target = endpointOf(request.target, port);
    if (asker === undefined || target === undefined) return "badAddress";
    if (this.#relays.size >= MAX_RELAYS) return "tooManyRelays";
    const number = sequence.next();
    this.#relays.set(number, {
      sequence: request.sequence,
      asker,
      wantsNack: request.nack,
      deadline: now + settings.probeTimeout,
    });
    this.#outbox.send(target, [{
      kind: "ping",
      sequence: number,
      node: request.node,
      sourceAddress: self.address,
      sourcePort: self.endpoint.port,
      sourceNode: self.name,
    }]);
    return undefined;
  }

  /** Passes an answer on; `false` when it is to none of these questions. */
  ack(number: number): boolean {
    const relay = this.#relays.get(number);
    if (relay === undefined) return false;
    this.#relays.delete(number);
    const { sequence, asker } = relay;
    this.#outbox.send(asker, [{ kind: "ack", sequence, payload: null }]);
    return true;
  }

  /** Says for which questions no answer came. */
  tick(now: number): void {
    for (const [number, relay] of this.#relays) {
      if (relay.deadline > now) return;
      this.#relays.delete(number);
      const { sequence, asker, wantsNack } = relay;
      if (wantsNack) this.#outbox.send(asker, [{ kind: "nack", sequence }]);
    }
  }
}
