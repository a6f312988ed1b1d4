/** `main.ts ping IP`: who answers for an address on this machine's segments. */
import {
  dumpAddresses,
  dumpLinks,
  NativeError,
  type NativeLibrary,
  openLibrary,
  requireRawFrames,
} from "../../ffi/mod.ts";
import { parseCommand, UsageError } from "../../mod/cli/mod.ts";
import { AccessError, KubeError } from "../../mod/kube/mod.ts";
import {
  DEFAULT_EXCLUDED_INTERFACES,
  type InterfaceSkipReason,
} from "../../mod/layer2/mod.ts";
import {
  type AddressInfo,
  decodeAddresses,
  decodeLinks,
  equalIp,
  formatIp,
  formatMac,
  type Ip,
  type LinkInfo,
  macEquals,
} from "../../mod/net/mod.ts";
import {
  askedFrom,
  type AskingPort,
  choosePorts,
  judge,
  type Knowledge,
  type PortRefusal,
  stationsOf,
  type TimedAnswer,
} from "../../mod/ping/mod.ts";
import { seeCluster, type VerbHost } from "./cluster_flags.ts";
import { PING, type PingSettings, targetOf } from "./ping_flags.ts";
import { knowledgeOf, type UnknownNode, withNodes } from "./ping_knowledge.ts";
import { formatReport, type PingReport } from "./ping_report.ts";
import { Wire } from "./ping_wire.ts";

/** A cluster that is slower than this is left out, in ms. */
const CLUSTER_LIMIT = 5000;

/** Nodes whose addresses are asked for, at most: each is a broadcast. */
const MAX_NODES = 64;

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments, and when nothing can be asked.
 */
