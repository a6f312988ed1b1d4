import { assertEquals } from "@std/assert";
import { WELL_WORKER } from "../tests/worker_health.ts";
import type { PacketWorkerHealth } from "./packet/packet_worker.ts";
import { type LinkInfo, parseMac } from "../mod/net/mod.ts";
import { selectInterfaces } from "../mod/layer2/mod.ts";
import { obstacleTo } from "./candidacy.ts";

function link(name: string, more: Partial<LinkInfo> = {}): LinkInfo {
  return {
    index: 2,
    name,
    mac: parseMac("02:00:00:00:00:0a"),
    up: true,
    running: true,
    lowerUp: true,
    broadcast: true,
    loopback: false,
    noArp: false,
    ...more,
  };
}

const cases: readonly {
  readonly when: string;
  readonly worker?: Partial<PacketWorkerHealth>;
  readonly links: readonly LinkInfo[];
  readonly why: string | undefined;
  readonly givesUp?: boolean;
}[] = [
  { when: "an interface can be used", links: [link("eth0")], why: undefined },
  {
    when: "one of two has a carrier",
    links: [link("eth0", { running: false }), link("eth1")],
    why: undefined,
  },
  {
    when: "the cable is out",
    links: [link("eth0", { running: false })],
    why: "no usable interface has a carrier",
    givesUp: true,
  },
  {
    when: "the only interface is down",
    links: [link("eth0", { up: false }), link("lo", { loopback: true })],
    why: "no interface can be used",
    givesUp: true,
  },
  {
    when: "there are no interfaces",
    links: [],
    why: "no interface can be used",
    givesUp: true,
  },
  {
    when: "the packet worker hangs",
    worker: { silentFor: 3000 },
    links: [],
    why: "packet worker: no round for 3000 ms",
    givesUp: false,
  },
];

Deno.test.each(cases)(
  "obstacleTo() when $when",
  { permissions: "none" },
  ({ worker = {}, links, why, givesUp }) => {
    const obstacle = obstacleTo(
      { ...WELL_WORKER, ...worker },
      selectInterfaces(links, [], []),
    );
    assertEquals(obstacle?.why, why);
    assertEquals(obstacle?.givesUp, givesUp);
  },
);
