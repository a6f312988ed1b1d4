import { assertEquals, assertStringIncludes } from "@std/assert";
import { pool } from "../tests/controller_rig.ts";
import { PoolSource } from "./pool_source.ts";

const A = pool("a", "192.0.2.0/24");
const OVERLAPPING = pool("b", "192.0.2.128/25");

function names(source: PoolSource): readonly string[] {
  return source.pools.map(({ name }) => name);
}

Deno.test("PoolSource tells what changed from what did not", {
  permissions: "none",
}, () => {
  const source = new PoolSource();
  assertEquals([source.hasPools, source.isValid], [false, false]);
  assertEquals(source.update([A], []).kind, "changed");
  assertEquals(source.update([A], []).kind, "unchanged");
  const relabelled = { ...A, metadata: { ...A.metadata, labels: { x: "y" } } };
  assertEquals(source.update([relabelled], []).kind, "unchanged");
  assertEquals(names(source), ["a"]);
  assertEquals(source.update([], []).kind, "changed");
  assertEquals([source.hasPools, names(source)], [true, []]);
});

Deno.test("PoolSource keeps the last good pools and says what is wrong", {
  permissions: "none",
}, () => {
  const source = new PoolSource();
  source.update([A], []);
  assertEquals(source.update([A, OVERLAPPING], []).kind, "refused");
  assertEquals([source.isValid, names(source)], [false, ["a"]]);
  assertEquals(source.problems.length, 1);
  assertStringIncludes(source.problems[0] ?? "", "192.0.2.128/25");
  const back = source.update([A], []);
  assertEquals(back.kind, "unchanged", "they are in force still");
  assertEquals([source.isValid, source.problems], [true, []]);
});

Deno.test("PoolSource notices that a selector matches another namespace", {
  permissions: "none",
}, () => {
  const source = new PoolSource();
  const scoped = {
    ...A,
    spec: {
      addresses: ["192.0.2.0/24"],
      serviceAllocation: {
        namespaceSelectors: [{ matchLabels: { team: "x" } }],
      },
    },
  };
  const labels = { team: "x" };
  source.update([scoped], []);
  const namespace = { metadata: { name: "one", labels } };
  const change = source.update([scoped], [namespace]);
  assertEquals(change.kind, "changed");
  const [found] = source.pools;
  assertEquals([...found?.serviceAllocation?.namespaces ?? []], ["one"]);
});
