import { assertEquals } from "@std/assert";
import {
  type AddressInfo,
  formatIp,
  type LinkInfo,
  parseIp,
  parseMac,
} from "../net/mod.ts";
import {
  DEFAULT_EXCLUDED_INTERFACES,
  type InterfaceSkipReason,
  InterfaceTracker,
  selectInterfaces,
} from "./interfaces.ts";

const options = { permissions: "none" } as const;
const EXCLUDE = DEFAULT_EXCLUDED_INTERFACES.map((text) => new RegExp(text));

const ETH0: LinkInfo = {
  index: 2,
  name: "eth0",
  mac: parseMac("02:00:00:00:00:0a"),
  up: true,
  running: true,
  lowerUp: true,
  broadcast: true,
  loopback: false,
  noArp: false,
};

const LINK_LOCAL: AddressInfo = {
  index: 2,
  ip: parseIp("fe80::a"),
  prefixLength: 64,
  tentative: false,
};

const SKIPPED: readonly (readonly [InterfaceSkipReason, Partial<LinkInfo>])[] =
  [
    ["excluded", { name: "veth1a2b3c" }],
    ["excluded", { name: "docker0" }],
    ["excluded", { name: "cali12345" }],
    ["excluded", { name: "lo" }],
    ["loopback", { name: "loop9", loopback: true }],
    ["down", { up: false }],
    ["master", { master: 7 }],
    ["noArp", { noArp: true }],
    ["noMac", { mac: null }],
    ["noMac", { mac: new Uint8Array(6) }],
    ["noProtocol", { broadcast: false, index: 3 }],
  ];

for (const [reason, change] of SKIPPED) {
  const link = { ...ETH0, ...change };
  const name = `selectInterfaces() skips ${link.name}: ${reason}`;
  Deno.test(name, options, () => {
    const decisions = selectInterfaces([link], [LINK_LOCAL], EXCLUDE);
    assertEquals(decisions, [{ kind: "skip", link, reason }]);
  });
}

const USED:
  readonly (readonly [string, Partial<LinkInfo>, boolean, boolean])[] = [
    ["eth0", {}, true, true],
    ["lo0, which only begins like lo", { name: "lo0" }, true, true],
    ["bond0.100", { name: "bond0.100", kind: "vlan" }, true, true],
    ["one without IPv6", { index: 9 }, true, false],
    ["one without broadcast", { broadcast: false }, false, true],
    ["one without carrier", { running: false, lowerUp: false }, true, true],
  ];

for (const [what, change, arp, ndp] of USED) {
  Deno.test(`selectInterfaces() uses ${what}`, options, () => {
    const link = { ...ETH0, ...change };
    const decisions = selectInterfaces([link], [LINK_LOCAL], EXCLUDE);
    assertEquals(decisions, [
      { kind: "use", link, mac: ETH0.mac ?? new Uint8Array(), arp, ndp },
    ]);
  });
}

Deno.test(
  "selectInterfaces() needs a link-local address, not just any",
  options,
  () => {
    const global = { ...LINK_LOCAL, ip: parseIp("2001:db8::1") };
    const ipv4 = { ...LINK_LOCAL, ip: parseIp("169.254.0.1") };
    const [decision] = selectInterfaces([ETH0], [global, ipv4], EXCLUDE);
    assertEquals(decision?.kind === "use" && decision.ndp, false);
  },
);

