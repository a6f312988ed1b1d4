import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Kind, KINDS } from "./kinds.ts";
import { type ApiObject, nameOf } from "./object.ts";
import { type Change, ExpiredError, Store } from "./store.ts";

const [SERVICES, NODES] = KINDS;
if (SERVICES === undefined || NODES === undefined) {
  throw new RangeError("The table of kinds is empty");
}

type Step =
  | { readonly op: "put"; readonly name: string; readonly value: number }
  | { readonly op: "remove"; readonly name: string };

const NAME = fc.constantFrom("a", "b", "c", "d-e", "d");

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    op: fc.constant("put" as const),
    name: NAME,
    value: fc.nat(),
  }),
  fc.record({ op: fc.constant("remove" as const), name: NAME }),
);

function perform(store: Store, kind: Kind, step: Step): void {
  if (step.op === "remove") store.remove(kind, step.name);
  else store.put(kind, { metadata: { name: step.name }, value: step.value });
}

function replay(from: readonly ApiObject[], changes: readonly Change[]) {
  const table = new Map(from.map((object) => [nameOf(object), object]));
  for (const { type, object } of changes) {
    if (type === "DELETED") table.delete(nameOf(object));
    else table.set(nameOf(object), object);
  }
  return [...table.keys()].sort().map((name) => table.get(name));
}

Deno.test(
  "Store: a list at any version plus the changes since is the list now",
  { permissions: "none" },
  () => {
    let replayed = 0;
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 40, size: "max" }), (steps) => {
        const store = new Store({ historyLimit: 5 });
        const seen = new Map([[store.revision, store.list(SERVICES)]]);
        for (const [index, step] of steps.entries()) {
          // Changes of another kind lie between and must not show.
          if (index % 3 === 0) perform(store, NODES, step);
          perform(store, SERVICES, step);
          seen.set(store.revision, store.list(SERVICES));
        }
        for (const [revision, then] of seen) {
          if (revision < store.oldest) {
            assertThrows(() => store.list(SERVICES, revision), ExpiredError);
            continue;
          }
          assertEquals(store.list(SERVICES, revision), then);
          const changes = store.changesSince(revision)
            .filter(({ kind }) => kind === SERVICES);
          assertEquals(replay(then, changes), [...store.list(SERVICES)]);
          replayed++;
        }
      }),
    );
    assert(replayed > 300);
  },
);

Deno.test("Store numbers all changes in one sequence and tells them in order", {
  permissions: "none",
}, () => {
  const store = new Store({ historyLimit: 100 });
  const heard: string[] = [];
  const stop = store.subscribe(({ type, revision, key }) =>
    heard.push(`${revision} ${type} ${key}`)
  );
  store.put(SERVICES, { metadata: { name: "s", namespace: "n" } });
  store.put(NODES, { metadata: { name: "m" } });
  store.put(SERVICES, { metadata: { name: "s", namespace: "n" }, spec: {} });
  store.remove(SERVICES, "n/s");
  assertEquals(store.remove(SERVICES, "n/s"), undefined);
  stop();
  store.put(NODES, { metadata: { name: "o" } });
  assertEquals(heard, [
    "2 ADDED n/s",
    "3 ADDED m",
    "4 MODIFIED n/s",
    "5 DELETED n/s",
  ]);
  assertEquals(store.revision, 6);
});

Deno.test("Store.compact() keeps the present and forgets the past", {
  permissions: "none",
}, () => {
  const store = new Store({ historyLimit: 100 });
  store.put(NODES, { metadata: { name: "a" } });
  const before = store.revision;
  store.put(NODES, { metadata: { name: "b" } });
  store.compact();
  assertEquals(store.list(NODES).map(nameOf), ["a", "b"]);
  assertEquals(store.changesSince(store.revision), []);
  const error = assertThrows(() => store.changesSince(before), ExpiredError);
  assertEquals(error.oldest, store.revision);
});
