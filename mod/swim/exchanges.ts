import type { Core } from "./core.ts";
import { type Endpoint, isLiving, type Member, toNodeState } from "./member.ts";
import { encodeMessage, type Message, type NodeState } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type {
  DropReason,
  JoinFailure,
  JoinOutcome,
  StreamFailure,
} from "./protocol.ts";
import { encodePushPull } from "./push_pull.ts";
import type { Rumours } from "./rumours.ts";
import {
  openStream,
  sealStream,
  type StreamMessage,
  type StreamSide,
} from "./stream.ts";
import { incompatibility, versionsFromBytes } from "./versions.ts";

/** What a stream that we opened is for. */
type Purpose =
  | { readonly kind: "join"; readonly to: Endpoint }
  | { readonly kind: "exchange"; readonly to: Endpoint }
  | {
    readonly kind: "ask";
    readonly to: Endpoint;
    readonly onAck: (sequence: number) => void;
  };

const NO_USER_STATE = new Uint8Array();

/** Longest text of another's that is passed on to people. */
const MAX_DETAIL = 200;

/** What goes over streams: whole states, in both directions, and pings. */
export class Exchanges {
  readonly #core: Core;
  readonly #outbox: Outbox;
  readonly #rumours: Rumours;
  readonly #open = new Map<number, Purpose>();
  #lastStream = 0;

  /** No stream is open. */
  constructor(core: Core, outbox: Outbox, rumours: Rumours) {
    this.#core = core;
    this.#outbox = outbox;
    this.#rumours = rumours;
  }

  /** Gives somebody our state for theirs, as one who is new. */
  join(to: Endpoint, now: number): void {
    this.#sendState({ kind: "join", to }, now);
  }

  /** Gives a random member our state for theirs. */
  exchange(now: number): void {
    const { members, self } = this.#core;
    const [partner] = members.pick(
      1,
      ({ name, state }) => name !== self.name && state === "alive",
    );
    if (partner === undefined) return;
    this.#sendState({ kind: "exchange", to: partner.endpoint }, now);
  }

  /** Asks a member for an answer. */
  ask(
    { endpoint: to }: Member,
    question: Message,
    options: {
      readonly deadline: number;
      readonly onAck: (sequence: number) => void;
    },
  ): void {
    const { deadline, onAck } = options;
    const purpose = { kind: "ask", to, onAck } as const;
    this.#openStream(purpose, encodeMessage(question), deadline);
  }

