/**
 * A set of indexes that finds its lowest gap in logarithmic time and takes no
 * memory for what it does not hold.
 */

/** Bits of an index that one level of the tree decides. */
const BITS = 5;
const FANOUT = 32;
const ALL = -1;
/** Levels whose bits fit a double exactly: 50 bits. */
const CHUNK_LEVELS = 10;
const CHUNK_BITS = 50n;
const CHUNK_SIZE = 2 ** 50;

interface TreeNode {
  /** Members below this node. */
  count: number;
  /** Leaf: the members. Branch: the children that are full. */
  bits: number;
  /** Only in branches. */
  readonly children: (TreeNode | undefined)[];
}

function newNode(): TreeNode {
  return { count: 0, bits: 0, children: [] };
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/**
 * A set of `bigint` indexes from 0 up to a size, kept as a 32-way tree of bit
 * masks. Every operation costs O(log₃₂ size), whatever the number of members.
 */
export class AddressSet {
  readonly #root: TreeNode = newNode();
  readonly #size: bigint;
  readonly #levels: number;

  /** Makes an empty set of indexes in `[0, size)`. */
  constructor(size: bigint) {
    this.#size = size;
    const bits = (size - 1n).toString(2).length;
    this.#levels = Math.max(1, Math.ceil(bits / BITS));
  }

  /** How many members there are. */
  get count(): number {
    return this.#root.count;
  }

  /** Whether `index` is a member. */
  has(index: bigint): boolean {
    if (index < 0n || index >= this.#size) return false;
    const slots = this.#slots(index);
    let node: TreeNode | undefined = this.#root;
    for (let level = this.#levels - 1; level > 0; level--) {
      node = node.children[slots[level] ?? 0];
      if (node === undefined) return false;
    }
    return (node.bits & (1 << (slots[0] ?? 0))) !== 0;
  }

  /** Adds `index`; false when it was there. Throws RangeError outside the size. */
  add(index: bigint): boolean {
    if (index < 0n || index >= this.#size) {
      throw new RangeError(`Cannot add index ${index}: size is ${this.#size}`);
    }
    if (this.has(index)) return false;
    const path = this.#path(index);
    const slots = this.#slots(index);
    for (let level = 0; level < this.#levels; level++) {
      const node = path[level];
      if (node === undefined) break;
      const bit = 1 << (slots[level] ?? 0);
      node.count++;
      if (level === 0 || path[level - 1]?.bits === ALL) node.bits |= bit;
    }
    return true;
  }

  /** Removes `index`; false when it was not there. */
  delete(index: bigint): boolean {
    if (!this.has(index)) return false;
    const path = this.#path(index);
    const slots = this.#slots(index);
    for (let level = 0; level < this.#levels; level++) {
      const node = path[level];
      if (node === undefined) break;
      const slot = slots[level] ?? 0;
      node.count--;
      node.bits &= ~(1 << slot);
      if (level > 0 && path[level - 1]?.count === 0) {
        node.children[slot] = undefined;
      }
    }
    return true;
  }

  /** The lowest index that is not a member; `undefined` when all are. */
  firstAbsent(): bigint | undefined {
    let node: TreeNode | undefined = this.#root;
    let index = 0n;
    for (let level = this.#levels - 1; level >= 0; level--) {
      const bits: number = node === undefined ? 0 : node.bits;
      if (bits === ALL) return undefined;
      const slot = lowestBit(~bits);
      index = (index << BigInt(BITS)) | BigInt(slot);
      node = level > 0 ? node?.children[slot] : undefined;
    }
    return index < this.#size ? index : undefined;
  }

  /**
   * The lowest member that is in none of `others`, each of which must be a
   * subset of this set and of the same size. Logarithmic for one other set;
   * for several, as long as their union leaves gaps where each of them does.
   */
  firstOutside(others: readonly AddressSet[]): bigint | undefined {
    const roots = others.map((other) => other.#root);
    return firstOutside(this.#root, roots, this.#levels - 1);
  }

  #path(index: bigint): readonly TreeNode[] {
    const slots = this.#slots(index);
    const path: TreeNode[] = [];
    let node = this.#root;
    path[this.#levels - 1] = node;
    for (let level = this.#levels - 1; level > 0; level--) {
      const slot = slots[level] ?? 0;
      node = node.children[slot] ??= newNode();
      path[level - 1] = node;
    }
    return path;
  }

  /** The slot to take at each level, the leaf's first. */
  #slots(index: bigint): readonly number[] {
    const slots: number[] = [];
    let rest = index;
    while (slots.length < this.#levels) {
      let chunk = Number(rest % BigInt(CHUNK_SIZE));
      const wanted = Math.min(CHUNK_LEVELS, this.#levels - slots.length);
      for (let level = 0; level < wanted; level++) {
        slots.push(chunk % FANOUT);
        chunk = Math.floor(chunk / FANOUT);
      }
      rest >>= CHUNK_BITS;
    }
    return slots;
  }
}

function firstOutside(
  node: TreeNode,
  others: readonly TreeNode[],
  level: number,
): bigint | undefined {
  if (others.some((other) => other.count >= node.count)) return undefined;
  if (level === 0) {
    const free = others.reduce((bits, other) => bits & ~other.bits, node.bits);
    return free === 0 ? undefined : BigInt(lowestBit(free));
  }
  for (const [slot, child] of node.children.entries()) {
    if (child === undefined) continue;
    const below = others.map((other) => other.children[slot])
      .filter((other) => other !== undefined);
    const found = firstOutside(child, below, level - 1);
    if (found !== undefined) {
      return (BigInt(slot) << BigInt(BITS * level)) | found;
    }
  }
  return undefined;
}
