import {
  CaptureHandle,
  type NativeLibrary,
  openLibrary,
} from "../../ffi/mod.ts";
import {
  arpRequest,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  EtherType,
  parseIp,
} from "../../mod/net/mod.ts";
import { manifestEnvironment } from "../engine_flags.ts";
import { NetworkNamespace } from "../../tests/network_namespace.ts";
import { RoleProcess } from "../../tests/roles/role_process.ts";
import { ServedCluster } from "../../tests/roles/served_cluster.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NODE = "node-a";
const PEER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 0x0b);
const PEER_IP = parseIp("192.0.2.250");
/** Milliseconds between two requests of {@linkcode SpeakerLab.untilAnswered}. */
const ASK_INTERVAL = 2;

/** How the speaker is run: from the sources, or as `deno task bundle` makes it. */
export interface Variant {
  readonly name: string;
  readonly entry: string;
  /** Folders that it reads its code from. */
  readonly folders: readonly string[];
  /** What its memory is set up with. */
  readonly env: Readonly<Record<string, string>>;
  /** Port of metrics over HTTPS; left out: none. */
  readonly metricsPort?: string;
}

/** From the sources, as `deno task speaker` runs it. */
export const FROM_SOURCE: Variant = {
  name: "from source",
  entry: "main.ts",
  folders: ["speaker", "mod", "ffi"],
  env: {},
};

/** The bundle as the manifests run it. */
export const BUNDLED: Variant = {
  name: "bundled",
  entry: "dist/main.js",
  folders: ["dist"],
  env: manifestEnvironment("speaker"),
};

/** The bundle, with metrics over HTTPS. */
export const BUNDLED_HTTPS: Variant = {
  ...BUNDLED,
  name: "bundled, HTTPS",
  metricsPort: "9120",
};

/** One speaker process, its API server, and the other end of its cable. */
export class SpeakerLab implements AsyncDisposable {
  /** The API server. */
  readonly cluster = new ServedCluster();
  readonly #namespace = NetworkNamespace.enter();
  readonly #library: NativeLibrary = openLibrary();
  #kubeconfig = "";

  private constructor() {
    this.#namespace.wire("eth0", "peer");
  }

  /** Makes the network and an API server with a node and a pool. */
  static async make(): Promise<SpeakerLab> {
    const lab = new SpeakerLab();
    lab.cluster.allowEverything();
    lab.cluster.start();
    await lab.cluster.applyNamespace();
    await lab.cluster.apply("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: NODE },
    });
    await lab.cluster.applyPool("p", ["192.0.2.0/24", "198.18.0.0/16"]);
    await lab.cluster.applyAdvertisement("l2");
    lab.#kubeconfig = await lab.cluster.writeKubeconfig();
    return lab;
  }

  /** Starts a speaker with the manifests' capabilities. */
  speaker(variant: Variant): RoleProcess {
    const readable = [
      ...variant.folders.map((folder) => ROOT + folder),
      this.#kubeconfig,
    ];
    const { entry, env, metricsPort = "0" } = variant;
    return RoleProcess.start({
      entry,
      env,
      permissions: ["-P=speaker", `--allow-read=${readable.join()}`],
      args: [
        ...["speaker", "--node-name", NODE, "--kubeconfig", this.#kubeconfig],
        ...["--metrics-port", metricsPort],
      ],
      wrapper: ["setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all"],
    });
  }

  /**
   * Asks for an address by ARP until somebody answers.
   *
   * @returns When the answer came, on the clock of `performance.now()`.
   */
  async untilAnswered(ip: string): Promise<number> {
    using capture = CaptureHandle.open(this.#library, "peer", {});
    capture.setFilter("arp");
    const request = arpFrame(ip);
    const frame = new Uint8Array(256);
    for (;;) {
      capture.send(request, request.length);
      const asked = performance.now();
      while (performance.now() - asked < ASK_INTERVAL) {
        const length = capture.next(frame);
        // Operation 2 is a reply (RFC 826).
        if (length >= 42 && frame[21] === 2) return performance.now();
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }

  /** Ends the server and removes the network. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    this.#library.close();
    this.#namespace[Symbol.dispose]();
  }
}

function arpFrame(ip: string): Uint8Array {
  return encodeEthernet({
    destination: BROADCAST_MAC,
    source: PEER_MAC,
    tags: [],
    etherType: EtherType.arp,
    payload: encodeArp(
      arpRequest({ mac: PEER_MAC, ip: PEER_IP }, parseIp(ip)),
    ),
  });
}
