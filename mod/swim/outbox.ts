import { COMPOUND_PART_OVERHEAD, encodeCompound } from "./compound.ts";
import type { Core } from "./core.ts";
import type { Keyring } from "./keyring.ts";
import type { Endpoint, Member } from "./member.ts";
import { encodeMessage, type Message } from "./messages.ts";
import { packetCapacity, sealPacket } from "./packet.ts";
import type { Security } from "./security.ts";
import { CHECKSUM_VERSION } from "./versions.ts";

/** Makes packets: protects them, and fills them up with gossip. */
export class Outbox {
  readonly #core: Core;
  #security: Security;

  /** Sends nothing yet. */
  constructor(core: Core, security: Security) {
    this.#core = core;
    this.#security = security;
  }

  /** What protects packets and streams at present. */
  get security(): Security {
    return this.#security;
  }

  /** Uses other keys from now on. */
  setKeyring(keyring: Keyring): void {
    this.#security = { ...this.#security, keyring };
  }

  /** Encrypts, and insists on encryption, as the settings in force say. */
  followSettings(): void {
    const { verifyIncoming, verifyOutgoing } = this.#core.settings;
    this.#security = { ...this.#security, verifyIncoming, verifyOutgoing };
  }

  /** Sends messages in one packet, with gossip in what is left of it. */
  send(to: Endpoint, messages: readonly Message[], member?: Member): void {
    const parts = messages.map(encodeMessage);
    const used = parts.reduce(
      (sum, { length }) => sum + length + COMPOUND_PART_OVERHEAD,
      0,
    );
    this.#send(to, [...parts, ...this.#gossip(used)], member);
  }

  /** Sends gossip only; `false` when there is none. */
  gossip(member: Member): boolean {
    const parts = this.#gossip(0);
    if (parts.length === 0) return false;
    this.#send(member.endpoint, parts, member);
    return true;
  }

  #gossip(used: number): Uint8Array[] {
    const { settings, broadcasts, members } = this.#core;
    const room = packetCapacity(settings.packetSize, this.#security) - used;
    return broadcasts.take(room, COMPOUND_PART_OVERHEAD, members.size);
  }

  #send(
    to: Endpoint,
    parts: readonly Uint8Array[],
    member: Member | undefined,
  ): void {
    const [first] = parts;
    if (first === undefined) return;
    const message = parts.length === 1 ? first : encodeCompound(parts);
    const { compression } = this.#core.settings;
    const protocolMax = member?.versions.protocolMax ?? 0;
    const bytes = sealPacket(message, this.#security, {
      compression,
      checksum: protocolMax >= CHECKSUM_VERSION,
    });
    this.#core.emit({ kind: "send", to, bytes });
  }
}
