import { assertEquals } from "@std/assert";
import { holdAfter } from "./failback.ts";
import { Peer } from "./peer.ts";

const options = { permissions: "none" } as const;
const HOLD = 10_000;

/** A contact both ways that holds for so many ms, and breaks. */
function contact(peer: Peer, length: number): void {
  peer.steadySince = 1000;
  peer.steadyAt = 1000 + length;
  peer.breakContact();
}

const LIVES = [
  { name: "that never died", contacts: [], hold: 10_000 },
  { name: "that died for the first time", contacts: [60_000], hold: 10_000 },
  {
    name: "that died again soon after it had come back",
    contacts: [60_000, 20_000],
    hold: 20_000,
  },
  {
    name: "that died three times of late",
    contacts: [60_000, 20_000, 40_000],
    hold: 40_000,
  },
  {
    name: "that had held for five minutes in between",
    contacts: [60_000, 20_000, 300_000],
    hold: 10_000,
  },
];
Deno.test.each(LIVES)(
  "Peer: a node $name is watched for $hold ms",
  options,
  ({ contacts, hold }) => {
    const peer = new Peer(2);
    for (const length of contacts) contact(peer, length);
    assertEquals(holdAfter(HOLD, peer.flaps), hold);
  },
);

Deno.test(
  "Peer.breakContact() counts what is broken already once only",
  options,
  () => {
    const peer = new Peer(2);
    contact(peer, 1000);
    peer.breakContact();
    contact(peer, 1000);
    peer.breakContact();
    assertEquals(peer.flaps, 1);
  },
);

Deno.test(
  "Peer.setAlive() remembers since when it has been alive without a break",
  options,
  () => {
    const peer = new Peer(2);
    const since = ([[true, 5], [true, 9], [false, 10], [true, 20]] as const)
      .map(([isAlive, now]) => {
        peer.setAlive(isAlive, now);
        return peer.aliveSince;
      });
    assertEquals(since, [5, 5, Infinity, 20]);
  },
);
