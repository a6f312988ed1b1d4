/**
 * The built image at work: both roles out of its files, started by the very
 * command lines of `manifests/base`, with nothing that they could write.
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { ARCHITECTURES } from "../../scripts/image/architecture.ts";
import { parseIp } from "../../mod/net/mod.ts";
import { arpFrame } from "../frames.ts";
import { createAuthority } from "../kubernetes/mod.ts";
import { arpReplyOf, OWN_INTERFACE, Segment } from "../packet/segment.ts";
import { privilegedTests, skip } from "../privileges.ts";
import {
  buildImage,
  type BuiltImage,
  bundle,
  printed,
  unpackImage,
} from "./built_image.ts";
import {
  type Container,
  type ContainerOptions,
  makeMountPoints,
  startContainer,
} from "./container.ts";
import { podContainer } from "./pod_manifest.ts";
import { ServedCluster } from "./served_cluster.ts";

const NODE = "node-a";
const NODE_ADDRESS = "10.244.0.1";
const POD_ADDRESS = "10.244.0.2";
const NAMESPACE = "metallb-system";

/** Deno refuses `/proc` under any permission but all. */
async function readProc(path: string): Promise<string> {
  return await printed("cat", `/proc/${path}`);
}

/** Why the image cannot be built and run here, if it cannot. */
async function obstacle(): Promise<string | undefined> {
  const map = await readProc("self/uid_map");
  if (map.trim().split(/\s+/)[2] !== "4294967295") {
    return "needs root itself: a user namespace has one user only";
  }
  for (
    const url of [
      "https://registry.npmjs.org/deno",
      "http://deb.debian.org/debian/dists/",
    ]
  ) {
    try {
      const signal = AbortSignal.timeout(5000);
      await (await fetch(url, { method: "HEAD", signal })).body?.cancel();
    } catch {
      return `${url} cannot be reached`;
    }
  }
  return undefined;
}

/** Every file with its type, mode, owner, size, time and target; for a comparison. */
async function contents(root: string): Promise<readonly string[]> {
  const listed = await printed(
    ...["find", root, "-mindepth", "1"] as const,
    ...["-printf", "%P %y %m %U:%G %s %T@ %l\n"],
  );
  return listed.trim().split("\n").sort();
}

interface World extends AsyncDisposable {
  readonly segment: Segment;
  readonly cluster: ServedCluster;
  readonly start: (
    role: string,
    ...without: readonly string[]
  ) => Promise<Container>;
}

interface Unpacked extends AsyncDisposable {
  readonly image: BuiltImage;
  readonly root: string;
  readonly folder: string;
}

/** Builds the image and unpacks it. */
async function unpack(): Promise<Unpacked> {
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

/** A node on a segment, an API server with TLS, and the files that a Pod gets. */
async function makeWorld(
  { image, root, folder }: Unpacked,
): Promise<World> {
  const segment = new Segment();
  const { namespace } = segment;
  // A name that CNIs use, so that the speaker leaves it alone.
  namespace.ip(...words("link add cali0 type veth peer name pod0"));
  namespace.ip(...words(`address add ${NODE_ADDRESS}/24 dev cali0`));
  namespace.ip(...words("link set cali0 up"));
  const cluster = new ServedCluster();
  const authority = await createAuthority("test", Date.now());
  const tls = await authority.issue({
    subject: { commonName: "kubernetes" },
    usage: "server",
    addresses: [Uint8Array.from(NODE_ADDRESS.split(".").map(Number))],
  });
  cluster.start({ hostname: NODE_ADDRESS, tls });
  const account = `${folder}/account`;
  await Deno.mkdir(account, { recursive: true });
  await Deno.writeTextFile(`${account}/ca.crt`, authority.certificate);
  await Deno.writeTextFile(`${account}/token`, "token");
  await Deno.writeTextFile(`${account}/namespace`, NAMESPACE);
  const options = {
    root,
    account,
    process: image.process,
    api: { host: NODE_ADDRESS, port: cluster.port },
  };
  return {
    segment,
    cluster,
    start: (role, ...without) =>
      startPod(segment, { ...options, role, without }),
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await segment[Symbol.asyncDispose]();
    },
  };
}

