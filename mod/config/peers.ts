/** Resolves `BGPPeer` resources. */
import { BGP_PEER, type BgpPeerSpec, type Decoded } from "../crd/mod.ts";
import { type Ip, tryParseIp } from "../net/mod.ts";
import type {
  BfdProfileConfig,
  PeerAs,
  PeerConfig,
  PeerTarget,
} from "./bgp_config.ts";
import { type PasswordSecret, resolvePassword } from "./peer_password.ts";
import { resolveConnectTime, resolveTimers } from "./peer_timers.ts";
import {
  type Note,
  noteFields,
  type Problem,
  type ProblemClass,
  ResourceProblems,
} from "./problem.ts";
import { EVERYTHING } from "./selector.ts";
import { checkDuplicates, compileAll } from "./selector_list.ts";

/** The peers by name, and what is wrong with the resources. */
export interface ResolvedPeers {
  /** Peers that could be resolved, by name. */
  readonly peers: ReadonlyMap<string, PeerConfig>;
  /** In the order of the resources. */
  readonly problems: readonly Problem[];
}

/** What peers refer to. */
export interface PeerReferences {
  /** BFD profiles by name. */
  readonly bfdProfiles: ReadonlyMap<string, BfdProfileConfig>;
  /** Secrets with passwords; `null` = unknown. */
  readonly secrets: readonly PasswordSecret[] | null;
}

/** RFC 4271, 8.2.1: the port that BGP listens on. */
const BGP_PORT = 179;

/** Resolves the peers, alone and against one another. */
export function resolvePeers(
  resources: readonly Decoded<BgpPeerSpec>[],
  references: PeerReferences,
): ResolvedPeers {
  const peers = new Map<string, PeerConfig>();
  const specs = new Map<string, string>();
  const logs = resources.map((resource) => {
    const { metadata: { name }, spec } = resource;
    const log = new ResourceProblems(BGP_PEER.kind, name);
    const peer = resolvePeer(resource, references, log);
    const identity = JSON.stringify(spec);
    if (specs.has(name)) {
      const same = specs.get(name) === identity;
      const note = same ? log.error : log.advice;
      note({
        class: "duplicatePeer",
        field: "metadata.name",
        message: same
          ? `Cannot define peer "${name}" twice`
          : `Replaces an earlier definition of peer "${name}"`,
      });
    }
    specs.set(name, identity);
    if (peer !== undefined) peers.set(name, peer);
    return log;
  });
  return { peers, problems: logs.flatMap(({ all }) => all) };
}

function resolvePeer(
  resource: Decoded<BgpPeerSpec>,
  references: PeerReferences,
  log: ResourceProblems,
): PeerConfig | undefined {
  const { metadata: { name }, spec } = resource;
  const note = log.error;
  noteFields(resource, note);
  const peerAs = resolveAs(spec, note);
  checkPresence(spec, note);
  const timers = resolveTimers(spec, note);
  const connectTime = resolveConnectTime(spec, note);
  const target = resolveTarget(spec, note);
  const routerId = resolveRouterId(spec, note);
  const sourceAddress = resolveIp(
    spec.sourceAddress,
    "sourceAddress",
    "sourceAddressInvalid",
    note,
  );
  const nodeSelectors = resolveNodes(spec, note);
  const authentication = resolvePassword(spec, references.secrets, log);
  checkReferences(spec, references, log);
  if (peerAs === undefined || target === undefined) return undefined;
  return {
    name,
    myAsn: spec.myASN,
    ...(spec.localASN === 0 ? {} : { localAsn: spec.localASN }),
    peerAs,
    target,
    // What v1beta1 calls 0 gets here unchanged where no webhook converts it.
    port: spec.peerPort === 0 ? BGP_PORT : spec.peerPort,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    timers,
    ...(connectTime === undefined ? {} : { connectTime }),
    ...(routerId === undefined ? {} : { routerId }),
    nodeSelectors,
    authentication,
    ...(spec.bfdProfile === "" ? {} : { bfdProfile: spec.bfdProfile }),
    gracefulRestart: spec.enableGracefulRestart,
    ebgpMultiHop: spec.ebgpMultiHop,
    vrf: spec.vrf,
    dualStackAddressFamily: spec.dualStackAddressFamily,
    disableMp: spec.disableMP,
  };
}

