/** A node, a segment and an API server, in which the image's roles run as Pods. */
import { loadIssuer } from "../../mod/certificates/mod.ts";
import { Segment } from "../packet/segment.ts";
import {
  buildImage,
  type BuiltImage,
  bundle,
  printed,
  unpackImage,
} from "./built_image.ts";
import {
  type Container,
  containerCommand,
  type ContainerOptions,
  makeMountPoints,
  startContainer,
} from "./container.ts";
import { podContainer } from "./pod_manifest.ts";
import type { Outcome } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";

/** The node. */
export const NODE = "node-a";
const NODE_ADDRESS = "10.244.0.1";
const POD_ADDRESS = "10.244.0.2";
const NAMESPACE = "metallb-system";

/** The image's files. */
export interface Unpacked extends AsyncDisposable {
  readonly image: BuiltImage;
  /** Folder with the files. */
  readonly root: string;
  /** Folder that goes away with this. */
  readonly folder: string;
}

/** Builds the image and unpacks it. */
export async function unpack(): Promise<Unpacked> {
  const folder = await Deno.makeTempDir({ prefix: "herald-image-" });
  // Everybody must be able to get to the root of the container.
  await Deno.chmod(folder, 0o755);
  const root = `${folder}/root`;
  await Deno.mkdir(root);
  await bundle();
  const image = await buildImage(folder);
  await unpackImage(image, root);
  return {
    image,
    root,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

type Shared = Pick<ContainerOptions, "root" | "account" | "process" | "api">;

/** See the module. */
export class ImageWorld implements AsyncDisposable {
  /** The LAN; the roles' interface is one end of it. */
  readonly segment: Segment;
  /** The API server, which answers with TLS. */
  readonly cluster: ServedCluster;
  readonly #shared: Shared;

  private constructor(
    segment: Segment,
    cluster: ServedCluster,
    shared: Shared,
  ) {
    this.segment = segment;
    this.cluster = cluster;
    this.#shared = shared;
  }

  /** Makes the networks, starts the API server, and writes the files of a Pod. */
  static async start(
    { image, root, folder }: Unpacked,
  ): Promise<ImageWorld> {
    await makeMountPoints(root);
    const segment = new Segment();
    const { namespace } = segment;
    // A name that CNIs use, so that the speaker leaves it alone.
    namespace.ip(..."link add cali0 type veth peer name pod0".split(" "));
    namespace.ip("address", "add", `${NODE_ADDRESS}/24`, "dev", "cali0");
    namespace.ip("link", "set", "cali0", "up");
    const cluster = new ServedCluster();
    const { issueAuthority, issueServer } = await loadIssuer();
    const now = Date.now();
    const authority = issueAuthority("test", now);
    const names = { ipAddresses: [NODE_ADDRESS] };
    const tls = issueServer(authority, names, now);
    cluster.start({ hostname: NODE_ADDRESS, tls });
    const account = `${folder}/account`;
    await Deno.mkdir(account);
    await Deno.writeTextFile(`${account}/ca.crt`, authority.certificate);
    await Deno.writeTextFile(`${account}/token`, "token");
    await Deno.writeTextFile(`${account}/namespace`, NAMESPACE);
    await Deno.writeTextFile(`${account}/secretkey`, "secret");
    return new ImageWorld(segment, cluster, {
      root,
      account,
      process: image.process,
      api: { host: NODE_ADDRESS, port: cluster.port },
    });
  }

  /** A node, and a pool of one address that is announced. */
  async furnish(): Promise<void> {
    const { cluster } = this;
    await cluster.applyNamespace();
    await cluster.apply("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: NODE },
    });
    await cluster.applyPool("office", ["192.0.2.10/32"]);
    await cluster.applyAdvertisement("office");
  }

  /** Starts a role's Pod, perhaps without some of its capabilities. */
  async start(
    role: string,
    ...without: readonly string[]
  ): Promise<Container> {
    const pod = await podContainer(role);
    const add = (pod.security.capabilities?.add ?? [])
      .filter((name) => !without.includes(name));
    const container = startContainer({
      ...this.#shared,
      pod: { ...pod, security: { ...pod.security, capabilities: { add } } },
      address: pod.hostNetwork ? "127.0.0.1" : POD_ADDRESS,
      fields: fieldsOf(role, pod.hostNetwork ? NODE_ADDRESS : POD_ADDRESS),
    });
    if (!pod.hostNetwork) await this.#connect(await container.pid());
    return container;
  }

  /** Runs a verb beside a role on the host's network, as `kubectl exec` does. */
  async exec(
    role: string,
    verb: string,
    ...args: readonly string[]
  ): Promise<Outcome> {
    const pod = await podContainer(role);
    const command = pod.command.map((word) =>
      word === `-P=${role}` ? `-P=${verb}` : word
    );
    const { code, stdout, stderr } = await containerCommand({
      ...this.#shared,
      pod: { ...pod, command, args: [verb, ...args] },
      address: NODE_ADDRESS,
      fields: fieldsOf(role, NODE_ADDRESS),
    }).output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  }

  /** Ends the API server and leaves the networks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await this.segment[Symbol.asyncDispose]();
  }

  /** Gives a Pod its interface, as a network plugin does. */
  async #connect(pid: number): Promise<void> {
    this.segment.namespace.ip("link", "set", "pod0", "netns", String(pid));
    const inside = ["--target", String(pid), "--net", "ip"];
    const address = `${POD_ADDRESS}/24`;
    await printed(
      "nsenter",
      ...[...inside, "address", "add", address, "dev", "pod0"],
    );
    await printed("nsenter", ...inside, "link", "set", "pod0", "up");
  }
}

/** The fields of a role's Pod that its variables may refer to. */
function fieldsOf(role: string, ip: string): Readonly<Record<string, string>> {
  return {
    "metadata.namespace": NAMESPACE,
    "metadata.name": `herald-${role}-0`,
    "metadata.uid": "00000000-0000-4000-8000-000000000000",
    "spec.nodeName": NODE,
    "status.podIP": ip,
    "status.hostIP": NODE_ADDRESS,
  };
}