function words(text: string): string[] {
  return text.split(" ");
}

type Start =
  & Pick<ContainerOptions, "root" | "account" | "process" | "api">
  & { readonly role: string; readonly without: readonly string[] };

/** Starts a role's Pod, perhaps without some of its capabilities. */
async function startPod(
  { namespace }: Segment,
  { role, without, ...options }: Start,
): Promise<Container> {
  const pod = await podContainer(role);
  const add = (pod.security.capabilities?.add ?? [])
    .filter((name) => !without.includes(name));
  const ip = pod.hostNetwork ? NODE_ADDRESS : POD_ADDRESS;
  const container = startContainer({
    ...options,
    pod: { ...pod, security: { ...pod.security, capabilities: { add } } },
    address: pod.hostNetwork ? "127.0.0.1" : POD_ADDRESS,
    fields: {
      "metadata.namespace": NAMESPACE,
      "metadata.name": `herald-${role}-0`,
      "spec.nodeName": NODE,
      "status.podIP": ip,
      "status.hostIP": NODE_ADDRESS,
    },
  });
  if (pod.hostNetwork) return container;
  const pid = String(await container.pid());
  namespace.ip("link", "set", "pod0", "netns", pid);
  for (
    const rest of [`address add ${POD_ADDRESS}/24 dev pod0`, "link set pod0 up"]
  ) {
    await printed("nsenter", "--target", pid, "--net", "ip", ...words(rest));
  }
  return container;
}

async function furnish(cluster: ServedCluster): Promise<void> {
  await cluster.applyNamespace();
  await cluster.apply("/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: NODE },
  });
  await cluster.applyPool("office", ["192.0.2.10/32"]);
  await cluster.applyAdvertisement("office");
}

/** What the kernel says about a container's process. */
async function privilegesOf(
  container: Container,
): Promise<Readonly<Record<string, string>>> {
  const text = await readProc(`${await container.pid()}/status`);
  const lines = text.split("\n").map((line) => line.split(":\t"));
  return Object.fromEntries(
    lines.map(([name = "", value = ""]) => [name, value.trim()]),
  );
}

/** Mount points of a container that can be written, devices left out. */
async function writable(container: Container): Promise<readonly string[]> {
  const pid = await container.pid();
  const text = await readProc(`${pid}/mountinfo`);
  return text.trim().split("\n").map((line) => line.split(" "))
    .filter(([, , , , at = "", options = ""]) =>
      !options.split(",").includes("ro") && !at.startsWith("/dev/")
    ).map(([, , , , at = ""]) => at);
}

/** Asks who has an address until somebody answers. */
async function whoHas(segment: Segment, ip: string): Promise<Uint8Array> {
  for (;;) {
    segment.send(arpFrame(parseIp(ip)));
    const reply = await segment.find((frame) => {
      const packet = arpReplyOf(frame);
      return packet?.senderIp.value === parseIp(ip).value ? packet : undefined;
    }, 200);
    if (reply !== undefined) return reply.senderHardwareAddress;
  }
}

const NET_RAW = "0000000000002000";
const NOTHING = "0000000000000000";

/** `Uid` and `Gid` are four numbers: real, effective, saved, of the file system. */
function four(id: number): string {
  return Array(4).fill(id).join("\t");
}

const why = await obstacle();

