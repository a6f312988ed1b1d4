import { assert, assertEquals, assertThrows } from "@std/assert";
import { receive, TEST_FILTER, testFrame } from "../tests/ffi/frames.ts";
import { runProbe } from "../tests/ffi/run_probe.ts";
import { NetworkNamespace } from "../tests/network_namespace.ts";
import { privilegedTests } from "../tests/privileges.ts";
import { CaptureHandle, GONE } from "./capture.ts";
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { POLLERR, PollSet } from "./poll_set.ts";

privilegedTests(import.meta.url, (test) => {
  test("requireRawFrames() says which capability is missing, of any interface", () => {
    const none = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
    const { reason, code, message } = runProbe(["rawFrames"], {
      through: none,
    });
    assertEquals([reason, code], ["capabilityMissing", "EPERM"]);
    assert(String(message).includes("grant CAP_NET_RAW"), String(message));
    const through = ["setpriv", "--bounding-set=-all,+net_raw"];
    assertEquals(runProbe(["rawFrames"], { through }), { allowed: true });
  });

  test("CaptureHandle.open() says which capability is missing", () => {
    const { reason, code, message } = runProbe(["capture", "lo"], {
      through: ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
    });
    assertEquals([reason, code], ["capabilityMissing", "EPERM"]);
    assert(String(message).includes("grant CAP_NET_RAW"), String(message));
  });

  for (
    const { name, before, reason } of [
      { name: "absent", before: "", reason: "interfaceMissing" },
      { name: "any", before: "", reason: "linkTypeUnsupported" },
      { name: "near", before: "down", reason: "interfaceDown" },
      { name: "x".repeat(99), before: "", reason: "interfaceMissing" },
    ] as const
  ) {
    test(`CaptureHandle.open() refuses "${name.slice(0, 20)}": ${reason}`, () => {
      using namespace = NetworkNamespace.enter();
      namespace.wire("near", "far");
      if (before !== "") namespace.ip("link", "set", name, before);
      using library = openLibrary();
      const failure = assertThrows(
        () => CaptureHandle.open(library, name),
        NativeError,
        `Cannot capture on "${name}": `,
      );
      assertEquals(failure.reason, reason);
    });
  }

  test("CaptureHandle.next() reports a vanished interface", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using handle = CaptureHandle.open(library, "far");
    handle.setFilter(TEST_FILTER);
    const poll = new PollSet(library, 1);
    const slot = poll.add(handle.fd);
    const buffer = new Uint8Array(128);
    assertEquals([handle.next(buffer), handle.failure], [0, null]);
    namespace.ip("link", "delete", "near");
    assertEquals(poll.wait(2000), 1);
    assert((poll.revents(slot) & POLLERR) !== 0);
    assertEquals(handle.next(buffer), GONE);
    assertEquals(handle.next(buffer), GONE);
    assertEquals(handle.failure?.reason, "interfaceMissing");
    assertEquals(handle.failure?.operation, "pcap_next_ex");
    assertEquals(handle.send(testFrame(60, 1), 60), false);
    assertEquals(handle.failure?.operation, "pcap_sendpacket");
    assertEquals(handle.failure?.reason, "interfaceMissing");
  });

  test("CaptureHandle survives an interface that goes down and up", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using near = CaptureHandle.open(library, "near");
    using far = CaptureHandle.open(library, "far");
    far.setFilter(TEST_FILTER);
    namespace.ip("link", "set", "far", "down");
    assertEquals(far.next(new Uint8Array(128)), 0);
    assertEquals(far.send(testFrame(60, 1), 60), false);
    assertEquals(far.failure?.reason, "interfaceDown");
    assertEquals(far.failure?.code, "ENETDOWN");
    namespace.ip("link", "set", "far", "up");
    const buffer = new Uint8Array(128);
    while (far.next(buffer) > 0);
    let received: ReturnType<typeof receive>;
    // Nothing crosses the wire until the kernel has noticed that it is back.
    for (let tries = 0; received === undefined && tries < 10; tries++) {
      assert(near.send(testFrame(60, 8), 60));
      received = receive(library, far);
    }
    assertEquals(received?.bytes[20], 8);
  });

  test("CaptureHandle.send() refuses what is no frame", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using near = CaptureHandle.open(library, "near");
    for (const length of [0, -1, 61, NaN]) {
      assertThrows(() => near.send(new Uint8Array(60), length), RangeError);
    }
    const tooLong = testFrame(9000, 1);
    assertEquals(near.send(tooLong, 9000), false);
    assertEquals(near.failure?.code, "EMSGSIZE");
    assertEquals(near.failure?.reason, "systemCall");
    assert(near.send(testFrame(60, 1), 60));
  });

  test("CaptureHandle refuses to be used when closed", async () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    const handle = CaptureHandle.open(library, "near");
    await handle[Symbol.asyncDispose]();
    handle.close();
    handle[Symbol.dispose]();
    assertEquals(handle.fd, -1);
    const frame = testFrame(60, 1);
    for (
      const use of [
        () => handle.next(frame),
        () => handle.send(frame, 60),
        () => handle.setFilter(TEST_FILTER),
        () => handle.statistics(),
      ]
    ) {
      assertEquals(assertThrows(use, NativeError).reason, "closed");
    }
  });

  test("CaptureHandle is closed with its library", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    const library = openLibrary();
    const handle = CaptureHandle.open(library, "near");
    library.close();
    assertEquals(handle.fd, -1);
  });

  test("ffi/ runs under --allow-ffi for one path, with CAP_NET_RAW alone", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    const { links, addresses, ...rest } = runProbe(
      ["everything", "near", "far"],
      {
        through: [
          "setpriv",
          "--bounding-set=-all,+net_raw",
          "--inh-caps=-all",
        ],
      },
    );
    assertEquals(rest, {
      frame: "60 42 1",
      ready: 1,
      rings: 1,
      news: false,
      joined: "joined",
      schedulingClass: "none",
    });
    assert(Number(links) > 3 * 32 && Number(addresses) > 2 * 24);
  });
});
