/**
 * A LAN in a namespace of its own: a bridge that the test's machine is on, and
 * stations whose kernels answer for what they have.
 *
 * @module
 */
import { NetworkNamespace } from "../network_namespace.ts";

/** The test machine's interface. */
export const LAN_INTERFACE = "br0";
/** Its MAC address. */
export const LAN_MAC = "02:00:00:00:00:01";

/** See the module. */
export class Lan implements AsyncDisposable {
  /** The namespace that the test is in. */
  readonly namespace: NetworkNamespace;
  readonly #stations: Deno.ChildProcess[] = [];

  /** Makes the bridge, with `192.0.2.1/24` and `fe80::1`. */
  constructor() {
    this.namespace = NetworkNamespace.enter();
    const link = `link add ${LAN_INTERFACE} address ${LAN_MAC} type bridge`;
    this.#ip(link);
    this.#ip(`link set ${LAN_INTERFACE} addrgenmode none up`);
    this.#ip(`address add 192.0.2.1/24 dev ${LAN_INTERFACE}`);
    // Without the check for duplicates, which takes a second or two.
    this.#ip(`address add fe80::1/64 dev ${LAN_INTERFACE} nodad`);
  }

  /**
   * Connects a station.
   *
   * @param name Name of the bridge's port.
   * @param mac Its MAC address.
   * @param addresses What it has, with prefix lengths.
   */
  async connect(
    name: string,
    mac: string,
    ...addresses: readonly string[]
  ): Promise<void> {
    const child = new Deno.Command("setpriv", {
      args: [
        ...["--pdeathsig", "KILL", "unshare", "--net"],
        ...["sh", "-c", "echo ready; exec sleep infinity"],
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#stations.push(child);
    // It is in its own namespace once it says something.
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    this.#ip(
      `link add name ${name} type veth peer name eth0 address ${mac} netns ${child.pid}`,
    );
    this.#ip(
      `link set dev ${name} addrgenmode none master ${LAN_INTERFACE} up`,
    );
    const commands = [
      "link set eth0 addrgenmode none up",
      ...addresses.map((address) =>
        `address add ${address} dev eth0${
          address.includes(":") ? " nodad" : ""
        }`
      ),
    ];
    for (const command of commands) {
      const { success, stderr } = await new Deno.Command("nsenter", {
        args: ["-t", String(child.pid), "-n", "ip", ...command.split(" ")],
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
    }
  }

  /** Ends the stations and leaves the namespace. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const station of this.#stations) station.kill("SIGKILL");
    await Promise.all(this.#stations.map(({ status }) => status));
    this.namespace[Symbol.dispose]();
  }

  #ip(command: string): void {
    this.namespace.ip(...command.split(" "));
  }
}
