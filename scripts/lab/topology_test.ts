import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  parseAddressRange,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixSize,
} from "../../mod/net/mod.ts";
import { planNetwork } from "./network.ts";
import { nodeObject } from "./objects.ts";
import { planTopology } from "./topology.ts";

const SIZES: readonly { nodes: number; services: number }[] = [
  { nodes: 2, services: 1 },
  { nodes: 3, services: 4 },
  { nodes: 26, services: 1000 },
];

for (const { nodes, services } of SIZES) {
  const title = `${nodes} nodes and ${services} Services`;
  Deno.test(`planTopology() of ${title} gives distinct addresses on the LAN`, {
    permissions: "none",
  }, () => {
    const topology = planTopology(nodes, services);
    const { lan } = topology;
    const own = [lan.client.v4, ...topology.nodes.map((node) => node.lan.v4)];
    const subnet = parsePrefix(`${lan.client.v4}/${lan.length.v4}`);
    const pool = parseAddressRange(lan.pool.v4);
    assertEquals(new Set(own).size, nodes + 1);
    assertEquals(
      new Set([lan.clientMac, ...topology.nodes.map(({ mac }) => mac)]).size,
      nodes + 1,
    );
    for (const address of own) {
      assert(prefixContains(subnet, parseIp(address)));
      assert(!pool.some((prefix) => prefixContains(prefix, parseIp(address))));
    }
    assert(pool.every((prefix) => prefixContains(subnet, prefix.ip)));
    const size = pool.reduce((sum, prefix) => sum + prefixSize(prefix), 0n);
    assert(size >= BigInt(services));
    const split = parseAddressRange(lan.split.v4);
    assert(split.every((prefix) => prefixContains(subnet, prefix.ip)));
    for (const { ip } of split) {
      assert(!pool.some((prefix) => prefixContains(prefix, ip)));
    }
  });
}

Deno.test("planNetwork() keeps interface names within 15 bytes", {
  permissions: "none",
}, () => {
  const { batch, inside, namespaces } = planNetwork(planTopology(26, 1));
  const names = [...batch.matchAll(/link add (\S+)/g)].map(([, name]) => name);
  assertEquals(names.length, 2 + 26 * 2 + 2);
  assert(names.every((name) => name !== undefined && name.length <= 15));
  assertEquals(inside.map(({ name }) => name), [...namespaces]);
});

Deno.test("planNetwork() routes every node to every other node's Pods", {
  permissions: "none",
}, () => {
  const topology = planTopology(3, 1);
  const { inside } = planNetwork(topology);
  for (const node of topology.nodes) {
    const text = inside.find(({ name }) => name === node.name)?.batch ?? "";
    for (const other of topology.nodes) {
      if (other === node) continue;
      assertStringIncludes(
        text,
        `route add ${other.podCidr.v4} via ${other.lan.v4}\n`,
      );
      assertStringIncludes(
        text,
        `route add ${other.podCidr.v6} via ${other.lan.v6}\n`,
      );
    }
  }
});

Deno.test.each(
  [
    { families: "ipv6", other: /(addr|route) add (default via )?\d+\./ },
    { families: "ipv4", other: /(addr|route) add (default via )?\w*:/ },
  ] as const,
)(
  "planNetwork() gives nobody an address of another family than $families",
  { permissions: "none" },
  ({ families, other }) => {
    const topology = planTopology(2, 1, families);
    const { batch, inside } = planNetwork(topology);
    const all = [batch, ...inside.map(({ batch }) => batch)].join("");
    assertEquals(other.exec(all), null);
    assertStringIncludes(all, " add ");
    for (const { sysctls } of inside) {
      const isOff = sysctls.includes("net/ipv6/conf/default/disable_ipv6=1");
      assertEquals(isOff, families === "ipv4");
    }
    const objects = JSON.stringify(topology.nodes.map(nodeObject));
    assertEquals(objects.includes("2001:"), families === "ipv6");
  },
);
