import { assertEquals } from "@std/assert";
import {
  decodeIpv6,
  type EthernetFrame,
  EtherType,
  formatIp,
  ipFromBytes,
  NextHeader,
} from "../../mod/net/mod.ts";
import { privilegedTests } from "../privileges.ts";
import { OWN_INTERFACE, Segment, until } from "./segment.ts";

/** Groups that an MLDv2 report is about (RFC 3810 §5.2), if a frame is one. */
function reportedGroups(frame: EthernetFrame): string[] | undefined {
  if (frame.etherType !== EtherType.ipv6) return undefined;
  const packet = decodeIpv6(frame.payload);
  if (packet.nextHeader !== NextHeader.hopByHop) return undefined;
  const message = packet.payload.subarray(8);
  if (message[0] !== 143) return undefined;
  const groups: string[] = [];
  for (let at = 8; at + 20 <= message.length; at += 20) {
    groups.push(formatIp(ipFromBytes(message.slice(at + 4, at + 20))));
  }
  return groups;
}

/** Solicited-node groups of the worker's interface, as the kernel tells them. */
function kernelGroups(): string[] {
  // Deno keeps /proc to itself, whatever may be read.
  const { stdout } = new Deno.Command("cat", {
    args: ["/proc/self/net/igmp6"],
  }).outputSync();
  return new TextDecoder().decode(stdout).split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, name, group]) =>
      name === OWN_INTERFACE && group?.startsWith("ff0200000000000000000001ff")
    ).map(([, , group]) => group ?? "");
}

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker joins solicited-node groups, seen as an MLD report", async () => {
    await using segment = new Segment();
    await segment.start();
    await segment.announce("2001:db8::12:3456");
    const reported = await segment.find((frame) => {
      const groups = reportedGroups(frame) ?? [];
      return groups.find((group) => group === "ff02::1:ff12:3456");
    });
    assertEquals(reported, "ff02::1:ff12:3456");
    assertEquals(kernelGroups(), ["ff0200000000000000000001ff123456"]);
    await segment.announce();
    await until(() => kernelGroups().length === 0, "the group is left");
  });

  test("PacketWorker joins a thousand groups over several sockets", async () => {
    await using segment = new Segment();
    const worker = await segment.start();
    const many = Array.from(
      { length: 1000 },
      (_, i) => `2001:db8::${(i + 1).toString(16)}`,
    );
    // Two addresses of one group: it is joined once.
    await segment.announce(...many, "2001:db8:1::1");
    await until(() => kernelGroups().length === 1000, "all groups are joined");
    await until(() => worker.health().groups === 1000, "they are counted");
    await segment.announce(...many.slice(0, 10), "2001:db8:1::1");
    await until(() => kernelGroups().length === 10, "the rest is left");
    assertEquals(segment.events.map(({ kind }) => kind), ["interfaceOpened"]);
  });

  test("PacketWorker tells of a refused join and tries again", async () => {
    await using segment = new Segment();
    await segment.start();
    // Below 1280 bytes there is no IPv6 on a link (RFC 8200 §5).
    segment.namespace.ip("link", "set", OWN_INTERFACE, "mtu", "1000");
    await segment.announce("2001:db8::1");
    await until(
      () => segment.events.some(({ kind }) => kind === "joinRefused"),
      "the join is refused",
    );
    const refused = segment.events.find(({ kind }) => kind === "joinRefused");
    assertEquals(
      refused?.kind === "joinRefused" && [refused.name, refused.group],
      [OWN_INTERFACE, "ff02::1:ff00:1"],
    );
    segment.namespace.ip("link", "set", OWN_INTERFACE, "mtu", "1500");
    const group = "ff0200000000000000000001ff000001";
    assertEquals(kernelGroups().includes(group), false);
    await until(() => kernelGroups().includes(group), "it is joined");
  });
});
