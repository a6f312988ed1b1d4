import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../tests/bytes.ts";
import { runProbe } from "../tests/ffi/run_probe.ts";
import { NetworkNamespace } from "../tests/network_namespace.ts";
import { privilegedTests } from "../tests/privileges.ts";
import { CaptureHandle } from "./capture.ts";
import {
  DatagramSocket,
  type DatagramSocketOptions,
  NONE_WAITING,
} from "./datagram_socket.ts";
import { type NativeLibrary, openLibrary } from "./library.ts";
import { nativeBuffer } from "./memory.ts";
import { NativeError } from "./native_error.ts";
import { interfaceIndex } from "./netlink.ts";
import { PollSet } from "./poll_set.ts";
import { SocketAddress, type SocketFamily } from "./socket_address.ts";

const PORT = 7947;
const ADDRESSES = {
  IPv4: {
    near: "192.0.2.1/24",
    far: "192.0.2.2/24",
    nearBytes: "c0000201",
    farBytes: "c0000202",
  },
  IPv6: {
    near: "fe80::1/64",
    far: "fe80::2/64",
    nearBytes: "fe800000000000000000000000000001",
    farBytes: "fe800000000000000000000000000002",
  },
} as const;

function open(
  library: NativeLibrary,
  interfaceName: string,
  family: SocketFamily,
  change: Partial<DatagramSocketOptions> = {},
): DatagramSocket {
  const index = interfaceIndex(library, interfaceName);
  const options = { family, interfaceName, interfaceIndex: index, port: PORT };
  return DatagramSocket.open(library, { ...options, ...change });
}

/** Two namespaces with a wire between them; the test is in the one of "near". */
class Link implements Disposable {
  readonly library: NativeLibrary = openLibrary();
  readonly near: NetworkNamespace = NetworkNamespace.enter();
  /** A socket at the other end; keeps its namespace alive. */
  readonly far: DatagramSocket;
  readonly farCapture: CaptureHandle;

  constructor(family: SocketFamily) {
    {
      using far = NetworkNamespace.enter();
      far.wireOutside("near", "far");
      this.#addAddresses(far, "far");
      this.far = open(this.library, "far", family);
      this.farCapture = CaptureHandle.open(this.library, "far");
      this.farCapture.setFilter("udp");
    }
    this.near.ip("link", "set", "near", "addrgenmode", "none", "up");
    this.#addAddresses(this.near, "near");
  }

  [Symbol.dispose](): void {
    this.library.close();
    this.near[Symbol.dispose]();
  }

  #addAddresses(namespace: NetworkNamespace, name: "near" | "far"): void {
    for (const address of [ADDRESSES.IPv4[name], ADDRESSES.IPv6[name]]) {
      const nodad = address.includes(":") ? ["nodad"] : [];
      namespace.ip("address", "add", address, "dev", name, ...nodad);
    }
  }
}

/** The next datagram in hexadecimal; fails when none comes. */
function receive(library: NativeLibrary, socket: DatagramSocket): string {
  const poll = new PollSet(library, 1);
  poll.add(socket.fd);
  assertEquals(poll.wait(3000), 1, "no datagram");
  const length = socket.receive();
  assert(length >= 0, `${length}`);
  return toHex(socket.datagram.subarray(0, length));
}

function packet(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = nativeBuffer(0);
  bytes.set(fromHex(hex));
  return bytes;
}