export async function runPing(
  args: readonly string[],
  host: VerbHost,
): Promise<number> {
  const parsed = parseCommand(PING, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const { positionals, values } = parsed;
  const target = targetOf(positionals);
  const report = await ask(target, values, host);
  host.write(
    values.output === "json"
      ? `${JSON.stringify(report, null, 2)}\n`
      : formatReport(report),
  );
  return report.problems.length === 0 ? 0 : 1;
}

async function ask(
  target: Ip,
  values: PingSettings,
  host: VerbHost,
): Promise<PingReport> {
  try {
    using library = openLibrary();
    requireRawFrames(library);
    return await askWith(library, target, values, host);
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

async function askWith(
  library: NativeLibrary,
  target: Ip,
  values: PingSettings,
  host: VerbHost,
): Promise<PingReport> {
  const links = decodeLinks(dumpLinks(library));
  const addresses = decodeAddresses(dumpAddresses(library));
  const ports = portsFor(target, values, links, addresses);
  using wire = new Wire(library, ports);
  const answers: TimedAnswer[] = [];
  for (let round = 1; round <= values.count; round++) {
    for (
      const { mac, sender, ...heard } of wire.ask([target], values.timeout)
    ) {
      // On a looped segment one's own frames come back.
      if (links.some((link) => isMacOf(link, mac))) continue;
      answers.push({
        round,
        interface: heard.interface,
        ms: heard.ms,
        mac: formatMac(mac),
        sender: formatMac(sender),
        kind: heard.kind,
      });
    }
  }
  const notes = addresses.some(({ ip }) => equalIp(ip, target))
    ? [
      "an interface of this machine has the address: its kernel answers, unheard",
    ]
    : [];
  const look = await lookAtCluster(target, values, host, { links, addresses });
  if (look.kind === "unknown") notes.push(look.why);
  const knowledge = look.kind === "known"
    ? askForNodes(look, answers, wire, values.timeout)
    : undefined;
  return reportOf({ target, ports, answers, knowledge, values }, [
    ...wire.failures,
    ...notes,
  ]);
}

function isMacOf({ mac: own }: LinkInfo, mac: Uint8Array): boolean {
  return own !== null && macEquals(own, mac);
}

const EXCLUDED = DEFAULT_EXCLUDED_INTERFACES.map((text) => new RegExp(text));

function portsFor(
  target: Ip,
  { interface: only }: PingSettings,
  links: readonly LinkInfo[],
  addresses: readonly AddressInfo[],
): readonly AskingPort[] {
  const choice = choosePorts({
    target,
    links,
    addresses,
    exclude: EXCLUDED,
    ...only === undefined ? {} : { only },
  });
  if (choice.kind === "ask") return choice.ports;
  throw new UsageError(refusal(choice.reason, target, only));
}

const SKIPPED: Readonly<Record<InterfaceSkipReason, string>> = {
  excluded: "it is excluded",
  loopback: "it is the loopback interface",
  down: "it is down",
  master: "it is part of a bridge, bond, team or VRF: name that one",
  noArp: "it does without ARP and NDP",
  noMac: "it has no MAC address",
  noProtocol: "it can neither broadcast nor has it a link-local address",
};

function refusal(
  reason: PortRefusal,
  { family }: Ip,
  name: string | undefined,
): string {
  const where = `Cannot ask on "${name}"`;
  switch (reason) {
    case "none":
      return "Cannot ask: no interface can be used; name one with --interface";
    case "absent":
      return `${where}: there is no such interface`;
    case "family":
      return family === "IPv4"
        ? `${where} for an IPv4 address: it cannot broadcast`
        : `${where} for an IPv6 address: it has no link-local address`;
    default:
      return `${where}: ${SKIPPED[reason]}`;
  }
}

type Look =
  | { readonly kind: "unknown"; readonly why: string }
  | {
    readonly kind: "known";
    readonly knowledge: Knowledge;
    readonly unknown: readonly UnknownNode[];
  };

/** Never fails: the answers are worth showing without a cluster. */
async function lookAtCluster(
  target: Ip,
  values: PingSettings,
  host: VerbHost,
  own: {
    readonly links: readonly LinkInfo[];
    readonly addresses: readonly AddressInfo[];
  },
): Promise<Look> {
  const done = new AbortController();
  const limit = host.clock.sleep(CLUSTER_LIMIT, done.signal).then(() => null);
  try {
    const seen = await Promise.race([seeCluster(host, values), limit]);
    if (seen === null) return unmapped(`no answer within ${CLUSTER_LIMIT} ms`);
    const machine = {
      macs: own.links.flatMap(({ mac }) => mac === null ? [] : formatMac(mac)),
      ips: own.addresses.map(({ ip }) => ip),
    };
    return { kind: "known", ...knowledgeOf(target, seen, machine) };
  } catch (error) {
    const isExpected = error instanceof AccessError ||
      error instanceof KubeError;
    if (!isExpected) throw error;
    return unmapped(error.message);
  } finally {
    done.abort();
  }
}

function unmapped(why: string): Look {
  return {
    kind: "unknown",
    why: `MAC addresses are not mapped to nodes: ${why}`,
  };
}

/** Asks for the nodes' own addresses where their Leases do not suffice. */
function askForNodes(
  { knowledge, unknown }: Extract<Look, { kind: "known" }>,
  answers: readonly TimedAnswer[],
  wire: Wire,
  patience: number,
): Knowledge {
  const isMapped = answers.every(({ mac }) => knowledge.nodesByMac.has(mac));
  if (isMapped || unknown.length === 0) return knowledge;
  const asked = unknown.slice(0, MAX_NODES);
  const heard = wire.ask(asked.map(({ ip }) => ip), patience);
  return withNodes(knowledge, asked, heard);
}

interface Findings {
  readonly target: Ip;
  readonly ports: readonly AskingPort[];
  readonly answers: readonly TimedAnswer[];
  readonly knowledge: Knowledge | undefined;
  readonly values: PingSettings;
}

function reportOf(
  { target, ports, answers, knowledge, values }: Findings,
  more: readonly string[],
): PingReport {
  const nodesByMac = knowledge?.nodesByMac ?? new Map<string, string[]>();
  const { verdict, problems, notes } = judge(
    stationsOf(answers, nodesByMac),
    knowledge,
  );
  return {
    ip: formatIp(target),
    interfaces: ports.map((port) => ({
      name: port.name,
      from: askedFrom(port, target),
    })),
    rounds: values.count,
    answers: answers.map((answer) => ({
      ...answer,
      nodes: nodesByMac.get(answer.mac) ?? [],
    })),
    verdict,
    expected: knowledge?.expected ?? null,
    problems,
    notes: [...notes, ...more],
  };
}
