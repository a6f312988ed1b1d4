import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Claim,
  claimHash,
  compareClaims,
  electionHash,
  groupId,
  higherClaim,
  NO_CLAIM,
  NO_NODE,
  nodeId,
} from "./mod.ts";

const CLAIM: Claim = { term: 3, full: true, hash: 7, node: 5 };

const CASES: readonly {
  readonly name: string;
  readonly wins: Claim;
  readonly over: Claim;
}[] = [
  {
    name: "the higher term, whatever else",
    wins: { term: 4, full: false, hash: 9, node: 1 },
    over: CLAIM,
  },
  {
    name: "at one term the full claim",
    wins: CLAIM,
    over: { ...CLAIM, full: false, hash: 1 },
  },
  {
    name: "of two full claims the lower hash",
    wins: { ...CLAIM, hash: 6, node: 1 },
    over: CLAIM,
  },
  {
    name: "of equal hashes the higher node id",
    wins: { ...CLAIM, node: 6 },
    over: CLAIM,
  },
  { name: "any claim over none", wins: { ...CLAIM, term: 1 }, over: NO_CLAIM },
];
Deno.test.each(CASES)(
  "compareClaims() prefers $name",
  { permissions: "none" },
  ({ wins, over }) => {
    assertEquals(Math.sign(compareClaims(wins, over)), 1);
    assertEquals(Math.sign(compareClaims(over, wins)), -1);
    assertEquals(higherClaim(over, wins), wins);
    assertEquals(higherClaim(wins, over), wins);
  },
);

const claims = fc.record({
  term: fc.nat(3),
  full: fc.boolean(),
  hash: fc.nat(2),
  node: fc.nat(2),
});

Deno.test("compareClaims() is a total order", { permissions: "none" }, () => {
  fc.assert(fc.property(claims, claims, claims, (a, b, c) => {
    const sign = (x: Claim, y: Claim): number => Math.sign(compareClaims(x, y));
    assertEquals(sign(a, b) + sign(b, a), 0);
    assertEquals(
      sign(a, b) === 0,
      JSON.stringify(a) === JSON.stringify(b),
      "only the same claims are equal",
    );
    if (sign(a, b) > 0 && sign(b, c) > 0) assertEquals(sign(a, c), 1);
  }));
});

Deno.test("nodeId() and groupId() give each name a number of 48 bits", {
  permissions: "none",
}, () => {
  const names = Array.from({ length: 1000 }, (_, index) => `node-${index}`);
  const ids = new Set([...names.map(nodeId), ...names.map(groupId)]);
  assertEquals(ids.size, 2000, "a node and a group of one name differ");
  for (const id of ids) {
    assertNotEquals(id, NO_NODE);
    assertEquals(Number.isSafeInteger(id) && id > 0 && id < 2 ** 48, true);
  }
});

Deno.test("claimHash() orders as the election hash does", {
  permissions: "none",
}, () => {
  const hashes = ["a", "b", "c", "d", "e"].map((node) =>
    electionHash(node, "192.0.2.1")
  );
  const byText = hashes.toSorted();
  const byNumber = hashes.toSorted((x, y) => claimHash(x) - claimHash(y));
  assertEquals(byNumber, byText);
});