privilegedTests(import.meta.url, (test) => {
  for (const family of ["IPv4", "IPv6"] as const) {
    const { farBytes, nearBytes } = ADDRESSES[family];

    test(`DatagramSocket carries ${family} datagrams both ways`, () => {
      using link = new Link(family);
      const { library, far } = link;
      using near = open(library, "near", family);
      const scope = interfaceIndex(library, "near");
      const to = SocketAddress.of(fromHex(farBytes), PORT, scope);
      assertEquals(far.receive(), NONE_WAITING);
      assert(near.send(packet("010203"), 3, to));
      assertEquals(receive(library, far), "010203");
      assertEquals(toHex(far.source.address), nearBytes);
      assertEquals([far.source.port, far.hopLimit], [PORT, 255]);
      assert(far.send(packet("0405"), 2, far.source));
      assertEquals(receive(library, near), "0405");
      assert(near.source.equals(to));
      assertEquals(near.receive(), NONE_WAITING);
    });

    test(`DatagramSocket marks ${family} as network control`, () => {
      using link = new Link(family);
      const { library, farCapture } = link;
      using near = open(library, "near", family);
      const scope = interfaceIndex(library, "near");
      const to = SocketAddress.of(fromHex(farBytes), PORT, scope);
      assert(near.send(packet("01"), 1, to));
      receive(library, link.far);
      const frame = new Uint8Array(128);
      assert(farCapture.next(frame) > 0);
      const [trafficClass, hopLimit] = family === "IPv4"
        ? [frame[15], frame[22]]
        : [((frame[14] ?? 0) << 4 | (frame[15] ?? 0) >> 4) & 0xff, frame[21]];
      assertEquals([trafficClass, hopLimit], [0xc0, 255]);
    });

    test(`DatagramSocket tells the hop limit of ${family} from further away`, () => {
      using link = new Link(family);
      const { library, far } = link;
      const [host = ""] = ADDRESSES[family].far.split("/");
      // An ordinary socket sends with the system's hop limit.
      const target = family === "IPv4" ? host : `[${host}%near]`;
      const { success } = new Deno.Command("bash", {
        args: [
          "-c",
          `echo -n x > /dev/udp/${target.replaceAll(/[[\]]/g, "")}/${PORT}`,
        ],
      }).outputSync();
      assert(success);
      assertEquals(receive(library, far), "78");
      assertEquals(far.hopLimit, 64);
    });

    test(`DatagramSocket tells how long a cut ${family} datagram was`, () => {
      using link = new Link(family);
      const { library, far } = link;
      using near = open(library, "near", family);
      const scope = interfaceIndex(library, "near");
      const to = SocketAddress.of(fromHex(farBytes), PORT, scope);
      // Fragments: a link of 1500 bytes does not hold it.
      assert(near.send(new Uint8Array(4000), 4000, to));
      // An empty one is not the same as none.
      assert(near.send(packet(""), 0, to));
      const poll = new PollSet(library, 1);
      poll.add(far.fd);
      assertEquals(poll.wait(3000), 1);
      assertEquals([far.receive(), far.datagram.length], [4000, 2048]);
      assertEquals(receive(library, far), "");
      assertEquals(far.receive(), NONE_WAITING);
    });

    test(`DatagramSocket outlives its interface, ${family}`, () => {
      using link = new Link(family);
      const { library } = link;
      using near = open(library, "near", family);
      const scope = interfaceIndex(library, "near");
      const to = SocketAddress.of(fromHex(farBytes), PORT, scope);
      assert(near.send(packet("01"), 1, to));
      link.near.ip("link", "delete", "near");
      assertEquals(near.send(packet("01"), 1, to), false);
      assertEquals(near.failure.operation, "sendto");
      assert(near.failure.errno > 0, near.failure.message);
      assertEquals(near.receive(), NONE_WAITING);
    });
  }

  test("DatagramSocket hears only its interface", () => {
    using link = new Link("IPv4");
    const { library, far } = link;
    link.near.wire("other", "nobody");
    using other = open(library, "other", "IPv4");
    using near = open(library, "near", "IPv4");
    const to = SocketAddress.of(fromHex(ADDRESSES.IPv4.nearBytes), PORT);
    assert(far.send(packet("01"), 1, to));
    assertEquals(receive(library, near), "01");
    assertEquals(other.receive(), NONE_WAITING);
  });

  test("DatagramSocket.open() says what is wrong", () => {
    using link = new Link("IPv6");
    const { library } = link;
    using _ = open(library, "near", "IPv6");
    const reasonOf = (
      name: string,
      change: Partial<DatagramSocketOptions> = {},
    ): string =>
      assertThrows(
        () => open(library, "near", "IPv6", { interfaceName: name, ...change }),
        NativeError,
        `on "${name}"`,
      ).reason;
    assertEquals(reasonOf("near"), "portInUse");
    assertEquals(reasonOf("absent"), "interfaceMissing");
    const other = { port: PORT + 1 };
    assertEquals(reasonOf("lo", other), "interfaceMissing");
    assertEquals(reasonOf("near".padEnd(20, "x"), other), "interfaceMissing");
  });

  test("DatagramSocket refuses to be misused", () => {
    using link = new Link("IPv6");
    const { library, far } = link;
    const near = open(library, "near", "IPv6");
    assertThrows(() => near.send(packet("01"), 129, far.source), RangeError);
    const ipv4 = SocketAddress.of(fromHex("c0000201"), PORT);
    assertThrows(() => near.send(packet("01"), 1, ipv4), RangeError);
    library.close();
    assertEquals(near.fd, -1);
    const failure = assertThrows(() => near.receive(), NativeError);
    assertEquals(failure.reason, "closed");
  });

  test("DatagramSocket runs under --allow-ffi for one path, with CAP_NET_RAW alone", () => {
    using namespace = NetworkNamespace.enter();
    namespace.ip("address", "add", "192.0.2.1/24", "dev", "lo");
    const finding = runProbe(["datagram", "lo"], {
      through: ["setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all"],
    });
    assertEquals(finding, { received: "2a", hopLimit: 255 });
  });
});
