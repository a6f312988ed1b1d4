import { assert, assertEquals, assertThrows } from "@std/assert";
import { receive, TEST_FILTER, testFrame } from "../tests/ffi/frames.ts";
import { NetworkNamespace } from "../tests/network_namespace.ts";
import { privilegedTests } from "../tests/privileges.ts";
import { CaptureHandle, type CaptureOptions } from "./capture.ts";
import { type NativeLibrary, openLibrary, symbolsOf } from "./library.ts";
import { NativeError } from "./native_error.ts";

/** Two handles at the ends of a wire, in a namespace of their own. */
interface Wire extends Disposable {
  readonly library: NativeLibrary;
  readonly namespace: NetworkNamespace;
  readonly near: CaptureHandle;
  readonly far: CaptureHandle;
}

function openWire(options: CaptureOptions = {}): Wire {
  const stack = new DisposableStack();
  const namespace = stack.use(NetworkNamespace.enter());
  namespace.wire("near", "far");
  const library = stack.use(openLibrary());
  const [near, far] = (["near", "far"] as const).map((name) => {
    const handle = stack.use(CaptureHandle.open(library, name, options));
    handle.setFilter(TEST_FILTER);
    return handle;
  });
  assert(near !== undefined && far !== undefined);
  return {
    library,
    namespace,
    near,
    far,
    [Symbol.dispose]: () => stack.dispose(),
  };
}

