/** Members as one of them sees the others. */
import {
  formatIp,
  type Ip,
  ipFromBytes,
  isMulticastIp,
  isUnspecifiedIp,
  unmapIp,
} from "../net/mod.ts";
import type { NodeState } from "./messages.ts";
import { type Versions, versionsToBytes } from "./versions.ts";

/** Where packets and streams of a member go. */
export interface Endpoint {
  /** Address in canonical text (RFC 5952). */
  readonly ip: string;
  /** UDP and TCP port. */
  readonly port: number;
}

/** What is known of a member's life. */
export type MemberState =
  | "alive"
  /** It did not answer, and may still object. */
  | "suspect"
  /** It did not object in time. */
  | "dead"
  /** It said goodbye. */
  | "left";

/** The numbers of the states on the wire. */
const STATES: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** A member. Never changed: what is news makes a new record. */
export interface Member {
  /** Unique in the cluster; the node's name. */
  readonly name: string;
  /** Where it is. */
  readonly endpoint: Endpoint;
  /** The address as it came, in 4 or 16 bytes: it is passed on as it is. */
  readonly address: Uint8Array;
  /** What it tells of itself: bytes of the application's own. */
  readonly meta: Uint8Array;
  /** Grows with whatever it says about itself. */
  readonly incarnation: number;
  /** Whether it lives. */
  readonly state: MemberState;
  /** When that changed last, in ms of the local clock. */
  readonly since: number;
  /** What it understands and speaks. */
  readonly versions: Versions;
}

/** Whether a member takes part: nobody has said so far that it is gone. */
export function isLiving({ state }: Pick<Member, "state">): boolean {
  return state === "alive" || state === "suspect";
}

/** The endpoint of an address from the wire; `undefined` for one that nobody can have. */
export function endpointOf(
  address: Uint8Array | null,
  port: number,
): Endpoint | undefined {
  if (address === null || port === 0) return undefined;
  if (address.length !== 4 && address.length !== 16) return undefined;
  const ip: Ip = unmapIp(ipFromBytes(address));
  if (isUnspecifiedIp(ip) || isMulticastIp(ip)) return undefined;
  return { ip: formatIp(ip), port };
}

/** Whether two endpoints are the same. */
export function equalEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.ip === b.ip && a.port === b.port;
}

/** The state that a number from the wire stands for. */
export function stateFromWire(state: number): MemberState | undefined {
  return STATES[state];
}

/** A member as it stands in a state that is sent. */
export function toNodeState(member: Member): NodeState {
  return {
    node: member.name,
    address: member.address,
    port: member.endpoint.port,
    meta: member.meta,
    incarnation: member.incarnation,
    state: STATES.indexOf(member.state),
    versions: versionsToBytes(member.versions),
  };
}
