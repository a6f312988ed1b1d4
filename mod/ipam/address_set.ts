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
const CHUNK_MASK = (1n << CHUNK_BITS) - 1n;

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
  /** Slots and nodes of the index in work, the leaf's first. */
  readonly #slots: number[] = [];
  readonly #path: TreeNode[] = [];

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
    return this.#descend(index, false);
  }

  /** Adds `index`; false when it was there. Throws RangeError outside the size. */
  add(index: bigint): boolean {
    if (index < 0n || index >= this.#size) {
      throw new RangeError(`Cannot add index ${index}: size is ${this.#size}`);
    }
    if (this.#descend(index, true)) return false;
    let isFull = true;
    for (let level = 0; level < this.#levels; level++) {
      const node = this.#path[level];
      if (node === undefined) break;
      node.count++;
      if (isFull) node.bits |= 1 << (this.#slots[level] ?? 0);
      isFull = node.bits === ALL;
    }
    return true;
  }

  /** Removes `index`; false when it was not there. */
  delete(index: bigint): boolean {
    if (!this.has(index)) return false;
    let isEmpty = false;
    for (let level = 0; level < this.#levels; level++) {
      const node = this.#path[level];
      if (node === undefined) break;
      const slot = this.#slots[level] ?? 0;
      node.count--;
      node.bits &= ~(1 << slot);
      if (isEmpty) node.children[slot] = undefined;
      isEmpty = node.count === 0;
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

  /** Notes the way to an index; tells whether it is a member. */
  #descend(index: bigint, grow: boolean): boolean {
    this.#split(index);
    let node = this.#root;
    for (let level = this.#levels - 1; level > 0; level--) {
      this.#path[level] = node;
      const slot = this.#slots[level] ?? 0;
      const child = node.children[slot];
      if (child === undefined && !grow) return false;
      node = child ?? (node.children[slot] = newNode());
    }
    this.#path[0] = node;
    return (node.bits & (1 << (this.#slots[0] ?? 0))) !== 0;
  }

  /** The slot to take at each level. */
  #split(index: bigint): void {
    let rest = index;
    let chunk = Number(rest & CHUNK_MASK);
    for (let level = 0; level < this.#levels; level++) {
      if (level > 0 && level % CHUNK_LEVELS === 0) {
        rest >>= CHUNK_BITS;
        chunk = Number(rest & CHUNK_MASK);
      }
      this.#slots[level] = chunk % FANOUT;
      chunk = Math.floor(chunk / FANOUT);
    }
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
