import { assert, assertEquals, assertThrows } from "@std/assert";
import { NetworkNamespace } from "../tests/network_namespace.ts";
import { privilegedTests } from "../tests/privileges.ts";
import { openLibrary, symbolsOf } from "./library.ts";
import { lastErrno, nativeBuffer } from "./memory.ts";
import { ERRNO, NativeError } from "./native_error.ts";
import {
  dumpAddresses,
  dumpLinks,
  interfaceIndex,
  LinkMonitor,
} from "./netlink.ts";
import { PollSet } from "./poll_set.ts";

const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const NLMSG_DONE = 3;

/** Message types of a dump, in order. */
function types(dump: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(dump.buffer);
  const found: number[] = [];
  for (let at = 0; at < dump.byteLength;) {
    found.push(view.getUint16(at + 4, true));
    at += (view.getUint32(at, true) + 3) & ~3;
  }
  return found;
}

privilegedTests(import.meta.url, (test) => {
  test("dumpLinks() lists all interfaces of a namespace with hundreds", () => {
    using namespace = NetworkNamespace.enter();
    using library = openLibrary();
    assertEquals(types(dumpLinks(library)), [RTM_NEWLINK, NLMSG_DONE]);
    const lines = Array.from(
      { length: 150 },
      (_, i) => `link add wire${i} type veth peer name peer${i}\n`,
    );
    const file = Deno.makeTempFileSync();
    try {
      Deno.writeTextFileSync(file, lines.join(""));
      namespace.ip("-batch", file);
    } finally {
      Deno.removeSync(file);
    }
    const found = types(dumpLinks(library));
    assertEquals(found.filter((type) => type === RTM_NEWLINK).length, 301);
    assertEquals(found.at(-1), NLMSG_DONE);
  });

  test("dumpAddresses() lists the addresses of both families", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    const before = types(dumpAddresses(library));
    namespace.ip("address", "add", "192.0.2.1/24", "dev", "near");
    namespace.ip("address", "add", "2001:db8::1/64", "dev", "near");
    const after = types(dumpAddresses(library));
    assertEquals(after.length, before.length + 2);
    assert(after.slice(0, -1).every((type) => type === RTM_NEWADDR));
    assertEquals(after.at(-1), NLMSG_DONE);
  });

  test("LinkMonitor is readable after each kind of change", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using monitor = new LinkMonitor(library);
    const poll = new PollSet(library, 1);
    poll.add(monitor.fd);
    assertEquals([poll.wait(0), monitor.drain()], [0, false]);
    for (
      const change of [
        "link set near down",
        "link set near address 02:00:00:00:00:99",
        "address add 192.0.2.1/24 dev far",
        "address add 2001:db8::1/64 dev far nodad",
        "address delete 192.0.2.1/24 dev far",
        "link set near name nearer",
        "link delete nearer",
      ]
    ) {
      namespace.ip(...change.split(" "));
      assertEquals([poll.wait(2000), monitor.drain()], [1, true], change);
      // A change can have echoes (carrier, routes): let them pass.
      while (poll.wait(20) > 0) monitor.drain();
    }
  });

  test("LinkMonitor.drain() reports a change also when notices were lost", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    using library = openLibrary();
    using monitor = new LinkMonitor(library);
    using other = new LinkMonitor(library);
    const file = Deno.makeTempFileSync();
    try {
      const toggle = "link set far mtu 1400\nlink set far mtu 1500\n";
      Deno.writeTextFileSync(file, toggle.repeat(500));
      namespace.ip("-batch", file);
    } finally {
      Deno.removeSync(file);
    }
    // Reading takes the error away, so another monitor shows that it was there.
    const buffer = nativeBuffer(32);
    const { recv } = symbolsOf(library);
    assertEquals(recv(other.fd, buffer, 32n, 0), -1);
    assertEquals(lastErrno(symbolsOf(library)), ERRNO.ENOBUFS);
    assertEquals([monitor.drain(), monitor.drain()], [true, false]);
  });
});

Deno.test("interfaceIndex() finds loopback and refuses an absent name", () => {
  using library = openLibrary();
  assertEquals(interfaceIndex(library, "lo"), 1);
  const failure = assertThrows(
    () => interfaceIndex(library, "absent"),
    NativeError,
    'Cannot find interface "absent"',
  );
  assertEquals([failure.reason, failure.code], ["interfaceMissing", "ENODEV"]);
});

Deno.test("LinkMonitor refuses to be used when closed", () => {
  using library = openLibrary();
  const monitor = new LinkMonitor(library);
  monitor.close();
  monitor.close();
  assertEquals(monitor.fd, -1);
  const failure = assertThrows(() => monitor.drain(), NativeError);
  assertEquals(failure.reason, "closed");
});

Deno.test("bind and setsockopt expect structures of the expected size", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  const netlink = symbols.socket(16, 3 | 0o2000000, 0);
  const groups = symbols.socket(10, 2 | 0o2000000, 0);
  const address = nativeBuffer(12);
  address[0] = 16;
  const membership = nativeBuffer(20);
  membership.set([0xff, 0x02]);
  membership[15] = 0x42;
  membership[16] = 1;
  try {
    assertEquals(symbols.bind(netlink, address, 11), -1, "sockaddr_nl");
    assertEquals(symbols.bind(netlink, address, 12), 0, "sockaddr_nl");
    assertEquals(symbols.setsockopt(groups, 41, 20, membership, 19), -1);
    assertEquals(symbols.setsockopt(groups, 41, 20, membership, 20), 0);
  } finally {
    assertEquals([symbols.close(netlink), symbols.close(groups)], [0, 0]);
  }
});
