import { assertEquals, assertNotEquals } from "@std/assert";
import type { DesiredInterface } from "../mod/layer2/mod.ts";
import { parseIp, parseMac } from "../mod/net/mod.ts";
import { stateSignature } from "./state_signature.ts";

const ETH0: DesiredInterface = {
  index: 2,
  name: "eth0",
  mac: parseMac("02:00:00:00:00:0a"),
  arp: true,
  ndp: true,
  epoch: 0,
  ipv4: parseIp("192.0.2.9"),
  linkLocal: parseIp("fe80::9"),
};
const ADDRESS = {
  ip: parseIp("192.0.2.1"),
  interfaces: "all",
  epoch: 0,
} as const;
const STATE = { addresses: [ADDRESS], interfaces: [ETH0] };

Deno.test(
  "stateSignature() is another for everything that the worker must know",
  {
    permissions: "none",
  },
  () => {
    const same = { addresses: [{ ...ADDRESS }], interfaces: [{ ...ETH0 }] };
    assertEquals(stateSignature(same), stateSignature(STATE));
    const others: readonly typeof STATE[] = [
      { ...STATE, addresses: [] },
      { ...STATE, interfaces: [{ ...ETH0, epoch: 1 }] },
      { ...STATE, interfaces: [{ ...ETH0, ipv4: parseIp("192.0.2.8") }] },
      { ...STATE, interfaces: [{ ...ETH0, linkLocal: parseIp("fe80::8") }] },
      {
        ...STATE,
        interfaces: [{ ...ETH0, mac: parseMac("02:00:00:00:00:0b") }],
      },
    ];
    for (const other of others) {
      assertNotEquals(stateSignature(other), stateSignature(STATE));
    }
  },
);