  #sendState(purpose: Purpose, now: number): void {
    const deadline = now + this.#core.settings.streamTimeout;
    const state = this.#state(purpose.kind === "join");
    this.#openStream(purpose, state, deadline);
  }

  #state(join: boolean): Uint8Array {
    const nodes = [...this.#core.members.values()].map(toNodeState);
    return encodePushPull({ join, nodes, userState: NO_USER_STATE });
  }

  #openStream(purpose: Purpose, message: Uint8Array, deadline: number): void {
    const stream = ++this.#lastStream;
    this.#open.set(stream, purpose);
    const bytes = this.#seal(message, "request");
    const { to } = purpose;
    this.#core.emit({ kind: "openStream", stream, to, bytes, deadline });
  }

  #seal(message: Uint8Array, side: StreamSide): Uint8Array {
    const { compression } = this.#core.settings;
    return sealStream(message, this.#outbox.security, { side, compression });
  }

  /** Takes in the answer on a stream that we opened. */
  reply(stream: number, bytes: Uint8Array, now: number): void {
    const purpose = this.#close(stream);
    if (purpose === undefined) return;
    const opened = openStream(bytes, this.#outbox.security, "reply");
    if (opened.kind === "refused") {
      this.#drop(opened.reason, purpose.to);
      this.#end(purpose, failed(opened.reason, ""));
    } else if (purpose.kind === "ask") {
      this.#takeAck(purpose, opened.message);
    } else {
      this.#end(purpose, this.#takeState(purpose.to, opened.message, now));
    }
  }

  /** Takes in that there is no answer on a stream that we opened. */
  failed(stream: number, reason: StreamFailure): void {
    const purpose = this.#close(stream);
    if (purpose !== undefined) this.#end(purpose, failed(reason, ""));
  }

  #close(stream: number): Purpose | undefined {
    const purpose = this.#open.get(stream);
    this.#open.delete(stream);
    return purpose;
  }

  #end(purpose: Purpose, outcome: JoinOutcome): void {
    if (purpose.kind !== "join") return;
    this.#core.emit({ kind: "joinEnded", to: purpose.to, ...outcome });
  }

  #takeAck(purpose: Purpose & { kind: "ask" }, message: StreamMessage): void {
    if (message.kind === "ack") purpose.onAck(message.sequence);
    else this.#drop("unexpectedMessage", purpose.to);
  }

  #takeState(from: Endpoint, message: StreamMessage, now: number): JoinOutcome {
    if (message.kind === "error") {
      return failed("remoteError", message.error.slice(0, MAX_DETAIL));
    }
    if (message.kind !== "pushPull") {
      this.#drop("unexpectedMessage", from);
      return failed("unexpectedMessage", message.kind);
    }
    const problem = this.#merge(message.nodes, from, now);
    return problem === undefined
      ? { outcome: "joined" }
      : failed("incompatibleVersions", problem);
  }

  /** Takes in a state, unless somebody there cannot be in one cluster with us. */
  #merge(
    nodes: readonly NodeState[],
    from: Endpoint,
    now: number,
  ): string | undefined {
    const theirs = nodes.flatMap(({ node: name, state, versions: bytes }) => {
      const versions = versionsFromBytes(bytes);
      // The states 0 and 1 live; those without versions are refused one by one.
      return state > 1 || versions === undefined ? [] : [{ name, versions }];
    });
    const ours = [...this.#core.members.values()].filter(isLiving);
    const problem = incompatibility([...ours, ...theirs]);
    if (problem === undefined) this.#rumours.merge(nodes, from, now);
    else this.#drop("incompatibleVersions", from);
    return problem;
  }

  /** Takes in what somebody sent on a stream of theirs. */
  request(
    stream: number,
    { from, bytes }: { readonly from: Endpoint; readonly bytes: Uint8Array },
    now: number,
  ): void {
    const opened = openStream(bytes, this.#outbox.security, "request");
    if (opened.kind === "refused") {
      this.#drop(opened.reason, from);
      return this.#refuse(stream, opened.reason);
    }
    const { message } = opened;
    const answer = this.#answerTo(message, from);
    if (answer === undefined) this.#core.emit({ kind: "closeStream", stream });
    else this.#answer(stream, answer);
    // The answer is our state from before: it need not repeat what they know.
    if (message.kind === "pushPull") this.#merge(message.nodes, from, now);
  }

  #answerTo(message: StreamMessage, from: Endpoint): Uint8Array | undefined {
    const { self, emit } = this.#core;
    switch (message.kind) {
      case "pushPull":
        return this.#state(message.join);
      case "ping": {
        const { node, sequence } = message;
        if (node === "" || node === self.name) {
          return encodeMessage({ kind: "ack", sequence, payload: null });
        }
        this.#drop("notForUs", from);
        return undefined;
      }
      case "user":
        emit({ kind: "deliver", payload: message.payload });
        return undefined;
      default:
        this.#drop("unexpectedMessage", from);
        return undefined;
    }
  }

  #answer(stream: number, message: Uint8Array): void {
    const bytes = this.#seal(message, "reply");
    this.#core.emit({ kind: "reply", stream, bytes });
  }

  /** Tells the other side why, unless it is of another cluster. */
  #refuse(stream: number, reason: DropReason): void {
    if (reason === "badLabel" || reason === "foreignLabel") {
      this.#core.emit({ kind: "closeStream", stream });
    } else {
      this.#answer(stream, encodeMessage({ kind: "error", error: reason }));
    }
  }

  #drop(reason: DropReason, from: Endpoint): void {
    this.#core.emit({ kind: "dropped", reason, from });
  }
}

function failed(reason: JoinFailure, detail: string): JoinOutcome {
  return { outcome: "failed", reason, detail };
}
