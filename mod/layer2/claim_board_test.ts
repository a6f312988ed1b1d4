import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ClaimBoard, WORDS_PER_HOLDING } from "./claim_board.ts";

const options = { permissions: "none" } as const;
const NODE = 0xa1a2a3a4a5a6;

function board(groups = 4): ClaimBoard {
  return new ClaimBoard(new Int32Array(groups * WORDS_PER_HOLDING));
}

Deno.test("ClaimBoard says that nobody owns anything at first", options, () => {
  const holding = { lowMask: 0, highMask: 0, owner: 0, term: 0 };
  assertEquals(board().get(1), holding);
});

Deno.test(
  "ClaimBoard keeps an owner, and tells whether it is news",
  options,
  () => {
    const claims = board();
    assertEquals(claims.setOwner(2, NODE, 7), true);
    assertEquals(claims.setOwner(2, NODE, 7), false);
    assertEquals(claims.setOwner(2, NODE, 8), true);
    assertEquals(claims.get(2).owner, NODE);
    assertEquals(claims.get(2).term, 8);
    assertEquals(claims.get(1).owner, 0);
  },
);

Deno.test(
  "ClaimBoard keeps the interfaces that this node owns a group on",
  options,
  () => {
    const slot = fc.nat(63);
    fc.assert(fc.property(fc.array(fc.tuple(slot, fc.boolean())), (changes) => {
      const claims = board();
      const owned = new Set<number>();
      for (const [slot, isOwn] of changes) {
        claims.setOwn(3, slot, isOwn);
        if (isOwn) owned.add(slot);
        else owned.delete(slot);
      }
      const { lowMask, highMask } = claims.get(3);
      for (let slot = 0; slot < 64; slot++) {
        const mask = slot < 32 ? lowMask : highMask;
        assertEquals((mask & (1 << (slot & 31))) !== 0, owned.has(slot));
      }
    }));
  },
);

Deno.test("ClaimBoard forgets what was said of an index", options, () => {
  const claims = board();
  claims.setOwner(1, NODE, 1);
  claims.setOwn(1, 40, true);
  claims.setOwner(2, NODE, 1);
  claims.forget(1);
  assertEquals(claims.get(1), { lowMask: 0, highMask: 0, owner: 0, term: 0 });
  assertEquals(claims.get(2).owner, NODE);
});