privilegedTests(import.meta.url, (test) => {
  const name =
    "the image runs both roles as their Pods do, and nothing is written";
  if (why !== undefined) return skip(name, why, { required: false });

  test(name, async (context) => {
    await using unpacked = await unpack();
    const { root, image } = unpacked;
    await context.step("built twice it is the same", async () => {
      const again = await Deno.makeTempDir({ prefix: "herald-image-" });
      const second = await buildImage(again);
      assertEquals(second.digest, image.digest);
      const sums = await printed("sha256sum", image.archive, second.archive);
      const [first, other] = sums.split("\n").map((line) => line.slice(0, 64));
      assertEquals(first, other);
      await Deno.remove(again, { recursive: true });
    });
    await context.step("it has what it needs and nothing else", () => {
      return inspect(root);
    });
    await makeMountPoints(root);
    const before = await contents(root);
    await using world = await makeWorld(unpacked);
    const { cluster, segment } = world;
    await furnish(cluster);
    await context.step(
      "the speaker says what it lacks without NET_RAW",
      async () => {
        await using speaker = await world.start("speaker", "NET_RAW");
        const { code, stderr } = await speaker.role.ended();
        assertEquals(code, 1);
        assertStringIncludes(stderr, "grant CAP_NET_RAW to the process");
      },
    );
    await using controller = await world.start("controller");
    await using speaker = await world.start("speaker");
    await context.step("both get ready", async () => {
      for (const { role } of [controller, speaker]) {
        await role.until("/readyz", ({ status }) => status === 200);
      }
    });
    await context.step("with the privileges of the manifests", async () => {
      const { Uid, Gid, CapEff, CapBnd, NoNewPrivs } = await privilegesOf(
        controller,
      );
      assertEquals([Uid, Gid], [four(65534), four(65534)]);
      assertEquals([CapEff, CapBnd, NoNewPrivs], [NOTHING, NOTHING, "1"]);
      const status = await privilegesOf(speaker);
      assertEquals(status["CapEff"], NET_RAW);
      assertEquals(status["CapBnd"], NET_RAW);
      assertEquals(status["NoNewPrivs"], "1");
      for (const container of [controller, speaker]) {
        assertEquals(await writable(container), ["/proc"]);
      }
    });
    await context.step(
      "a Service gets an address, and it is answered",
      async () => {
        await cluster.applyService("web");
        const ip = await cluster.addressOf("web");
        assertEquals(ip, "192.0.2.10");
        await cluster.applyServed("web", ip, NODE);
        const link = segment.namespace.ip("-o", "link", "show", OWN_INTERFACE);
        const mac = await whoHas(segment, ip);
        const text = Array.from(
          mac,
          (byte) => byte.toString(16).padStart(2, "0"),
        );
        assert(link.includes(text.join(":")), `${text.join(":")} in ${link}`);
      },
    );
    await context.step("SIGTERM ends both in order", async () => {
      assertEquals(await speaker.role.stop(), 0);
      assertEquals(await controller.role.stop(), 0);
    });
    await context.step("nothing was written", async () => {
      assertEquals(await contents(root), before);
    });
  });
});

/** No shell, no package manager, no set-user-ID, nobody's but root's. */
async function inspect(root: string): Promise<void> {
  const files = (await contents(root)).map((line) => line.split(" "));
  const odd = files.filter(([, , mode = "", owner]) =>
    owner !== "0:0" || /^[2-7]\d{3}$/.test(mode) || /[2367]$/.test(mode)
  );
  assertEquals(odd, []);
  const programs = files.filter(([path = "", type]) =>
    type === "f" && /(^|\/)s?bin\//.test(path)
  ).map(([path]) => path);
  assertEquals(programs, ["usr/bin/deno"]);
  const top = files.map(([path]) => path).filter((path) =>
    path?.includes("/") === false
  );
  assertEquals(top, ["herald", "lib", "lib64", "usr", "var"]);
  const packages = files.map(([path = ""]) =>
    /^var\/lib\/dpkg\/status\.d\/(.+)/.exec(path)?.[1]
  ).filter((one) => one !== undefined);
  assert(packages.includes("libpcap0.8"));
  for (const each of [...packages, "deno"]) {
    const path = `${root}/usr/share/doc/${each}/copyright`;
    assertMatch(await Deno.readTextFile(path), /licen[sc]e|copyright/i);
  }
  const { triplet } =
    ARCHITECTURES.find(({ name }) =>
      name === (Deno.build.arch === "aarch64" ? "arm64" : "amd64")
    ) ?? { triplet: "" };
  const pcap = `usr/lib/${triplet}/libpcap.so.0.8`;
  assert(files.some(([path]) => path === pcap), pcap);
}
