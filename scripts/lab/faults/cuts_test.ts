import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Cut, renderCuts } from "./cuts.ts";

const CASES: readonly {
  readonly name: string;
  readonly cut: Cut;
  readonly rules: readonly string[];
}[] = [
  {
    name: "one way",
    cut: { from: "node-a", to: "client", isIpOnly: false },
    rules: [`iifname "lan-node-a" oifname "lan-client" drop`],
  },
  {
    name: "some frames",
    cut: { from: "node-a", to: "client", isIpOnly: false, percent: 15 },
    rules: [
      `iifname "lan-node-a" oifname "lan-client" numgen random mod 100 < 15 drop`,
    ],
  },
  {
    name: "IP only: ARP and Neighbor Discovery pass",
    cut: { from: "node-a", to: "node-b", isIpOnly: true },
    rules: [
      `iifname "lan-node-a" oifname "lan-node-b" ether type ip drop`,
      `iifname "lan-node-a" oifname "lan-node-b" ether type ip6 meta l4proto != ipv6-icmp drop`,
    ],
  },
];

for (const { name, cut, rules } of CASES) {
  Deno.test(`renderCuts(): ${name}`, { permissions: "none" }, () => {
    const text = renderCuts([cut]);
    for (const rule of rules) assertStringIncludes(text, rule);
    assertEquals(text.match(/drop/g)?.length, rules.length);
  });
}

Deno.test(
  "renderCuts(): no cut leaves no rule",
  { permissions: "none" },
  () => {
    assertEquals(renderCuts([]).includes("drop"), false);
  },
);