privilegedTests(import.meta.url, (test) => {
  test("CaptureHandle.next() copies the frame that send() put on the wire", () => {
    using wire = openWire();
    const frame = testFrame(90, 7);
    assert(wire.near.send(frame, 90));
    const received = receive(wire.library, wire.far);
    assertEquals(received, { bytes: frame, wireLength: 90 });
    assertEquals(wire.far.next(new Uint8Array(128)), 0);
  });

  test("CaptureHandle.next() keeps the frames apart and in order", () => {
    using wire = openWire();
    for (let i = 1; i <= 50; i++) {
      assert(wire.near.send(testFrame(14 + i, i), 14 + i));
    }
    const buffer = new Uint8Array(128);
    for (let i = 1; i <= 50; i++) {
      const length = wire.far.next(buffer);
      assertEquals(buffer.subarray(0, length), testFrame(14 + i, i));
    }
    assertEquals(wire.far.next(buffer), 0);
  });

  test("CaptureHandle.send() sends only the first bytes of the buffer", () => {
    using wire = openWire();
    assert(wire.near.send(testFrame(128, 3), 60));
    assertEquals(receive(wire.library, wire.far)?.wireLength, 60);
  });

  test("CaptureHandle.wireLength shows what snapLength cut off", () => {
    using wire = openWire({ snapLength: 64 });
    assert(wire.near.send(testFrame(1000, 3), 1000));
    const received = receive(wire.library, wire.far);
    assertEquals(received?.bytes, testFrame(64, 3));
    assertEquals(received?.wireLength, 1000);
  });

  test("CaptureHandle.wireLength shows what the buffer could not hold", () => {
    using wire = openWire();
    assert(wire.near.send(testFrame(100, 3), 100));
    const buffer = new Uint8Array(30);
    assertEquals(wire.far.next(buffer), 30);
    assertEquals(buffer, testFrame(30, 3));
    assertEquals(wire.far.wireLength, 100);
  });

  test("CaptureHandle.arrivedAt is between a frame's sending and its reading", () => {
    using wire = openWire();
    const sent = Date.now();
    assert(wire.near.send(testFrame(60, 3), 60));
    assert(receive(wire.library, wire.far) !== undefined);
    // Date.now() leaves out what is less than a millisecond.
    const read = Date.now() + 1;
    const { arrivedAt } = wire.far;
    assert(
      sent <= arrivedAt && arrivedAt <= read,
      `${[sent, arrivedAt, read]}`,
    );
  });

  test("CaptureHandle delivers into shared memory", () => {
    using wire = openWire();
    assert(wire.near.send(testFrame(60, 9), 60));
    const shared = new Uint8Array(new SharedArrayBuffer(128));
    assertEquals(wire.far.next(shared), 60);
    assertEquals(shared.slice(0, 60), testFrame(60, 9));
  });

  test("CaptureHandle does not see what its own host sends", () => {
    using wire = openWire();
    assert(wire.near.send(testFrame(60, 1), 60));
    using other = CaptureHandle.open(wire.library, "near");
    other.setFilter(TEST_FILTER);
    assert(other.send(testFrame(60, 2), 60));
    // Both have arrived at the far end; a copy would be here before them.
    assertEquals(receive(wire.library, wire.far)?.bytes[20], 1);
    assertEquals(receive(wire.library, wire.far)?.bytes[20], 2);
    const buffer = new Uint8Array(128);
    assertEquals([wire.near.next(buffer), other.next(buffer)], [0, 0]);
    assertEquals(wire.near.statistics().received, 0);
  });

  test("CaptureHandle with promiscuous receives other stations' frames", () => {
    using wire = openWire({ promiscuous: true });
    const details = wire.namespace.ip("-details", "link", "show", "far");
    assert(details.includes("promiscuity 1"), details);
    const stranger = [2, 0, 0, 0, 0, 99];
    assert(wire.near.send(testFrame(60, 1, stranger), 60));
    assertEquals(receive(wire.library, wire.far)?.wireLength, 60);
    wire.far.close();
    const after = wire.namespace.ip("-details", "link", "show", "far");
    assert(after.includes("promiscuity 0"), after);
  });

  test("CaptureHandle without promiscuous leaves the interface as it is", () => {
    using wire = openWire();
    const details = wire.namespace.ip("-details", "link", "show", "far");
    assert(details.includes("promiscuity 0"), details);
  });

  test("CaptureHandle.setFilter() keeps only what matches", () => {
    using wire = openWire();
    wire.far.setFilter("ether[14] = 5");
    for (const mark of [4, 5, 6]) {
      assert(wire.near.send(testFrame(60, mark), 60));
    }
    assertEquals(receive(wire.library, wire.far)?.bytes[20], 5);
    assertEquals(wire.far.next(new Uint8Array(128)), 0);
  });

  test("CaptureHandle.setFilter() refuses an expression and keeps the last one", () => {
    using wire = openWire();
    for (
      const expression of ["arp and and", "host nowhere.invalid/99", "\u0001"]
    ) {
      const failure = assertThrows(
        () => wire.far.setFilter(expression),
        NativeError,
        `Cannot compile filter ${JSON.stringify(expression)}: `,
      );
      assertEquals(failure.reason, "filterRefused");
      assertEquals(failure.operation, "pcap_compile");
    }
    assert(wire.near.send(testFrame(60, 1), 60));
    assertEquals(receive(wire.library, wire.far)?.bytes[20], 1);
  });

  test("CaptureHandle.statistics() counts received and dropped frames", () => {
    using wire = openWire({ bufferBytes: 4096, snapLength: 128 });
    const frame = testFrame(100, 1);
    for (let i = 0; i < 1000; i++) assert(wire.near.send(frame, 100));
    const { received, droppedByKernel, droppedByInterface } = wire.far
      .statistics();
    const buffer = new Uint8Array(128);
    let taken = 0;
    while (wire.far.next(buffer) > 0) taken++;
    assert(taken > 0 && droppedByKernel > 0, `${taken} ${droppedByKernel}`);
    assertEquals(received, 1000);
    assertEquals(taken, received - droppedByKernel);
    assertEquals(droppedByInterface, 0);
  });

  test("pcap_stats, pcap_compile and pcap_next_ex fill structures of the expected size", () => {
    using wire = openWire();
    const symbols = symbolsOf(wire.library);
    const errorText = new Uint8Array(256);
    const name = new TextEncoder().encode("far\0".padEnd(128, "\0"));
    const pcap = symbols.pcap_create(name, errorText);
    assert(pcap !== null);
    assertEquals(symbols.pcap_set_immediate_mode(pcap, 1), 0);
    assertEquals(symbols.pcap_activate(pcap), 0);
    assertEquals(symbols.pcap_setnonblock(pcap, 1, errorText), 0);
    const statistics = new Uint32Array(32).fill(0xaaaaaaaa);
    assertEquals(symbols.pcap_stats(pcap, statistics), 0);
    assertEquals([...statistics.subarray(0, 4)], [0, 0, 0, 0xaaaaaaaa]);

    const program = new BigUint64Array(16).fill(0xaaaaaaaaaaaaaaaan);
    const text = new TextEncoder().encode(TEST_FILTER.padEnd(128, "\0"));
    assertEquals(symbols.pcap_compile(pcap, program, text, 1, 0xffffffff), 0);
    const [count = 0n, instructions = 0n, beyond] = program;
    assertEquals(Number(count & 0xffffffffn), 4, "instructions of bpf_program");
    assert(instructions !== 0n && instructions !== 0xaaaaaaaaaaaaaaaan);
    assertEquals(beyond, 0xaaaaaaaaaaaaaaaan);
    assertEquals(symbols.pcap_setfilter(pcap, program), 0);
    symbols.pcap_freecode(program);

    const sentAt = Date.now() / 1000;
    assert(wire.near.send(testFrame(77, 1), 77));
    assert(receive(wire.library, wire.far) !== undefined);
    const headerAt = new BigUint64Array(16);
    const frameAt = new BigUint64Array(16);
    assertEquals(symbols.pcap_next_ex(pcap, headerAt, frameAt), 1);
    const header = new BigUint64Array(16);
    symbols.memcpy(header, headerAt[0] ?? 0n, 24n);
    const [seconds = 0n, microseconds = 0n, lengths] = header;
    assert(Math.abs(Number(seconds) - sentAt) < 60, `tv_sec ${seconds}`);
    assert(microseconds < 1_000_000n, `tv_usec ${microseconds}`);
    assertEquals(lengths, 77n << 32n | 77n, "caplen and len");
    symbols.pcap_close(pcap);
  });
});
