import { assertEquals, assertMatch } from "@std/assert";
import {
  judgeHealth,
  kubeProxyConfiguration,
  kubeProxyLaunch,
} from "./kube_proxy.ts";
import { tooOld, type Versions } from "./kube_proxy_needs.ts";
import { planTopology } from "./topology.ts";

const HEALTHY = { healthy: true };

Deno.test("judgeHealth() wants rules of every family that there is", {
  permissions: "none",
}, () => {
  const cases = [
    [{}, "it has no IPv4 rules in force"],
    [{ status: {} }, "it has no IPv4 rules in force"],
    [{ status: { IPv4: HEALTHY } }, "it has no IPv6 rules in force"],
    [
      { status: { IPv4: { healthy: false }, IPv6: HEALTHY } },
      "it has no IPv4 rules in force",
    ],
    [{ status: { IPv4: HEALTHY, IPv6: HEALTHY } }, true],
  ] as const;
  for (const [health, verdict] of cases) {
    assertEquals(judgeHealth(health), verdict);
  }
  const four = { status: { IPv4: HEALTHY } };
  assertEquals(judgeHealth(four, "ipv4"), true);
  assertEquals(judgeHealth(four, "ipv6"), "it has no IPv6 rules in force");
});

Deno.test("kube-proxy runs with CAP_NET_ADMIN in its node's namespace", {
  permissions: "none",
}, () => {
  const [node] = planTopology(1, 0).nodes;
  if (node === undefined) throw new Error("no node planned");
  const { namespace, capabilities, command } = kubeProxyLaunch("/k/p", node);
  assertEquals([namespace, capabilities], ["node-a", "netAdmin"]);
  assertEquals(command[0], "/k/p");
  const { mode, hostnameOverride, healthzBindAddress } = kubeProxyConfiguration(
    node,
  );
  assertEquals([mode, hostnameOverride], ["nftables", "node-a"]);
  assertEquals(healthzBindAddress, "198.51.100.10:10256");
});

const VERSIONS: readonly (readonly [Versions, what: RegExp | undefined])[] = [
  [{ kernel: "6.18.44-fc-v669", nft: "nftables v1.0.6 (Lester)" }, undefined],
  [{ kernel: "5.13.0", nft: "nftables v1.0.1" }, undefined],
  [{ kernel: "5.10.0-30-amd64", nft: "nftables v1.0.6" }, /kernel 5\.13/],
  [{ kernel: "5.15.0", nft: "nftables v0.9.8" }, /nft 1\.0\.1/],
  [{ kernel: "5.15.0", nft: "nftables v1.0.0" }, /nft 1\.0\.1/],
  [{ kernel: "5.15.0", nft: "" }, /nft 1\.0\.1/],
];

Deno.test("tooOld() knows what kube-proxy refuses", {
  permissions: "none",
}, () => {
  for (const [versions, expected] of VERSIONS) {
    const reason = tooOld(versions);
    if (expected === undefined) assertEquals(reason, undefined);
    else assertMatch(reason ?? "nothing", expected);
  }
});
