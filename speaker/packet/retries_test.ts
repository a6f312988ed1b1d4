import { assertEquals } from "@std/assert";
import type { SlottedInterface } from "../../mod/layer2/mod.ts";
import { Retries } from "./retries.ts";

const options = { permissions: "none" } as const;

function link(slot: number, name: string): SlottedInterface {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const index = slot + 10;
  return { slot, index, name, mac, arp: true, ndp: true, epoch: 0 };
}

Deno.test("Retries come soon first, then ever less often", options, () => {
  const retries = new Retries();
  const eth0 = link(0, "eth0");
  assertEquals([retries.isDue(eth0, 0), retries.dueAt], [true, Infinity]);
  const gaps: number[] = [];
  for (let now = 0; gaps.length < 8;) {
    retries.refused(eth0, now, "no");
    assertEquals(retries.isDue(eth0, retries.dueAt - 1), false);
    assertEquals(retries.isDue(eth0, retries.dueAt), true);
    gaps.push(retries.dueAt - now);
    now = retries.dueAt;
  }
  assertEquals(gaps, [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  retries.opened(0);
  assertEquals(retries.dueAt, Infinity);
  retries.refused(eth0, 50_000, "no");
  assertEquals(retries.dueAt, 50_200);
});

Deno.test("Retries tell a failure once", options, () => {
  const retries = new Retries();
  const eth0 = link(0, "eth0");
  assertEquals(retries.refused(eth0, 0, "no"), true);
  assertEquals(retries.refused(eth0, 200, "no"), false);
  assertEquals(retries.refused(eth0, 600, "still no"), true);
  retries.lost(eth0, 2000);
  assertEquals(retries.dueAt, 2200);
  assertEquals(retries.refused(eth0, 2200, "still no"), true);
});

Deno.test("Retries do not hold another interface back", options, () => {
  const retries = new Retries();
  retries.refused(link(0, "eth0"), 0, "no");
  retries.refused(link(1, "eth1"), 100, "no");
  assertEquals(retries.dueAt, 200);
  assertEquals(retries.isDue(link(0, "renamed"), 1), true);
  assertEquals(retries.isDue({ ...link(0, "eth0"), index: 99 }, 1), true);
  assertEquals(retries.isDue(link(1, "eth1"), 101), false);
  retries.keep([link(1, "eth1")]);
  assertEquals(retries.dueAt, 300);
});