Deno.test(
  "InterfaceTracker tells what changed from scan to scan",
  options,
  () => {
    const tracker = new InterfaceTracker(EXCLUDE);
    const scan = (...links: readonly LinkInfo[]): readonly unknown[] =>
      tracker.update(links, [LINK_LOCAL]).changes;
    const eth1 = { ...ETH0, index: 3, name: "eth1" };
    const other = parseMac("02:00:00:00:00:ff");
    assertEquals(scan(ETH0), [{ kind: "appeared", name: "eth0" }]);
    assertEquals(scan(ETH0), []);
    assertEquals(scan(ETH0, eth1), [{ kind: "appeared", name: "eth1" }]);
    assertEquals(scan({ ...ETH0, mac: other }, eth1), [
      { kind: "macChanged", name: "eth0" },
    ]);
    assertEquals(scan({ ...ETH0, mac: other }), [
      { kind: "disappeared", name: "eth1", reason: "gone" },
    ]);
    assertEquals(scan({ ...ETH0, mac: other, up: false }), [
      { kind: "disappeared", name: "eth0", reason: "down" },
    ]);
    assertEquals(scan({ ...ETH0, name: "lan0" }), [
      { kind: "appeared", name: "lan0" },
    ]);
    assertEquals(scan({ ...ETH0, name: "lan1" }), [
      { kind: "renamed", name: "lan1", from: "lan0" },
    ]);
    assertEquals(scan({ ...ETH0, name: "lan1", broadcast: false }), [
      { kind: "protocolsChanged", name: "lan1" },
    ]);
  },
);

Deno.test(
  "InterfaceTracker begins an epoch when the carrier returns",
  options,
  () => {
    const tracker = new InterfaceTracker(EXCLUDE);
    const epoch = (running: boolean): number | undefined =>
      tracker.update([{ ...ETH0, running }], []).desired[0]?.epoch;
    assertEquals([epoch(true), epoch(true)], [0, 0]);
    assertEquals([epoch(false), epoch(false)], [0, 0]);
    assertEquals([epoch(true), epoch(true)], [1, 1]);
  },
);

Deno.test(
  "InterfaceTracker tells a lost carrier and its return, once each",
  options,
  () => {
    const tracker = new InterfaceTracker(EXCLUDE);
    const kinds = (running: boolean): string[] =>
      tracker.update([{ ...ETH0, running }], []).changes.map(({ kind }) =>
        kind
      );
    assertEquals(kinds(true), ["appeared"]);
    assertEquals([kinds(false), kinds(false)], [["carrierLost"], []]);
    assertEquals([kinds(true), kinds(true)], [["carrierReturned"], []]);
  },
);

Deno.test(
  "InterfaceTracker follows the addresses to ask and to beat from",
  options,
  () => {
    const tracker = new InterfaceTracker(EXCLUDE);
    const address = (
      text: string,
      prefixLength: number,
      change: Partial<AddressInfo> = {},
    ): AddressInfo => ({
      ...LINK_LOCAL,
      ip: parseIp(text),
      prefixLength,
      ...change,
    });
    const scan = (...addresses: readonly AddressInfo[]): readonly unknown[] => {
      const { desired, changes } = tracker.update([ETH0], addresses);
      const { ipv4, linkLocal } = desired[0] ?? {};
      const texts = [ipv4, linkLocal].map((ip) =>
        ip === undefined ? "" : formatIp(ip)
      );
      return [...texts, ...changes.map(({ kind }) => kind)];
    };
    assertEquals(scan(), ["", "", "appeared"]);
    assertEquals(scan(address("192.0.2.1", 32)), [
      "192.0.2.1",
      "",
      "addressesChanged",
    ]);
    const subnet = address("198.51.100.1", 24);
    assertEquals(scan(address("192.0.2.1", 32), subnet), [
      "198.51.100.1",
      "",
      "addressesChanged",
    ]);
    assertEquals(scan(subnet, address("192.0.2.9", 24, { index: 3 })), [
      "198.51.100.1",
      "",
    ]);
    // It cannot be sent from yet, though NDP is spoken.
    assertEquals(scan(subnet, { ...LINK_LOCAL, tentative: true }), [
      "198.51.100.1",
      "",
      "protocolsChanged",
    ]);
    assertEquals(scan(subnet, LINK_LOCAL), [
      "198.51.100.1",
      "fe80::a",
      "addressesChanged",
    ]);
    assertEquals(scan(LINK_LOCAL, address("2001:db8::1", 64)), [
      "",
      "fe80::a",
      "addressesChanged",
    ]);
  },
);
