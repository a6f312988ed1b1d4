import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { formatMac, parseIp } from "../../mod/net/mod.ts";
import { PacketWorker, PacketWorkerError } from "../../speaker/packet/mod.ts";
import { arpFrame, OWN_MAC } from "../frames.ts";
import { privilegedTests } from "../privileges.ts";
import { arpReplyOf, OWN_INTERFACE, Segment } from "./segment.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const IPV4 = parseIp("192.0.2.1");

function responder(permissions: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--unstable-worker-options",
      ...permissions,
      `${ROOT}tests/packet/responder.ts`,
      OWN_INTERFACE,
      formatMac(OWN_MAC),
      "192.0.2.1",
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

privilegedTests(import.meta.url, (test) => {
  test("PacketWorker needs libpcap's path and its own source, nothing else", async () => {
    await using segment = new Segment();
    const folders = ["speaker", "mod", "ffi"].map((name) => ROOT + name);
    const child = responder([
      `--allow-ffi=${segment.library.path}`,
      `--allow-read=${folders.join()}`,
    ]).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), "ready\n");
    segment.send(arpFrame(IPV4));
    const reply = await segment.find(arpReplyOf);
    assertEquals(reply?.senderHardwareAddress, OWN_MAC);
    await reader.cancel();
    await child.stdin.close();
    await child.stderr.cancel();
    assertEquals((await child.status).success, true);
  });

  test("PacketWorker says so when it may not read its source", async () => {
    await using segment = new Segment();
    const child = responder([`--allow-ffi=${segment.library.path}`]).spawn();
    await child.stdin.close();
    const { success, stderr } = await child.output();
    assertEquals(success, false);
    const text = new TextDecoder().decode(stderr);
    assertStringIncludes(text, "Cannot start the packet worker");
    assertStringIncludes(text, "read");
  });

  test("PacketWorker.start() fails when the worker cannot open libpcap", async () => {
    await using segment = new Segment();
    const { library } = segment;
    Object.defineProperty(library, "path", { value: "/nowhere/libpcap.so" });
    await assertRejects(
      () => PacketWorker.start({ library }),
      PacketWorkerError,
      "/nowhere/libpcap.so",
    );
  });
});
