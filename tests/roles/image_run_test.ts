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
import { parseIp } from "../../mod/net/mod.ts";
import { ARCHITECTURES } from "../../scripts/image/architecture.ts";
import { arpFrame } from "../frames.ts";
import { arpReplyOf, OWN_INTERFACE, type Segment } from "../packet/segment.ts";
import { privilegedTests, skip } from "../privileges.ts";
import { buildImage, printed } from "./built_image.ts";
import type { Container } from "./container.ts";
import { ImageWorld, NODE, unpack } from "./image_world.ts";

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
    await using world = await ImageWorld.start(unpacked);
    const before = await contents(root);
    const { cluster, segment } = world;
    await world.furnish();
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
    await context.step(
      "ping works beside the speaker, as kubectl exec starts it",
      async () => {
        const { code, stdout, stderr } = await world.exec(
          "speaker",
          "ping",
          ...["192.0.2.10", "--count", "1", "--timeout", "50"],
        );
        assertEquals([code, stderr], [1, ""]);
        const why =
          `nobody else answers: this machine is ${NODE}, which should`;
        assertStringIncludes(stdout, why);
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
  const licences = await Deno.readTextFile(`${root}/herald/dist/LICENSES.txt`);
  for (const each of ["@kubernetes/client-node@", "prom-client@", "MIT"]) {
    assertStringIncludes(licences, each);
  }
  const { triplet } =
    ARCHITECTURES.find(({ name }) =>
      name === (Deno.build.arch === "aarch64" ? "arm64" : "amd64")
    ) ?? { triplet: "" };
  const pcap = `usr/lib/${triplet}/libpcap.so.0.8`;
  assert(files.some(([path]) => path === pcap), pcap);
}