function resolveAs(spec: BgpPeerSpec, note: Note): PeerAs | undefined {
  const { myASN, peerASN, dynamicASN } = spec;
  if (myASN === 0) {
    note({
      class: "myASNMissing",
      field: "spec.myASN",
      message: "Cannot use 0: give the ASN of this cluster",
    });
  }
  if (peerASN !== 0 && dynamicASN !== "") {
    note({
      class: "peerASNAndDynamicASN",
      field: "spec.dynamicASN",
      message:
        `Cannot use dynamicASN "${dynamicASN}" besides peerASN ${peerASN}: give one of them`,
    });
  }
  switch (dynamicASN) {
    case "internal":
    case "external":
      return { kind: dynamicASN };
    case "":
      break;
    default:
      note({
        class: "dynamicASNInvalid",
        field: "spec.dynamicASN",
        message:
          `Cannot use dynamicASN "${dynamicASN}": it is neither internal nor external`,
      });
      return undefined;
  }
  if (peerASN === 0) {
    note({
      class: "peerASNMissing",
      field: "spec.peerASN",
      message:
        "Cannot use 0: give the ASN of the peer, or dynamicASN (internal or external)",
    });
    return undefined;
  }
  if (peerASN === myASN && spec.ebgpMultiHop) {
    note({
      class: "ebgpMultiHopOnIBGP",
      field: "spec.ebgpMultiHop",
      message:
        `Cannot use ebgpMultiHop with peerASN ${peerASN}, which is myASN as well: sessions within an AS may have any number of hops`,
    });
  }
  return { kind: "number", asn: peerASN };
}

function checkPresence(
  { peerAddress, interface: name }: BgpPeerSpec,
  note: Note,
): void {
  if (peerAddress === "" && name === "") {
    note({
      class: "peerAddressMissing",
      field: "spec.peerAddress",
      message:
        'Cannot use "": give the address of the peer, or the interface at whose other end it is',
    });
  }
  if (peerAddress !== "" && name !== "") {
    note({
      class: "peerAddressAndInterface",
      field: "spec.interface",
      message:
        `Cannot use interface "${name}" besides peerAddress ${peerAddress}: give one of them`,
    });
  }
}

function resolveTarget(
  { peerAddress, interface: name }: BgpPeerSpec,
  note: Note,
): PeerTarget | undefined {
  if (peerAddress === "") {
    return name === "" ? undefined : { kind: "interface", name };
  }
  const address = resolveIp(
    peerAddress,
    "peerAddress",
    "peerAddressInvalid",
    note,
  );
  return address === undefined ? undefined : { kind: "address", address };
}

/** RFC 6286: the identifier has 32 bits, so that only IPv4 text can say it. */
function resolveRouterId(
  { routerID }: BgpPeerSpec,
  note: Note,
): Ip | undefined {
  if (routerID === "") return undefined;
  const ip = tryParseIp(routerID);
  if (ip?.family === "IPv4" && ip.value !== 0n) return ip;
  note({
    class: "routerIDInvalid",
    field: "spec.routerID",
    message:
      `Cannot use routerID "${routerID}": it has to be an IPv4 address other than 0.0.0.0, also for sessions over IPv6`,
  });
  return undefined;
}

function resolveIp(
  text: string,
  field: string,
  invalid: ProblemClass,
  note: Note,
): Ip | undefined {
  if (text === "") return undefined;
  const ip = tryParseIp(text);
  if (ip === undefined) {
    note({
      class: invalid,
      field: `spec.${field}`,
      message: `Cannot use "${text}": it is no IP address`,
    });
  }
  return ip;
}

function resolveNodes(
  { nodeSelectors }: BgpPeerSpec,
  note: Note,
): PeerConfig["nodeSelectors"] {
  const list = { field: "spec.nodeSelectors", selectors: nodeSelectors };
  checkDuplicates(list, "duplicateNodeSelectors", note);
  return nodeSelectors.length === 0 ? [EVERYTHING] : compileAll(list, note);
}

function checkReferences(
  { bfdProfile, disableMP }: BgpPeerSpec,
  { bfdProfiles }: PeerReferences,
  log: ResourceProblems,
): void {
  if (bfdProfile !== "" && !bfdProfiles.has(bfdProfile)) {
    log.missing({
      class: "bfdProfileMissing",
      field: "spec.bfdProfile",
      message: `Refers to BFDProfile "${bfdProfile}", which does not exist`,
    });
  }
  if (disableMP) {
    log.advice({
      class: "deprecatedField",
      field: "spec.disableMP",
      message: "Is deprecated: use dualStackAddressFamily",
    });
  }
}
