/** The speaker role: flags, the packet worker, then everything heavy. */
import {
  dumpAddresses,
  dumpLinks,
  dumpNeighbours,
  type NativeLibrary,
  openLibrary,
  requireRawFrames,
  trimMemory,
} from "../ffi/mod.ts";
import { parseCommand, UsageError } from "../mod/cli/mod.ts";
import type { Host, RoleContext, RunningRole } from "../mod/role/mod.ts";
import { SPEAKER, type SpeakerSettings } from "./flags.ts";
import { type LeaseTimes, leaseTimes } from "./leases/lease_times.ts";
import { PacketWorker } from "./packet/packet_worker.ts";
import { claimSettings, pacingOf } from "./paces.ts";
import type { GossipMembers } from "./members/gossip_members.ts";
import type { Speaker } from "./speaker.ts";
import { logPacketEvent } from "./packet_events.ts";

/**
 * Runs the speaker until it is asked to stop.
 *
 * @param args The arguments after `speaker`.
 * @returns The exit code.
 * @throws {UsageError} For a command line that cannot be run.
 * @throws {NativeError} When libpcap cannot be used.
 */
export async function runSpeaker(
  args: readonly string[],
  host: Host,
): Promise<number> {
  const parsed = parseCommand(SPEAKER, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const settings = parsed.values;
  const node = checkSettings(settings);
  const library = openLibrary();
  // A speaker that hears nothing must not get as far as a Lease.
  requireRawFrames(library);
  // The packet worker starts before anything heavy is imported.
  const starting = startWorker(library, settings);
  const { runUntilStopped } = await import("../mod/role/mod.ts");
  try {
    return await runUntilStopped(
      host,
      settings,
      (context) =>
        startSpeaker(host, context, { settings, node, library, starting }),
    );
  } finally {
    await (await starting).stop();
    library.close();
  }
}

function checkSettings(settings: SpeakerSettings): string {
  const node = settings["node-name"];
  if (node === undefined) {
    throw new UsageError(
      "--node-name is missing: the name of this machine's Node object, also taken from HERALD_NODE_NAME",
    );
  }
  leaseTimesOf(settings);
  const preset = settings["ml-preset"];
  if (settings["ml-wan-config"] && preset === "local") {
    throw new UsageError(
      `--ml-wan-config means --ml-preset wan, and --ml-preset ${preset} is given: leave one of them out`,
    );
  }
  return node;
}

function leaseTimesOf(settings: SpeakerSettings): LeaseTimes {
  const set = {
    renew: settings["lease-renew"],
    duration: settings["lease-duration"],
  };
  return leaseTimes(set, settings["ml-bindaddr"] !== undefined);
}

/** Starts gossiping, if it is wanted. */
async function startMembers(
  host: Host,
  { settings, node, library }: Composition,
  worker: PacketWorker,
  speaker: () => Speaker,
): Promise<GossipMembers | undefined> {
  const ip = settings["ml-bindaddr"];
  if (ip === undefined) return undefined;
  const [
    { GossipMembers },
    { MemberFiles },
    { LAN, LOCAL, WAN },
  ] = await Promise.all([
    import("./members/gossip_members.ts"),
    import("./members/member_files.ts"),
    import("../mod/swim/mod.ts"),
  ]);
  const presets = { lan: LAN, wan: WAN, local: LOCAL };
  const files = await MemberFiles.open({
    secretFolder: settings["ml-secret-key-path"],
    settingsFolder: settings["ml-config-path"],
    preset: presets[
      settings["ml-wan-config"] ? "wan" : settings["ml-preset"]
    ],
    readTextFile: host.platform.readTextFile,
    clock: host.clock,
  });
  let isMade = false;
  const members = await GossipMembers.start({
    node,
    bind: { ip, port: settings["ml-bindport"] },
    files,
    derivation: settings["ml-key-derivation"],
    clock: host.clock,
    nodes: () => speaker().nodePlaces(),
    dumpNeighbours: () => dumpNeighbours(library),
    onChange: () => {
      if (isMade) speaker().membersChanged();
    },
  });
  isMade = true;
  worker.onHearing = () => members.heard(worker.hearsAll);
  return members;
}

function startWorker(
  library: NativeLibrary,
  settings: SpeakerSettings,
): Promise<PacketWorker> {
  return PacketWorker.start({
    library,
    onEvent: logPacketEvent,
    pacing: pacingOf(settings),
    claims: claimSettings(settings),
  });
}

interface Composition {
  readonly settings: SpeakerSettings;
  readonly node: string;
  readonly library: NativeLibrary;
  readonly starting: Promise<PacketWorker>;
}

async function startSpeaker(
  host: Host,
  { client, namespace, registry }: RoleContext,
  composition: Composition,
): Promise<RunningRole> {
  const { settings, node, library, starting } = composition;
  const [{ Speaker }, { InterfaceScanner }, { askKubeProxy }] = await Promise
    .all([
      import("./speaker.ts"),
      import("./interfaces.ts"),
      import("./forwarding_watch.ts"),
    ]);
  const worker = await starting;
  const { clock, random } = host;
  const healthz = settings["kube-proxy-healthz"];
  const lease = leaseTimesOf(settings);
  const members = await startMembers(
    host,
    composition,
    worker,
    () => speaker,
  );
  const speaker: Speaker = new Speaker({
    node,
    namespace,
    podName: settings["pod-name"],
    podUid: settings["pod-uid"],
    leaseRenewMs: lease.renew * 1000,
    leaseDurationMs: lease.duration * 1000,
    classes: {
      loadBalancerClass: settings["lb-class"] ?? "",
      alsoWithoutClass: settings["lb-class-and-none"],
    },
    ignoreExcludeLB: settings["ignore-exclude-lb"],
    excludeInterfaces: settings["exclude-interfaces"],
    membership: {
      heartbeatPort: settings["heartbeat-port"],
      failbackDelay: settings.failback,
    },
  }, {
    client,
    clock,
    random,
    scan: (options) => {
      const scanner = new InterfaceScanner({
        clock,
        dumpLinks: () => dumpLinks(library),
        dumpAddresses: () => dumpAddresses(library),
        ...options,
      });
      worker.onLinks = () => scanner.noticed();
      return scanner;
    },
    worker,
    registry,
    ...members === undefined ? {} : { members },
    ...healthz === undefined
      ? {}
      : { askKubeProxy: askKubeProxy(healthz, host.platform) },
  });
  return { ...speaker.start(), trim: () => trimMemory(library) };
}
