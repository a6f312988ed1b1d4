import { assertEquals } from "@std/assert";
import { parseIp } from "../../mod/net/mod.ts";
import type { Announced } from "../outcomes.ts";
import { announcementOf, Announcements } from "./announcements.ts";

const options = { permissions: "none" } as const;
const FOUR = parseIp("192.0.2.1");
const SIX = parseIp("2001:db8::1");

const cases: readonly {
  readonly when: string;
  readonly announced: readonly Announced[];
  readonly ips: string | undefined;
  readonly interfaces?: readonly string[];
}[] = [
  { when: "nothing is announced", announced: [], ips: undefined },
  {
    when: "all interfaces are used",
    announced: [{ ips: [FOUR, SIX], interfaces: "all" }],
    ips: "192.0.2.1,2001:db8::1",
    interfaces: [],
  },
  {
    when: "some are named, of which one is there",
    announced: [{ ips: [FOUR], interfaces: ["eth0", "eth7"] }],
    ips: "192.0.2.1",
    interfaces: ["eth0", "eth7"],
  },
  {
    when: "none of those that are named is there",
    announced: [{ ips: [FOUR], interfaces: ["eth7"] }],
    ips: undefined,
  },
  {
    when: "the families have interfaces of their own",
    announced: [
      { ips: [FOUR], interfaces: ["eth1"] },
      { ips: [SIX], interfaces: ["eth0", "eth1"] },
    ],
    ips: "192.0.2.1,2001:db8::1",
    interfaces: ["eth0", "eth1"],
  },
  {
    when: "one family is on all interfaces",
    announced: [
      { ips: [FOUR], interfaces: "all" },
      { ips: [SIX], interfaces: ["eth0"] },
    ],
    ips: "192.0.2.1,2001:db8::1",
    interfaces: [],
  },
  {
    when: "one family cannot be announced",
    announced: [
      { ips: [FOUR], interfaces: ["eth7"] },
      { ips: [SIX], interfaces: ["eth0"] },
    ],
    ips: "2001:db8::1",
    interfaces: ["eth0"],
  },
  {
    when: "the interface has no IPv6",
    announced: [{ ips: [FOUR, SIX], interfaces: ["four"] }],
    ips: "192.0.2.1",
    interfaces: ["four"],
  },
  {
    when: "the interface cannot broadcast",
    announced: [{ ips: [FOUR, SIX], interfaces: ["six"] }],
    ips: "2001:db8::1",
    interfaces: ["six"],
  },
  {
    when: "each of two interfaces has one family",
    announced: [{ ips: [FOUR, SIX], interfaces: ["four", "six"] }],
    ips: "192.0.2.1,2001:db8::1",
    interfaces: ["four", "six"],
  },
];

Deno.test.each(cases)(
  "announcementOf() when $when",
  options,
  ({ announced, ips, interfaces }) => {
    const usable = [
      { name: "eth0", arp: true, ndp: true },
      { name: "eth1", arp: true, ndp: true },
      { name: "four", arp: true, ndp: false },
      { name: "six", arp: false, ndp: true },
    ];
    const announcement = announcementOf(announced, usable);
    assertEquals(announcement?.ips, ips);
    assertEquals(announcement?.interfaces, interfaces);
  },
);

Deno.test(
  "Announcements name what has changed, and since when it is so",
  options,
  () => {
    const announcements = new Announcements();
    const web = { ips: "192.0.2.1", interfaces: [] };
    const api = { ips: "192.0.2.2", interfaces: ["eth0"] };
    const both = new Map([["web", web], ["api", api]]);
    assertEquals(announcements.update(both, "t1"), ["web", "api"]);
    assertEquals(announcements.update(both, "t2"), []);
    const other = { ...web, interfaces: ["eth1"] };
    assertEquals(announcements.update(new Map([["web", other]]), "t3"), [
      "api",
      "web",
    ]);
    assertEquals(announcements.of("web"), { ...other, since: "t1" });
    assertEquals(announcements.of("api"), undefined);
    assertEquals(announcements.update(both, "t4"), ["web", "api"]);
    assertEquals(announcements.of("api")?.since, "t4");
  },
);
