/**
 * A small program on ffi/ for tests that need a process of their own: with
 * other permissions, other capabilities, or a signal. Prints one JSON object.
 *
 * Usage: probe.ts <verb> [argument…]
 *
 * @module
 */
import {
  CaptureHandle,
  DatagramSocket,
  dumpAddresses,
  dumpLinks,
  EventFd,
  GroupSocket,
  interfaceIndex,
  LinkMonitor,
  monotonicNow,
  NativeError,
  type NativeLibrary,
  notifyEventFd,
  openLibrary,
  pinToCpu,
  PollSet,
  raiseSchedulingClass,
  requireRawFrames,
  SocketAddress,
} from "../../ffi/mod.ts";

/** What a verb found out. */
type Finding = Readonly<Record<string, unknown>>;

const VERBS: Readonly<
  Record<string, (args: readonly string[]) => Finding | Promise<Finding>>
> = {
  open: (paths) => {
    using library = openLibrary(paths.length === 0 ? {} : { paths });
    return { path: library.path };
  },
  capture: ([name = ""]) => {
    using library = openLibrary();
    using handle = CaptureHandle.open(library, name);
    return { fd: handle.fd };
  },
  rawFrames: () => {
    using library = openLibrary();
    requireRawFrames(library);
    return { allowed: true };
  },
  everything: ([first = "", second = ""]) => {
    using library = openLibrary();
    return {
      frame: sendOverWire(library, first, second),
      ...useDescriptors(library),
      joined: joinGroup(library, first),
      links: dumpLinks(library).byteLength,
      addresses: dumpAddresses(library).byteLength,
      schedulingClass: raiseSchedulingClass(library),
    };
  },
  datagram: ([name = ""]) => {
    using library = openLibrary();
    using socket = DatagramSocket.open(library, {
      family: "IPv4",
      interfaceName: name,
      interfaceIndex: interfaceIndex(library, name),
      port: 7947,
    });
    const poll = new PollSet(library, 1);
    poll.add(socket.fd);
    const to = SocketAddress.of(Uint8Array.of(127, 0, 0, 1), 7947);
    if (!socket.send(new Uint8Array(128).fill(0x2a), 1, to)) {
      throw socket.failure;
    }
    poll.wait(2000);
    const length = socket.receive();
    const received = socket.datagram.slice(0, length).toHex();
    return { received, hopLimit: socket.hopLimit };
  },
  schedule: ([cpu]) => {
    using library = openLibrary();
    if (cpu !== undefined) pinToCpu(library, Number(cpu));
    const schedulingClass = raiseSchedulingClass(library);
    return { schedulingClass, ...threadState() };
  },
  interrupted: async () => {
    using library = openLibrary();
    let signals = 0;
    const count = () => signals++;
    Deno.addSignalListener("SIGUSR1", count);
    const sender = new Deno.Command("sh", {
      args: ["-c", `sleep 0.05; kill -USR1 ${Deno.pid}`],
    }).spawn();
    const start = monotonicNow(library);
    const ready = new PollSet(library, 1).wait(250);
    const waited = monotonicNow(library) - start;
    await sender.status;
    // The listener runs in a later turn of the event loop.
    while (signals === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    Deno.removeSignalListener("SIGUSR1", count);
    return { ready, waited, signals };
  },
};

/** Sends one frame over a wire and says what arrived. */
function sendOverWire(
  library: NativeLibrary,
  first: string,
  second: string,
): string {
  using sender = CaptureHandle.open(library, first);
  using receiver = CaptureHandle.open(library, second);
  receiver.setFilter("ether proto 0x88b5");
  const frame = new Uint8Array(60).fill(0xff, 0, 6);
  frame.set([0x88, 0xb5, 0x2a], 12);
  const poll = new PollSet(library, 1);
  poll.add(receiver.fd);
  if (!sender.send(frame, frame.byteLength)) throw sender.failure;
  poll.wait(2000);
  const received = new Uint8Array(128);
  const length = receiver.next(received);
  return `${length} ${received[14]} ${receiver.statistics().received}`;
}

function useDescriptors(library: NativeLibrary): Finding {
  using event = new EventFd(library);
  using monitor = new LinkMonitor(library);
  const poll = new PollSet(library, 2);
  poll.add(event.fd);
  poll.add(monitor.fd);
  notifyEventFd(library, event.fd);
  return { ready: poll.wait(0), rings: event.drain(), news: monitor.drain() };
}

function joinGroup(library: NativeLibrary, name: string): string {
  using socket = new GroupSocket(library);
  const group = new Uint8Array(16);
  group.set([0xff, 0x02]);
  group.set([1, 0xff, 0, 0, 1], 11);
  return socket.join(interfaceIndex(library, name), group);
}

/** The calling thread's class, see proc_pid_stat(5) and proc_pid_status(5). */
function threadState(): Finding {
  const stat = Deno.readTextFileSync("/proc/thread-self/stat");
  // The second field is a name in parentheses, which may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = Deno.readTextFileSync("/proc/thread-self/status");
  const cpus = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  return {
    nice: Number(fields[16]),
    realTimePriority: Number(fields[37]),
    policy: Number(fields[38]),
    cpus,
  };
}

const [verb = "", ...args] = Deno.args;
const run = VERBS[verb];
if (run === undefined) throw new Error(`Cannot run "${verb}": no such verb`);
let finding: Finding;
try {
  finding = await run(args);
} catch (failure) {
  if (!(failure instanceof NativeError)) throw failure;
  const { message, operation, errno, code, reason } = failure;
  finding = { message, operation, errno, code, reason };
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(finding) + "\n"));
