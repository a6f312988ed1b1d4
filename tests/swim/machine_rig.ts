/**
 * One member by itself, and what it does, in plain records.
 *
 * @module
 */
import {
  type Alive,
  decodePushPull,
  encodeMessage,
  encodePushPull,
  LAN,
  type Message,
  NO_LABEL,
  type NodeState,
  openPacket,
  openStream,
  type Security,
  type StreamMessage,
  type SwimEffect,
  type SwimEvent,
  SwimMachine,
  type SwimOptions,
} from "../../mod/swim/mod.ts";
import { seededRandom } from "./virtual_network.ts";

/** Protects nothing. */
export const PLAIN: Security = {
  label: NO_LABEL,
  encryptionVersion: 1,
  verifyIncoming: true,
  verifyOutgoing: true,
  fillRandom: () => {},
};

/** The settings of a rig: those of a LAN, without compression and gossip of its own. */
export const SETTINGS = { ...LAN, compression: false, gossipInterval: 0 };

/** The member `self` at 192.0.2.1, in the hands of a test. */
export class MachineRig {
  readonly machine: SwimMachine;
  now: number;

  /** Starts it at time 0. */
  constructor(options: Partial<SwimOptions> = {}) {
    this.now = 0;
    this.machine = new SwimMachine({
      name: "self",
      endpoint: { ip: "192.0.2.1", port: 7946 },
      meta: new Uint8Array(),
      settings: SETTINGS,
      random: seededRandom(1, 1),
      ...options,
    }, 0);
  }

  /** Gives it an event. */
  give(event: SwimEvent): readonly SwimEffect[] {
    return this.machine.step(event, this.now);
  }

  /** Gives it messages in packets from 192.0.2.9. */
  hear(...messages: readonly Message[]): readonly SwimEffect[] {
    const from = { ip: "192.0.2.9", port: 7946 };
    return messages.flatMap((message) =>
      this.give({ kind: "packet", from, bytes: encodeMessage(message) })
    );
  }

  /** Lets its next deadline come. */
  wait(): readonly SwimEffect[] {
    this.now = this.machine.nextDeadline();
    return this.give({ kind: "timer" });
  }

  /** Lets its deadlines come until it does something of that kind. */
  waitFor(kind: SwimEffect["kind"]): readonly SwimEffect[] {
    for (let times = 0; times < 100; times++) {
      const effects = this.wait();
      if (effects.some((effect) => effect.kind === kind)) return effects;
    }
    throw new Error(`It never does "${kind}"`);
  }

  /** How it holds a member. */
  state(name: string): string | undefined {
    return this.machine.members.find((member) => member.name === name)?.state;
  }
}

/** An `alive` of the member `name`, at 192.0.2.2 unless told otherwise. */
export function aliveMessage(
  node: string,
  changes: Partial<Alive> = {},
): Message & { kind: "alive" } {
  return {
    kind: "alive",
    incarnation: 1,
    node,
    address: Uint8Array.of(192, 0, 2, 2),
    port: 7946,
    meta: null,
    versions: Uint8Array.of(1, 5, 2, 0, 0, 0),
    ...changes,
  };
}

/** A member as it stands in a state. */
export function nodeState(
  node: string,
  state: number,
  changes: Partial<Alive> = {},
): NodeState {
  const { kind: _, ...facts } = aliveMessage(node, changes);
  return { ...facts, state };
}

/** A state, as it goes over a stream. */
export function stateBytes(...nodes: readonly NodeState[]): Uint8Array {
  return encodePushPull({ join: true, nodes, userState: new Uint8Array() });
}

/** The packets among effects: where to, and what messages. */
export function packets(
  effects: readonly SwimEffect[],
): { readonly to: string; readonly messages: readonly Message[] }[] {
  return effects.flatMap((effect) =>
    effect.kind === "send"
      ? [{
        to: `${effect.to.ip}:${effect.to.port}`,
        messages: openPacket(effect.bytes, PLAIN).messages,
      }]
      : []
  );
}

/** The messages of one kind in the packets among effects. */
export function messagesOf<K extends Message["kind"]>(
  effects: readonly SwimEffect[],
  kind: K,
): (Message & { kind: K })[] {
  const isWanted = (message: Message): message is Message & { kind: K } =>
    message.kind === kind;
  return packets(effects).flatMap(({ messages }) => messages.filter(isWanted));
}

/** What became of members, in short: "joined b: new". */
export function changes(effects: readonly SwimEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "member"
      ? [
        `${effect.change.kind} ${effect.member.name}: ${effect.change.reason}`,
      ]
      : []
  );
}

/** The reasons for which something was not taken. */
export function drops(effects: readonly SwimEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "dropped" ? [effect.reason] : []
  );
}

/** The message of an answer on a stream. */
export function replyOf(
  effects: readonly SwimEffect[],
): StreamMessage | undefined {
  for (const effect of effects) {
    if (effect.kind !== "reply") continue;
    const opened = openStream(effect.bytes, PLAIN, "reply");
    if (opened.kind === "message") return opened.message;
  }
  return undefined;
}

/** The members in the state that a stream is opened with. */
export function sentState(
  effects: readonly SwimEffect[],
): readonly NodeState[] {
  for (const effect of effects) {
    if (effect.kind === "openStream") return decodePushPull(effect.bytes).nodes;
  }
  return [];
}
