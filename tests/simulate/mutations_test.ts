import { assert, assertEquals } from "@std/assert";
import { RULES } from "../../mod/claims/mod.ts";
import { runBatch } from "./batch.ts";
import { MUTATIONS, rulesWithout } from "./mutations.ts";
import { shrink } from "./shrink.ts";
import { tell } from "./story.ts";

/** Runs in which a broken rule has to show; the rarest shows in one of some thirty. */
const RUNS = 600;

const SHOWN = Object.entries(MUTATIONS)
  .map(([name, { about, mix }]) => ({ name, about, mix }));

Deno.test.each(SHOWN)(
  "the checker catches ($name, mix $mix) when $about",
  { permissions: "none" },
  ({ name, mix }) => {
    const rules = rulesWithout(name);
    const { failures } = runBatch({
      mix,
      seed: 0,
      runs: RUNS,
      rules,
      stopsEarly: true,
    });
    assert(failures.length > 0, `not in ${RUNS} runs`);
  },
);

Deno.test("rulesWithout() breaks exactly what it says", {
  permissions: "none",
}, () => {
  assertEquals(rulesWithout(undefined), RULES);
  for (const [name, { rules }] of Object.entries(MUTATIONS)) {
    const broken = rulesWithout(name);
    const changed = Object.keys(RULES).filter((rule) =>
      broken[rule as keyof typeof RULES] !== RULES[rule as keyof typeof RULES]
    );
    assertEquals(changed, Object.keys(rules));
  }
});

Deno.test("every rule is broken by a mutation", {
  permissions: "none",
}, () => {
  const broken = new Set(
    Object.values(MUTATIONS).flatMap(({ rules }) => Object.keys(rules)),
  );
  const unbroken = Object.keys(RULES).filter((rule) => !broken.has(rule));
  assertEquals(unbroken, []);
});

Deno.test(
  "shrink() finds a simpler scenario that still fails, and it can be told again",
  {
    permissions: "none",
  },
  () => {
    const rules = rulesWithout("silence");
    const { failures } = runBatch({
      mix: "split",
      seed: 0,
      runs: RUNS,
      rules,
      stopsEarly: true,
    });
    const [failure] = failures;
    assert(failure !== undefined);
    const property = failure.violations[0]?.property ?? "gap";
    const smallest = shrink(failure.scenario, property, rules);
    assert(smallest.faults.length <= failure.scenario.faults.length);
    assertEquals(smallest.groups, 1);
    const story = tell(smallest, rules);
    assertEquals(tell(smallest, rules), story, "it is repeatable");
    assert(story.includes(`VIOLATION ${property}`), story);
  },
);
