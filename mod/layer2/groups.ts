/** Memberships that one socket is given; the kernel's own limit is not far above (`net.core.optmem_max`). */
export const GROUPS_PER_SOCKET = 200;

/** Milliseconds before a refused group is tried again. */
export const JOIN_RETRY_INTERVAL = 5000;

/** Something to do with the socket that has this number on its interface. */
export type GroupAction = {
  readonly kind: "join" | "leave";
  /** Number of the socket, counted from 0 per interface. */
  readonly socket: number;
  /** The low 24 bits that make the group's address (RFC 4291 §2.7.1). */
  readonly group: number;
};

interface Membership {
  references: number;
  /** The socket that holds the group; `undefined` while it is not joined. */
  socket: number | undefined;
}

/**
 * Which solicited-node groups one interface needs, and which of its sockets
 * holds each. Several addresses may share a group: it is joined for the first
 * and left after the last.
 *
 * It has no clock and no sockets: times are passed in, and the caller reports
 * what became of every join.
 */
export class GroupPlan {
  readonly #perSocket: number;
  readonly #memberships = new Map<number, Membership>();
  readonly #waiting = new Set<number>();
  // When to try again; all wait equally long, so this is in order of time.
  readonly #refused = new Map<number, number>();
  readonly #leaving: GroupAction[] = [];
  /** Groups held by each socket; a full socket counts as holding the maximum. */
  readonly #load: number[] = [];
  #joined = 0;

  /**
   * Begins without groups and without sockets.
   *
   * @param perSocket Groups to give to one socket.
   */
  constructor(perSocket: number = GROUPS_PER_SOCKET) {
    this.#perSocket = perSocket;
  }

  /** Groups joined at present. */
  get joined(): number {
    return this.#joined;
  }

  /** Groups that ought to be joined. */
  get size(): number {
    return this.#memberships.size;
  }

  /** One more address needs the group. */
  acquire(group: number): void {
    const membership = this.#memberships.get(group);
    if (membership !== undefined) {
      membership.references++;
      return;
    }
    this.#memberships.set(group, { references: 1, socket: undefined });
    this.#waiting.add(group);
  }

  /** One address less needs the group. */
  release(group: number): void {
    const membership = this.#memberships.get(group);
    if (membership === undefined || --membership.references > 0) return;
    this.#memberships.delete(group);
    this.#waiting.delete(group);
    this.#refused.delete(group);
    if (membership.socket === undefined) return;
    this.#joined--;
    this.#leaving.push({ kind: "leave", socket: membership.socket, group });
    this.#addLoad(membership.socket, -1);
  }

  /** The next thing to do, if any is due; what it says must be reported back. */
  next(now: number): GroupAction | undefined {
    const leave = this.#leaving.shift();
    if (leave !== undefined) return leave;
    const group = this.#nextGroup(now);
    if (group === undefined) return undefined;
    return { kind: "join", socket: this.#roomiest(), group };
  }

  /** The kernel took a join. */
  confirm({ socket, group }: GroupAction): void {
    const membership = this.#memberships.get(group);
    if (membership === undefined) return;
    membership.socket = socket;
    this.#waiting.delete(group);
    this.#refused.delete(group);
    this.#joined++;
    this.#addLoad(socket, 1);
  }

  /** The socket holds no more; the group goes to another one. `false` when it was an empty one. */
  fill({ socket }: GroupAction): boolean {
    const wasUsed = (this.#load[socket] ?? 0) > 0;
    if (wasUsed) this.#load[socket] = this.#perSocket;
    return wasUsed;
  }

  /** The kernel refused a join; it is due again later. */
  refuse({ group }: GroupAction, now: number): void {
    if (!this.#memberships.has(group)) return;
    this.#waiting.delete(group);
    this.#refused.delete(group);
    this.#refused.set(group, now + JOIN_RETRY_INTERVAL);
  }

  /** When {@linkcode next} is to be asked again; `Infinity` when nothing waits. */
  deadline(): number {
    if (this.#leaving.length + this.#waiting.size > 0) return -Infinity;
    if (this.#refused.size === 0) return Infinity;
    for (const notBefore of this.#refused.values()) return notBefore;
    return Infinity;
  }

  #nextGroup(now: number): number | undefined {
    for (const group of this.#waiting) return group;
    for (const [group, notBefore] of this.#refused) {
      return notBefore <= now ? group : undefined;
    }
    return undefined;
  }

  /** The first socket with room, or the number of a new one. */
  #roomiest(): number {
    const found = this.#load.findIndex((load) => load < this.#perSocket);
    return found < 0 ? this.#load.length : found;
  }

  #addLoad(socket: number, change: number): void {
    this.#load[socket] = (this.#load[socket] ?? 0) + change;
  }
}

/** The address `ff02::1:ffXX:XXXX` of a group, 16 bytes (RFC 4291 §2.7.1). */
export function groupBytes(group: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  bytes.set([0xff, 0x02]);
  bytes.set([1, 0xff, group >>> 16, group >>> 8, group], 11);
  return bytes;
}
