/** Whether kube-proxy in nftables mode can work on this machine. */
import { attemptIsolated, type Isolation } from "./isolation.ts";

/** What kube-proxy asks the machine for before it starts. */
export interface Versions {
  /** Release of the kernel, as `uname -r` prints it. */
  readonly kernel: string;
  /** What `nft --version` prints. */
  readonly nft: string;
}

/** The oldest that kube-proxy takes (its `supported.go`, and knftables). */
const OLDEST: Readonly<Record<keyof Versions, string>> = {
  kernel: "5.13",
  nft: "1.0.1",
};

function numbersOf(text: string): readonly number[] {
  return (/\d+(?:\.\d+)+/.exec(text)?.[0] ?? "").split(".").map(Number);
}

function isOlder(text: string, than: string): boolean {
  const have = numbersOf(text);
  for (const [index, wanted] of numbersOf(than).entries()) {
    const number = have[index] ?? 0;
    if (number !== wanted) return number < wanted;
  }
  return false;
}

/**
 * Says what is too old for kube-proxy.
 *
 * @param versions What the machine has.
 * @returns The reason, or undefined when nothing is.
 */
export function tooOld(versions: Versions): string | undefined {
  for (const name of ["kernel", "nft"] as const) {
    const found = versions[name].trim();
    if (!isOlder(found, OLDEST[name])) continue;
    return `kube-proxy in nftables mode needs ${name} ${OLDEST[name]}, ` +
      `this is "${found}"`;
  }
  return undefined;
}

function probeTable(family: "ip" | "ip6", pod: string): string {
  const type = family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const port = "meta l4proto . th dport";
  return `table ${family} probe {
  set hairpins { type ${type} . ${type} . inet_proto . inet_service; }
  map services { type ${type} . inet_proto . inet_service : verdict; }
  chain refusal { reject; }
  chain pods {
    meta l4proto tcp dnat ${family} to numgen random mod 1 map { 0 : ${pod} . 80 };
  }
  chain external {
    fib saddr type local meta mark set mark or 0x4000 comment "local";
    goto pods;
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ${family} daddr . ${port} vmap @services;
  }
  chain forward {
    type filter hook forward priority filter;
    ct state new jump refusal;
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    mark and 0x4000 != 0 masquerade fully-random;
    ct status dnat ${family} saddr . ${family} daddr . ${port} @hairpins masquerade fully-random;
  }
}
`;
}

/** Everything of nftables that kube-proxy's rules are made of. */
export const PROBE_RULES = probeTable("ip", "192.0.2.1") +
  probeTable("ip6", "2001:db8::1");

/**
 * Tries what kube-proxy does with nftables, in namespaces of its own.
 *
 * @param isolation How the namespaces are made.
 * @returns Why it cannot work here; undefined when it can.
 */
export async function kubeProxyObstacle(
  isolation: Isolation,
): Promise<string | undefined> {
  const rules = await attemptIsolated(isolation, ["nft", PROBE_RULES]);
  if (!rules.success) {
    return `the kernel does not take rules like kube-proxy's: ${rules.stderr}`;
  }
  const nft = await attemptIsolated(isolation, ["nft", "--version"]);
  return tooOld({ kernel: Deno.osRelease(), nft: nft.stdout });
}
