import { assert, assertEquals, assertThrows } from "@std/assert";
import { receive } from "../tests/ffi/frames.ts";
import { NetworkNamespace } from "../tests/network_namespace.ts";
import { privilegedTests } from "../tests/privileges.ts";
import { CaptureHandle } from "./capture.ts";
import { GroupSocket } from "./group_socket.ts";
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { interfaceIndex } from "./netlink.ts";

/** The solicited-node group `ff02::1:ff00:0` plus a number below 2^24. */
function group(number: number): Uint8Array {
  const address = new Uint8Array(16);
  address.set([0xff, 0x02]);
  address.set([1, 0xff], 11);
  address.set([number >> 16, number >> 8, number], 13);
  return address;
}

/** Destination of MLDv2 reports, RFC 3810 §5.2.14: ff02::16. */
const MLD_FILTER = "ether dst 33:33:00:00:00:16";
/** More groups than any kernel's default memory for one socket holds. */
const MANY = 20_000;

privilegedTests(import.meta.url, (test) => {
  test("GroupSocket.join() makes the kernel report the group", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using observer = CaptureHandle.open(library, "far");
    observer.setFilter(MLD_FILTER);
    using socket = new GroupSocket(library);
    const index = interfaceIndex(library, "near");
    assertEquals(socket.join(index, group(0xabcdef)), "joined");
    for (let seen = "";;) {
      const report = receive(library, observer, 5000);
      assert(report !== undefined, `not reported; seen instead:${seen}`);
      const hex = report.bytes.toHex();
      if (hex.includes("ff0200000000000000000001ffabcdef")) break;
      seen += ` ${hex}`;
    }
  });

  test("GroupSocket.leave() ends a membership, and so does close()", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    const index = interfaceIndex(library, "near");
    const groups = (): boolean[] => {
      const text = namespace.ip("maddress", "show", "dev", "near");
      return [text.includes("ff02::1:ff00:1"), text.includes("ff02::1:ff00:2")];
    };
    const socket = new GroupSocket(library);
    for (const number of [1, 2, 2]) {
      assertEquals(socket.join(index, group(number)), "joined");
    }
    assertEquals(groups(), [true, true]);
    assertEquals(socket.leave(index, group(1)), true);
    assertEquals(socket.leave(index, group(1)), false);
    assertEquals(groups(), [false, true]);
    socket.close();
    socket.close();
    assertEquals(groups(), [false, false]);
    const failure = assertThrows(
      () => socket.join(index, group(1)),
      NativeError,
    );
    assertEquals(failure.reason, "closed");
  });

  test("GroupSocket.join() says when the socket is full; another takes more", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    const index = interfaceIndex(library, "near");
    using first = new GroupSocket(library);
    let held = 0;
    while (held < MANY && first.join(index, group(held)) === "joined") held++;
    assert(held > 50 && held < MANY, `${held} groups`);
    using second = new GroupSocket(library);
    assertEquals(second.join(index, group(held)), "joined");
    assertEquals(first.leave(index, group(0)), true);
    assertEquals(first.join(index, group(held + 1)), "joined");
  });

  test("GroupSocket.leave() forgives a vanished interface", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    const index = interfaceIndex(library, "near");
    using socket = new GroupSocket(library);
    assertEquals(socket.join(index, group(1)), "joined");
    namespace.ip("link", "delete", "near");
    assertEquals(typeof socket.leave(index, group(1)), "boolean");
    assertEquals(socket.leave(index, group(1)), false);
  });
});

Deno.test("GroupSocket.join() refuses what cannot be joined", () => {
  using library = openLibrary();
  using socket = new GroupSocket(library);
  const absent = assertThrows(
    () => socket.join(0x7ffffff, group(1)),
    NativeError,
    "on interface 134217727",
  );
  assertEquals([absent.reason, absent.code], ["interfaceMissing", "ENODEV"]);
  const unicast = group(1);
  unicast[0] = 0x20;
  const refused = assertThrows(() => socket.join(1, unicast), NativeError);
  assertEquals([refused.reason, refused.code], ["systemCall", "EINVAL"]);
  for (const length of [4, 15, 17]) {
    assertThrows(() => socket.join(1, new Uint8Array(length)), RangeError);
  }
});
