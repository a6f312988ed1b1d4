import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Agenda, Appointment } from "./agenda.ts";

/** Takes all that is due, in the order in which it comes. */
function takeAll(agenda: Agenda<number>, now: number): number[] {
  const taken: number[] = [];
  for (;;) {
    const each = agenda.take(now);
    if (each === undefined) return taken;
    taken.push(each);
  }
}

Deno.test("Agenda gives what is due, the earliest first", {
  permissions: "none",
}, () => {
  const agenda = new Agenda<number>();
  const [a, b, c] = [1, 2, 3].map((each) => new Appointment(each));
  if (a === undefined || b === undefined || c === undefined) return;
  for (const [each, at] of [[a, 30], [b, 10], [c, 20]] as const) {
    agenda.set(each, at);
  }
  assertEquals([agenda.next, agenda.first], [10, 2]);
  agenda.set(b, Infinity);
  agenda.set(a, 15);
  assertEquals(takeAll(agenda, 19), [1]);
  assertEquals([agenda.next, a.at], [20, Infinity]);
});

Deno.test("Agenda loses what another gets", { permissions: "none" }, () => {
  const [one, other] = [new Agenda<number>(), new Agenda<number>()];
  const appointment = new Appointment(7);
  one.set(appointment, 10);
  other.set(appointment, 20);
  assertEquals([one.next, other.next], [Infinity, 20]);
  one.set(appointment, Infinity);
  assertEquals(other.next, Infinity, "it stands in one at most");
});

const change$ = fc.record({
  which: fc.nat(30),
  at: fc.oneof(
    { weight: 5, arbitrary: fc.nat(100) },
    { weight: 1, arbitrary: fc.constant(Infinity) },
  ),
});

Deno.test("Agenda knows of any changes what a sorted list knows", {
  permissions: "none",
}, () => {
  fc.assert(
    fc.property(fc.array(change$), fc.nat(100), (changes, now) => {
      const agenda = new Agenda<number>();
      const all = Array.from({ length: 31 }, (_, id) => new Appointment(id));
      const times = new Map<number, number>();
      for (const { which, at } of changes) {
        const appointment = all[which];
        if (appointment === undefined) continue;
        agenda.set(appointment, at);
        times.set(which, at);
      }
      const finite = [...times.values()];
      assertEquals(agenda.next, Math.min(Infinity, ...finite));
      const due = finite.filter((at) => at <= now).sort((a, b) => a - b);
      const taken = takeAll(agenda, now).map((id) => times.get(id) ?? NaN);
      assertEquals(taken, due);
    }),
  );
});
