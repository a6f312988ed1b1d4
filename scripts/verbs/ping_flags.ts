/** What `ping` takes. */
import {
  type Command,
  type Flags,
  type FlagValues,
  numberFlag,
  textFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import {
  type Ip,
  isMulticastIp,
  isUnspecifiedIp,
  tryParseIp,
} from "../../mod/net/mod.ts";
import { CLUSTER_FLAGS } from "./cluster_flags.ts";

/** The flags. */
export const PING_FLAGS = {
  interface: textFlag({
    placeholder: "NAME",
    help: "Ask on this interface only.",
    fallback: undefined,
    fallbackText: "those with a subnet that holds IP, else all usable ones",
  }),
  count: numberFlag({
    help: "How often to ask.",
    fallback: 3,
    min: 1,
    max: 100,
  }),
  timeout: numberFlag({
    placeholder: "MS",
    help: "How long to listen after each question.",
    fallback: 1000,
    min: 1,
    max: 60_000,
  }),
  ...CLUSTER_FLAGS,
} as const satisfies Flags;

/** Their values. */
export type PingSettings = FlagValues<typeof PING_FLAGS>;

/** The verb. */
export const PING: Command<typeof PING_FLAGS> = {
  name: "ping",
  summary: "Shows every station that answers for an address on this segment.",
  description:
    `Asks by ARP (IPv4) or a Neighbor Solicitation (IPv6) and listens to the end, so
that a second answer is not missed. Needs CAP_NET_RAW, or root. It sends nothing
but questions, from the interface's own address as any neighbour does: a probe
(sender 0.0.0.0) would disturb a host that is about to take the address, and not
everything answers it; it is sent where the interface has no address. A machine
does not hear its own answers: ask from another one than the owner.

With access to a cluster it names the nodes, by the MAC addresses that speakers
write into their Leases, else by asking for the nodes' own addresses, and says
which node should answer. Without access it works all the same.

Exit code: 0 = exactly one MAC address answers, and it is not another node's or
a stranger's; 1 = nobody answers, several do, or the wrong one does; 2 = nothing
was asked.
On a node: kubectl --namespace metallb-system exec daemonset/herald-speaker -- \\
  deno run --quiet -P=ping /herald/dist/main.js ping 192.0.2.10`,
  positionals: "IP",
  flags: PING_FLAGS,
};

/**
 * The address that the command line names.
 *
 * @throws {UsageError} When it names none, or one that no station has.
 */
export function targetOf([text, ...more]: readonly string[]): Ip {
  const ip = more.length > 0 || text === undefined
    ? undefined
    : tryParseIp(text);
  if (ip === undefined) {
    throw new UsageError('Name one address: "ping IP"; see "ping --help"');
  }
  if (isMulticastIp(ip) || isUnspecifiedIp(ip)) {
    throw new UsageError(
      `Cannot ask for ${text}: no station has such an address`,
    );
  }
  return ip;
}
